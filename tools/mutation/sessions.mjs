// Starts sessions: runs of vitest that try many mutants. One that hangs is ended, and another one tries the rest.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../test-sets/sets.mjs";

/**
 * A session that says nothing for this long, in milliseconds, hangs in what its mutant does. A test that hangs without a mutant
 * has reached its own limit by then, and that of its hooks (`session/test-files.mjs`).
 */
const SILENCE = 400_000;

/**
 * What became of a mutant.
 *
 * @typedef {object} Verdict
 * @property {"killed" | "survived"} verdict
 * @property {string} [path] - the test file that failed
 * @property {string} [by] - the test that failed, or what else ended the mutant
 */

/**
 * Tries mutants.
 *
 * @param {readonly import("./mutations.mjs").Mutant[]} all - all mutants of some sources, file by file
 * @param {readonly number[]} mutants - which of them are tried
 * @param {object} how
 * @param {string[][]} how.tiers - the test files; those of each tier are asked if none of the tiers before it failed
 * @param {number} how.own - how many tiers are of the room itself
 * @param {(mutant: import("./mutations.mjs").Mutant) => boolean} how.narrow - for which mutants those are enough
 * @param {(event: any) => void} how.tell - hears each event of the session
 * @param {number | undefined} how.until - no mutant is begun after this time
 * @returns {Promise<Map<number, Verdict>>}
 */
export async function tryMutants(all, mutants, { tiers, own, narrow, tell, until }) {
  const paths = [...new Set(all.map(({ file }) => file))];
  const files = paths.map((path) => ({
    path,
    first: all.findIndex(({ file }) => file === path),
    count: all.filter(({ file }) => file === path).length,
  }));
  const narrowed = mutants.filter((number) => narrow(all[number]));
  const only = Object.fromEntries(all.map(({ test }, number) => [number, test]));
  const folder = mkdtempSync(join(tmpdir(), "mutation-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const verdicts = new Map();
  try {
    let left = mutants;
    while (left.length > 0 && (until === undefined || Date.now() < until)) {
      const plan = join(folder, "plan.json");
      const results = join(folder, "results.jsonl");
      writeFileSync(results, "");
      writeFileSync(
        plan,
        JSON.stringify({ files, mutants: left, tiers, own, only, narrowed, results, until }),
      );
      const ended = await runOnce(plan, results, tell);
      const events = readEvents(results);
      for (const { type, number, path, by } of events) {
        if (type === "killed" || type === "survived") verdicts.set(number, { verdict: type, path, by });
      }
      if (events.some(({ type }) => type === "end")) break;
      if (until !== undefined && Date.now() > until) break;
      const last = events.findLast(({ type }) => type === "begin");
      if (last === undefined || ended === "failed") {
        const { path = "its beginning" } = events.findLast(({ type }) => type === "covering") ?? {};
        throw new Error(
          `Vitest ended in ${path}, before any mutant was tried. Run that by itself to see why.`,
        );
      }
      verdicts.set(last.number, { verdict: "killed", by: `the session ${ended}` });
      left = left.filter((number) => !verdicts.has(number));
    }
  } finally {
    process.off("exit", remove);
    remove();
  }
  return verdicts;
}

async function runOnce(plan, results, tell) {
  const script = join(root, "node_modules/vitest/vitest.mjs");
  const config = join(root, "tools/mutation/session/vitest.config.mjs");
  const child = spawn(process.execPath, [script, "run", "--config", config], {
    cwd: root,
    env: { ...process.env, MUTATION_PLAN: plan },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  let ended = "ended early";
  let told = 0;
  let heard = Date.now();
  let size = 0;
  const timer = setInterval(() => {
    const now = statSync(results).size;
    if (now !== size) {
      size = now;
      heard = Date.now();
      const events = readEvents(results);
      for (const event of events.slice(told)) tell(event);
      told = events.length;
    } else if (Date.now() - heard > SILENCE) {
      ended = "hung";
      end();
    }
  }, 200);
  await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(timer);
  process.off("exit", end);
  const events = readEvents(results);
  for (const event of events.slice(told)) tell(event);
  if (!events.some(({ type }) => type === "begin" || type === "end")) {
    process.stderr.write(said);
    return "failed";
  }
  return ended;
}

/** The events so far; the last line may be written just now. */
function readEvents(path) {
  const text = readFileSync(path, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
