// The program that hunts: `pnpm hunt [--schedules 20000] [--seed 1] [--workers 2] [--all] [--shown]`.

import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hunt } from "./hunt.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    schedules: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: `${availableParallelism()}` },
    // How far the seeds of one worker are from each other.
    step: { type: "string", default: "1" },
    // Continues after a violation.
    all: { type: "boolean", default: false },
    // Prints what happens in each run.
    shown: { type: "boolean", default: false },
  },
});
const [schedules, seed, workers] = [values.schedules, values.seed, values.workers].map(Number) as Triple;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const begun = performance.now();

const found = workers > 1 ? await huntByWorkers() : await huntHere();
if (values.step === "1") {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  print(
    `${schedules} schedules from seed ${seed} in ${seconds} s: ${found === 0 ? "no" : found} violations.`,
  );
}
if (found > 0) process.exitCode = 1;

async function huntHere(): Promise<number> {
  let violations = 0;
  await hunt({
    ...{ seed, schedules, step: Number(values.step) },
    onRun(run) {
      if (values.shown) print(run.lines.join("\n"));
      if (run.violation === undefined) return false;
      violations++;
      print(
        `seed ${run.seed} (${run.schedule.plot}): ${run.violation.rule}: ${run.violation.message}\n` +
          `Shown by: pnpm hunt --seed ${run.seed} --schedules 1 --workers 1 --shown`,
      );
      return !values.all;
    },
  });
  return violations;
}

/** Each worker takes every n-th seed. */
async function huntByWorkers(): Promise<number> {
  const program = fileURLToPath(import.meta.url);
  const codes = await Promise.all(
    Array.from({ length: workers }, async (_, i) => {
      const share = Math.floor((schedules - i + workers - 1) / workers);
      const args = [
        "--workers",
        "1",
        "--seed",
        `${seed + i}`,
        "--step",
        `${workers}`,
        "--schedules",
        `${share}`,
      ];
      const flags = [...(values.all ? ["--all"] : []), ...(values.shown ? ["--shown"] : [])];
      const [code] = (await once(fork(program, [...args, ...flags]), "exit")) as [number | null];
      return code;
    }),
  );
  return codes.filter((code) => code !== 0).length;
}

type Triple = [schedules: number, seed: number, workers: number];
