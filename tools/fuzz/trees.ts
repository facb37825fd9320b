// The command `pnpm fuzz:trees`: reads logs from storage that rewrites whole trees without the key.

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { readRewritten } from "./trees/read-rewritten.ts";
import { writeRealLogs } from "./trees/real-log.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    trees: { type: "string", default: "10000" },
    first: { type: "string", default: "0" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
  },
});
const [seed, first, count] = [Number(values.seed), Number(values.first), Number(values.trees)];

const logs = await writeRealLogs();
const codes = new Map<string, number>();
let [delivered, whole] = [0, 0];
const started = performance.now();
for (let index = first; index < first + count; index++) {
  try {
    const outcome = await readRewritten(logs, seed, index);
    delivered += outcome.delivered;
    if (outcome.codes.length === 0) whole++;
    for (const code of outcome.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
  } catch (error) {
    process.stdout.write(`FAILED: pnpm fuzz:trees --trees 1 --seed ${seed} --first ${index}\n`);
    throw error;
  }
}
const seconds = (performance.now() - started) / 1000;
const refused = [...codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${times}`);
process.stdout.write(
  `${count} sets of rewritten trees in ${seconds.toFixed(1)} s, seed ${seed}: ${delivered} entries delivered, all as they were ` +
    `written; ${whole} sets were read without an error; refused: ${refused.join(", ")}.\n`,
);
