// The runner of a session: vitest loads it into its worker, where it runs the tests once without a mutant, to see which
// test reaches which mutant, and then, for each mutant, the tests that reach it, until one of them fails.

import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TestRunner } from "vitest";
import { root } from "../../test-sets/sets.mjs";
import { mirrorsOf } from "../rooms.mjs";
import { Coverage } from "./coverage.mjs";
import { cpuSince } from "./cpu.mjs";
import { mutation } from "./state.mjs";
import { TestFiles } from "./test-files.mjs";

// The same inputs in each run; and no shrinking, because one failure is enough.
fc.configureGlobal({ seed: 1, endOnFailure: true });

/** Vitest wants a default export. */
// biome-ignore lint/style/noDefaultExport: vitest takes the default export of a runner
export default class MutationRunner extends TestRunner {
  async onBeforeRunFiles() {
    const plan = JSON.parse(readFileSync(process.env["MUTATION_PLAN"], "utf8"));
    const tell = (event) => appendFileSync(plan.results, `${JSON.stringify(event)}\n`);
    mutation.size = plan.files.reduce((sum, { count }) => sum + count, 0);
    const testFiles = new TestFiles(this);
    const files = new CoveredFiles(testFiles, tell);
    const tiers = plan.tiers.map((paths) => new Tier(paths, files));
    const mirrors = new Map(
      plan.files.map(({ path }) => [path, new Tier(mirrorsOf(path, plan.tiers[0]), files)]),
    );
    for (const number of plan.mutants) {
      if (plan.until !== undefined && Date.now() > plan.until) break;
      const source = plan.files.find(({ first, count }) => number >= first && number < first + count).path;
      await tryMutant(number, {
        mirror: mirrors.get(source),
        tiers: plan.narrowed.includes(number) ? tiers.slice(0, plan.own) : tiers,
        testFiles,
        tell,
        only: plan.only[number],
        source,
      });
    }
    tell({ type: "end" });
  }
}

async function tryMutant(number, { mirror, tiers, testFiles, tell, only, source }) {
  const began = process.cpuUsage();
  for (const tier of [mirror, ...tiers]) {
    const coverage = await tier.coverage();
    tell({ type: "begin", number });
    for (const { path, ...tests } of coverage.testsOf(number, source)) {
      if (only !== undefined && path !== only) continue;
      if (tier !== mirror && mirror.paths.includes(path)) continue;
      const by = await testFiles.kills(join(root, path), number, tests);
      if (by === undefined) continue;
      tell({ type: "killed", number, path, by, ms: cpuSince(began) });
      return;
    }
  }
  tell({ type: "survived", number, ms: cpuSince(began) });
}

/** Test files, each of which runs without a mutant when it is needed for the first time. */
class CoveredFiles {
  #testFiles;
  #tell;
  #results = new Map();

  constructor(testFiles, tell) {
    this.#testFiles = testFiles;
    this.#tell = tell;
  }

  cover(path) {
    if (!this.#results.has(path)) this.#results.set(path, this.#cover(path));
    return this.#results.get(path);
  }

  async #cover(path) {
    this.#tell({ type: "covering", path });
    const result = await this.#testFiles.cover(join(root, path));
    this.#tell({ type: "covered", path, ms: Math.round(result.ms), failed: result.failed });
    return result;
  }
}

/** Some test files, which are asked together. */
class Tier {
  paths;
  #files;
  #coverage;

  constructor(paths, files) {
    this.paths = paths;
    this.#files = files;
  }

  coverage() {
    this.#coverage ??= this.#cover();
    return this.#coverage;
  }

  async #cover() {
    const coverage = new Coverage();
    for (const path of this.paths) {
      const result = await this.#files.cover(path);
      if (result.failed === undefined) coverage.add(path, result);
    }
    return coverage;
  }
}
