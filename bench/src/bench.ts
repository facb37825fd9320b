import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeRun } from "./describe-run.ts";
import type { CountsOfTasks } from "./remote/log-tasks.ts";
import { printReport } from "./report.ts";
import { runRounds, type Task, withFloors } from "./task.ts";

/** A benchmark that runs against a server. */
export interface ServerBench {
  /** What reports call it: `"s3"`. */
  readonly name: string;
  /** The tasks, and how the server is stopped. */
  readonly start: (folder: string, counts: CountsOfTasks) => Promise<StartedBench>;
}

/** A server that runs, and what is measured on it. */
interface StartedBench {
  readonly tasks: readonly Task[];
  readonly stop: () => Promise<void>;
}

/** Runs a benchmark that takes `--json`, `--rounds`, `--folder` and `--only`, and prints its report. */
export async function runServerBench({ name, start }: ServerBench): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      folder: { type: "string", default: tmpdir() },
      only: { type: "string", default: "" },
    },
  });
  const run = describeRun();
  const rounds = Number(values.rounds);
  const folder = await mkdtemp(join(values.folder, `remote-log-${name}-`));
  const counts: CountsOfTasks = new Map();
  try {
    const { tasks, stop } = await start(folder, counts);
    try {
      const figures = await runRounds(withFloors(tasks, values.only), rounds);
      const requests = Object.fromEntries([...counts].filter(([, kinds]) => Object.keys(kinds).length > 0));
      printReport({ bench: name, run, rounds, figures, requests }, values.json);
    } finally {
      await stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
