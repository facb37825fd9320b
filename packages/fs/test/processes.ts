import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const script = fileURLToPath(new URL("worker.mjs", import.meta.url));
const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

/** A child process that uses a folder, what it says, and how it ends. */
export interface Worker {
  readonly child: ChildProcess;
  /** Every whole line that it said, once it has ended. */
  readonly lines: Promise<readonly string[]>;
  /** Resolves when it says its first line. */
  readonly first: Promise<unknown>;
}

/** Starts `worker.mjs`, which runs the built package. It is ended after the tests of the file at the latest. */
export function startWorker(task: "rounds" | "free" | "endless", root: string, seed: string): Worker {
  const child = spawn(process.execPath, [script, task, root, seed], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  started.push(child);
  let said = "";
  let complaint = "";
  child.stdout!.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  child.stderr!.on("data", (piece: Buffer) => {
    complaint += piece.toString();
  });
  const first = once(child.stdout!, "data");
  const lines = once(child, "close").then(([code, signal]) => {
    if (code !== 0 && signal !== "SIGKILL")
      throw new Error(`The worker failed (${code}, ${signal}): ${complaint}`);
    return said.split("\n").slice(0, -1);
  });
  lines.catch(() => undefined);
  return { child, lines, first: Promise.race([first, lines]) };
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
