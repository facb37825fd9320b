// The runner of a session: vitest loads it into its worker, where it runs the tests once without a mutant, to see which
// test reaches which mutant, and then, for each mutant, the tests that reach it, until one of them fails.

import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TestRunner } from "vitest";
import { root } from "../../test-sets/sets.mjs";
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
    const tiers = plan.tiers.map((paths) => new Tier(paths, testFiles, tell));
    for (const number of plan.mutants) {
      if (plan.until !== undefined && Date.now() > plan.until) break;
      await tryMutant(number, {
        tiers: plan.narrowed.includes(number) ? tiers.slice(0, plan.own) : tiers,
        testFiles,
        tell,
        only: plan.only[number],
        source: plan.files.find(({ first, count }) => number >= first && number < first + count).path,
      });
    }
    tell({ type: "end" });
  }
}

async function tryMutant(number, { tiers, testFiles, tell, only, source }) {
  const began = process.cpuUsage();
  for (const tier of tiers) {
    const coverage = await tier.coverage();
    tell({ type: "begin", number });
    for (const { path, ...tests } of coverage.testsOf(number, source)) {
      if (only !== undefined && path !== only) continue;
      const by = await testFiles.kills(join(root, path), number, tests);
      if (by === undefined) continue;
      tell({ type: "killed", number, path, by, ms: cpuSince(began) });
      return;
    }
  }
  tell({ type: "survived", number, ms: cpuSince(began) });
}

/** Some test files, which run without a mutant when they are needed for the first time. */
class Tier {
  #coverage;

  constructor(paths, testFiles, tell) {
    this.coverage = () => {
      this.#coverage ??= cover(paths, testFiles, tell);
      return this.#coverage;
    };
  }
}

async function cover(paths, testFiles, tell) {
  const coverage = new Coverage();
  for (const path of paths) {
    tell({ type: "covering", path });
    const result = await testFiles.cover(join(root, path));
    tell({ type: "covered", path, ms: Math.round(result.ms), failed: result.failed });
    if (result.failed === undefined) coverage.add(path, result);
  }
  return coverage;
}
