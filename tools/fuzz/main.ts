// The command `pnpm fuzz`: see README.md beside it.

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { type FailureFile, readCorpus, writeCorpus, writeFailure } from "./corpus.ts";
import { bytesOf, type Decoder, hexOf } from "./decoder.ts";
import { allDecoders } from "./decoders/all.ts";
import { makeCorpus } from "./make-corpus.ts";
import { decodeInput, makeInput, type Tally } from "./run-inputs.ts";

/** A thread that stays at one input for so long hangs, in milliseconds. */
const HANG = 60_000;
/** The most memory of a thread, in megabytes. */
const MEMORY = 512;

const USAGE = `Usage: pnpm fuzz [--inputs N] [--seed S] [--decoder NAME]… [--threads N]
       pnpm fuzz --replay FILE      decodes again what failed
       pnpm fuzz --list             names the decoders
       pnpm fuzz --write-corpus     makes the corpus anew`;

const { values } = parseArgs({
  // `pnpm run` hands on the `--` that is put before options.
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    decoder: { type: "string", multiple: true, default: [] },
    threads: { type: "string", default: String(availableParallelism()) },
    replay: { type: "string" },
    list: { type: "boolean", default: false },
    "write-corpus": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const root = process.env["FUZZ_ROOT"] ?? process.cwd();

/** Writes a line. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function replay(file: string): Promise<number> {
  const { decoder: name, origin, hex } = JSON.parse(readFileSync(file, "utf8")) as FailureFile;
  const decoder = (await allDecoders(readCorpus(root))).find((one) => one.name === name);
  if (decoder === undefined) throw new Error(`There is no decoder ${name}.`);
  const code = await decodeInput(decoder, bytesOf(hex), origin);
  say(code === undefined ? "Accepted, and nothing is wrong with it." : `Refused with ${code}.`);
  return 0;
}

/** Runs all threads to their end. Resolves with a tally of each decoder and thread. */
async function runThreads(decoders: readonly Decoder[]): Promise<readonly Tally[]> {
  const [inputs, seed, threads] = [Number(values.inputs), Number(values.seed), Number(values.threads)];
  const place = new Int32Array(new SharedArrayBuffer(8 * threads));
  const tallies: Tally[] = [];
  const corpus = readCorpus(root);
  const atFault = (thread: number, why: string): void => {
    const decoder = decoders[place[2 * thread]!]!;
    const index = place[2 * thread + 1]!;
    const { input, origin } = makeInput(decoder, corpus.get(decoder.name)!, seed, index);
    const failure = { decoder: decoder.name, origin, seed, index, why, hex: hexOf(input) };
    const empty = { slowest: { milliseconds: 0, index, bytes: 0 }, growth: 0, accepted: 0, refused: {} };
    tallies.push({ decoder: decoder.name, inputs: 1, failures: [failure], ...empty });
  };
  const run = async (thread: number): Promise<void> => {
    const only = values.decoder;
    const worker = new Worker(new URL("worker.mjs", import.meta.url), {
      workerData: { root, seed, inputs, only, thread, threads, place },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    });
    worker.on("message", (tally: Tally) => tallies.push(tally));
    let before = -1;
    const watch = setInterval(() => {
      const at = place[2 * thread]! * 2 ** 31 + place[2 * thread + 1]!;
      if (at === before) {
        atFault(thread, `it takes more than ${HANG / 1000} seconds`);
        void worker.terminate();
      }
      before = at;
    }, HANG);
    await new Promise<void>((resolve) => {
      worker.on("error", (error) => atFault(thread, error.stack ?? error.message));
      worker.on("exit", () => resolve());
    });
    clearInterval(watch);
  };
  await Promise.all(Array.from({ length: threads }, (_, thread) => run(thread)));
  return tallies;
}

/** The tallies of all threads for one decoder, together. */
function together(tallies: readonly Tally[]): Tally {
  const [first, ...rest] = tallies;
  const sum = structuredClone(first!);
  for (const { inputs, accepted, refused, slowest, growth, failures } of rest) {
    sum.inputs += inputs;
    sum.accepted += accepted;
    for (const [code, count] of Object.entries(refused)) sum.refused[code] = (sum.refused[code] ?? 0) + count;
    if (slowest.milliseconds > sum.slowest.milliseconds) sum.slowest = slowest;
    sum.growth = Math.max(sum.growth, growth);
    sum.failures.push(...failures);
  }
  return sum;
}

function report(sums: readonly Tally[], seconds: number): number {
  for (const { decoder, inputs, accepted, refused, slowest, growth } of sums) {
    const codes = Object.entries(refused).sort(([, a], [, b]) => b - a);
    const shown = codes.map(([code, count]) => `${code} ${count}`).join(", ");
    const cost = `slowest ${slowest.milliseconds.toFixed(1)} ms (${slowest.bytes} bytes, index ${slowest.index})`;
    say(
      `${decoder.padEnd(30)} ${inputs} inputs, ${accepted} accepted${shown && `, ${shown}`}; ${cost}; ${growth >> 10} KiB`,
    );
  }
  const inputs = sums.reduce((all, tally) => all + tally.inputs, 0);
  const slowest = sums.reduce((a, b) => (a.slowest.milliseconds > b.slowest.milliseconds ? a : b));
  const failures = sums.flatMap((tally) => tally.failures);
  say(
    `\n${inputs} inputs for ${sums.length} decoders in ${seconds.toFixed(1)} s: ${Math.round(inputs / seconds)} per second. ` +
      `Slowest: ${slowest.decoder}, ${slowest.slowest.milliseconds.toFixed(1)} ms. Seed ${values.seed}.`,
  );
  for (const failure of failures) {
    say(`\nFAILED: ${failure.decoder}, index ${failure.index}: ${failure.why}`);
    say(`pnpm fuzz --replay ${writeFailure(root, failure)}`);
  }
  say(`${failures.length} failures.`);
  return failures.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  if (values.help) {
    say(USAGE);
    return 0;
  }
  if (values["write-corpus"]) {
    writeCorpus(root, await makeCorpus());
    return 0;
  }
  if (values.replay !== undefined) return replay(values.replay);
  const all = await allDecoders(readCorpus(root));
  const unknown = values.decoder.find((name) => all.every((one) => one.name !== name));
  if (unknown !== undefined) throw new Error(`There is no decoder ${unknown}. --list names all of them.`);
  const decoders = all.filter(({ name }) => values.decoder.length === 0 || values.decoder.includes(name));
  if (values.list) {
    for (const { name } of decoders) say(name);
    return 0;
  }
  if (![values.inputs, values.seed, values.threads].every((text) => /^\d{1,10}$/.test(text)))
    throw new Error(USAGE);
  say(
    `${values.inputs} inputs, ${decoders.length} decoders, ${values.threads} threads, seed ${values.seed}.`,
  );
  const started = performance.now();
  const tallies = await runThreads(decoders);
  const sums = decoders.flatMap(({ name }) => {
    const own = tallies.filter((tally) => tally.decoder === name);
    return own.length === 0 ? [] : [together(own)];
  });
  return report(sums, (performance.now() - started) / 1000);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
}
