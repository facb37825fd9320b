// A writer on which the system fails: `strace` lets one of its system calls fail, or kills it there.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fsRemote } from "@remote-log/fs";
import { checkLog } from "./killed-writer.ts";

const worker = fileURLToPath(new URL("syscall-worker.mjs", import.meta.url));

/**
 * The system calls that change files, by what they do. `openat` is not among them: LevelDB takes a log that it can't open for one that
 * is not there. The witness notices, and nothing is signed on top; what only the journal had needs a backup.
 */
const syscalls = {
  write: "write,pwrite64,writev,pwritev",
  sync: "fsync,fdatasync",
  rename: "rename,renameat,renameat2,link,linkat",
  remove: "unlink,unlinkat,rmdir,ftruncate",
  make: "mkdir,mkdirat",
} as const;

export type Syscall = keyof typeof syscalls;

/** What happens at a system call: it fails, or the process is killed before it is made. */
export const faults = { EIO: "error=EIO", ENOSPC: "error=ENOSPC", kill: "signal=KILL" } as const;

/** One fault: at which call of a kind, counted in each thread. */
export interface Fault {
  readonly syscall: Syscall;
  readonly fault: keyof typeof faults;
  readonly at: number;
}

/** Whether `strace` is there and may watch a process. */
export const canInject: boolean = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

/** A log of some entries, of which one object is missing on the remote, so that a repair has work. */
export class FaultyPlace {
  readonly folder: string;
  readonly secret: Uint8Array;
  readonly acknowledged: ReadonlyMap<number, string>;

  constructor(folder: string, secret: Uint8Array, acknowledged: ReadonlyMap<number, string>) {
    this.folder = folder;
    this.secret = secret;
    this.acknowledged = acknowledged;
  }

  /** A copy of it in a folder of its own. */
  async copy(): Promise<FaultyPlace> {
    const folder = await mkdtemp(join(tmpdir(), "remote-log-syscall-"));
    await cp(this.folder, folder, { recursive: true });
    return new FaultyPlace(folder, this.secret, this.acknowledged);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What a run of the worker came to. */
interface Run {
  readonly lines: readonly string[];
  /** What `strace` wrote: a call a line. */
  readonly trace: string;
}

/** Runs the worker on a place; with a fault, under `strace`. */
export async function runWorker(
  place: FaultyPlace,
  run: number,
  options: readonly string[] = [],
): Promise<Run> {
  const words = [worker, place.folder, Buffer.from(place.secret).toString("hex"), String(run)];
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"], env });
  let said = "";
  const ready = new Promise<void>((resolve) => {
    child.stdout.on("data", (piece: Buffer) => {
      said += piece.toString();
      if (said.includes("ready\n")) resolve();
    });
  });
  const closed = once(child, "close");
  await Promise.race([ready, closed]);
  const output = join(place.folder, "trace");
  const tracer = options.length === 0 ? undefined : await attach(child, ["-o", output, ...options]);
  child.stdin.on("error", () => undefined);
  child.stdin.end("go\n");
  await closed;
  if (tracer !== undefined && tracer.exitCode === null) await once(tracer, "close");
  const trace = tracer === undefined ? "" : await readFile(output, "utf8");
  return { lines: said.split("\n").slice(0, -1), trace };
}

async function attach({ pid }: ChildProcess, options: readonly string[]): Promise<ChildProcess> {
  const tracer = spawn("strace", ["-f", "-p", String(pid), ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.on("data", (piece: Buffer) => {
      complaint += piece.toString();
      if (complaint.includes("attached")) resolve();
    });
    tracer.once("close", () => reject(new Error(`strace did not attach: ${complaint}`)));
  });
  return tracer;
}

/** How many calls of each kind a thread makes at most, when nothing fails. */
export async function countCalls(place: FaultyPlace): Promise<Record<Syscall, number>> {
  const all = Object.values(syscalls).join(",");
  const { trace } = await runWorker(place, 1, ["-e", `trace=${all}`]);
  const counts = new Map<string, number>();
  for (const [, thread, name] of trace.matchAll(/^(\d+) +(\w+)\(/gm)) {
    const kind = Object.entries(syscalls).find(([, names]) => names.split(",").includes(name!))?.[0];
    if (kind !== undefined) counts.set(`${thread} ${kind}`, (counts.get(`${thread} ${kind}`) ?? 0) + 1);
  }
  const most = (kind: Syscall): number =>
    Math.max(0, ...[...counts].filter(([key]) => key.endsWith(` ${kind}`)).map(([, count]) => count));
  return {
    write: most("write"),
    sync: most("sync"),
    rename: most("rename"),
    remove: most("remove"),
    make: most("make"),
  };
}

/**
 * Runs the worker with one fault, and then checks the log: what was acknowledged is there once, and readers get all of it.
 *
 * @returns whether the fault has happened
 */
export async function runWithFault(prepared: FaultyPlace, { syscall, fault, at }: Fault): Promise<boolean> {
  const place = await prepared.copy();
  try {
    const calls = syscalls[syscall];
    const { lines, trace } = await runWorker(place, 1, [
      "-e",
      `trace=${calls}`,
      "-e",
      `inject=${calls}:${faults[fault]}:when=${at}`,
    ]);
    const acknowledged = new Map(place.acknowledged);
    for (const line of lines) {
      const [kind, sequence, hash] = line.split(" ");
      if (kind === "acknowledged") acknowledged.set(Number(sequence), hash!);
    }
    const remote = fsRemote({ root: join(place.folder, "remote"), label: "folder" });
    await checkLog(place.folder, place.secret, acknowledged, remote, false);
    return fault === "kill" ? trace.includes("killed by SIGKILL") : trace.includes("(INJECTED)");
  } finally {
    await place.remove();
  }
}
