// The command `pnpm fuzz:journal`: tampers with every record of a writer's journal, and says what was noticed.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { bundledWorld, type JournalWorld, makeJournalWorld } from "./journal/journal-world.ts";
import { type Tampered, tamperings } from "./journal/tamper.ts";
import { useTampered } from "./journal/use-tampered.ts";
import { Random } from "./random.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    rounds: { type: "string", default: "10" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
  },
});
const seed = Number(values.seed);

const worlds = [await makeJournalWorld(), await makeJournalWorld(bundledWorld)];
const table = new Map<string, Map<string, number>>();
let count = 0;
let failures = 0;
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [world, tampered] of worlds.flatMap((one) => tamperedOf(one, round))) {
    const row = `a record "${tampered.record}" ${tampered.way}`;
    let outcome: string;
    try {
      const { kind, code } = await useTampered(world, tampered);
      outcome = code === undefined ? kind : `${kind} (${code})`;
    } catch (error) {
      failures++;
      outcome = `FAILED: ${error instanceof Error ? error.message : error}`;
    }
    const outcomes = table.get(row) ?? new Map<string, number>();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    table.set(row, outcomes);
    count++;
  }
}
/** Every way to tamper with a world; of one with many entries, with what is known of its remotes. */
function tamperedOf(world: JournalWorld, round: number): (readonly [JournalWorld, Tampered])[] {
  const all = [...tamperings(world, new Random(seed, "journal", round))];
  const wanted = world.shape === bundledWorld ? all.filter(({ key }) => /^[knr]/.test(key)) : all;
  return wanted.map((one) => [world, one] as const);
}

for (const [row, outcomes] of [...table].sort(([a], [b]) => (a < b ? -1 : 1))) {
  process.stdout.write(
    `${row}: ${[...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(", ")}\n`,
  );
}
process.stdout.write(`${count} journals, seed ${seed}, ${failures} failures.\n`);
if (failures > 0) process.exitCode = 1;
