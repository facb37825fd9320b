// Runs a server until it answers, and says why if it does not.

import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { type Exit, type Guarded, startGuarded } from "./guarded.ts";
import { lastLines } from "./log-tail.ts";
import { type Notice, noticeOnStderr } from "./notice.ts";
import { ServerError } from "./server-error.ts";

/** How a server is run. */
export interface RunPlan {
  readonly args: readonly string[];
  /** What it gets besides PATH, HOME and TMPDIR. Nothing else of the caller's environment reaches it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Settings of every launch, whoever chooses the port. */
export interface LaunchSettings {
  /** What messages and the temporary folder call it. */
  readonly name: string;
  /** Path of the program. */
  readonly command: string;
  /** How long it may take to be ready, in milliseconds. Default 180,000. */
  readonly deadline?: number | undefined;
  /** How long it has to end after SIGTERM until it is killed, in milliseconds. Default 5,000. */
  readonly grace?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when it ends by itself later on. Default: a line on standard error. */
  readonly notice?: Notice | undefined;
}

/** Settings of {@link launchProgram}. */
export interface LaunchProgramOptions<Found> extends LaunchSettings {
  /**
   * Prepares the folder and says how to run. The folder is empty, and the program's alone: its working folder, its HOME
   * and its TMPDIR.
   */
  plan(folder: string): RunPlan | Promise<RunPlan>;
  /**
   * What is to be known of it as soon as it answers, as itself; `undefined` before. Asked every 25 milliseconds; a
   * rejection counts as not yet. Each call has to end when its signal aborts, after 2 seconds. `printed` reads all that
   * it has printed so far, for a program that prints its own address.
   */
  ready(folder: string, signal: AbortSignal, printed: () => Promise<string>): Promise<Found | undefined>;
  /** Where it is to answer, for messages: such as `" on 127.0.0.1:9000"`. Default: nothing. */
  where?(): string;
}

/** Where a server that runs keeps everything, as long as it runs. */
export interface ServerFiles {
  /** The folder with all that it stores on disk; a server in memory has nothing there. */
  readonly folder: string;
  /** The file with all that it prints: its log. */
  readonly log: string;
}

/** A program that is up. */
export interface LaunchedProgram<Found> extends ServerFiles {
  readonly pid: number;
  /** What `ready` found. */
  readonly found: Found;
  /** Ends it and removes its folder; its output is kept if it had ended by itself. Safe to call twice. */
  stop(): Promise<void>;
}

const POLL = 25;

/**
 * Starts a program in a temporary folder, and waits until it is ready.
 *
 * It ends with this process, however this process ends, and doesn't keep this process from ending.
 *
 * @throws ServerError `ERR_SERVER_START` if it ends, or is not ready at the deadline; its output is kept
 * @throws what `plan` throws, and the reason of the signal
 */
export async function launchProgram<Found>(
  options: LaunchProgramOptions<Found>,
): Promise<LaunchedProgram<Found>> {
  const { name, command, signal, notice = noticeOnStderr } = options;
  signal?.throwIfAborted();
  const home = await mkdtemp(join(tmpdir(), `remote-log-${name}-`));
  const folder = join(home, "files");
  const log = join(home, "output.log");
  let guarded: Guarded;
  try {
    await mkdir(folder);
    const { args, env } = await options.plan(folder);
    guarded = await startGuarded({
      command,
      args,
      env: { ...bareEnvironment(folder), ...env },
      cwd: folder,
      log,
      folder: home,
      grace: options.grace,
    });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  let found: Found;
  try {
    found = await untilReady(guarded, options, (patience) =>
      options.ready(folder, patience, () => readFile(log, "utf8")),
    );
  } catch (error) {
    const failed = error instanceof NotReady;
    await guarded.stop(failed ? [folder] : [home]);
    if (!failed) throw error;
    throw new ServerError("ERR_SERVER_START", error.message, {
      output: await lastLines(log),
      log,
      cause: error.cause,
    });
  }
  let remove = home;
  void guarded.exited.then((exit) => {
    remove = folder;
    notice(`${name} ${describeExit(exit)} while it was in use. All that it printed is in ${log}.`);
  });
  guarded.unref();
  return { folder, log, pid: guarded.pid, found, stop: () => guarded.stop([remove]) };
}

/** All that a program gets of this process's environment, and its folder as HOME and TMPDIR. */
export function bareEnvironment(folder: string): Record<string, string | undefined> {
  return { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder };
}

/** Why a server did not become ready. */
class NotReady extends Error {}

async function untilReady<Found>(
  guarded: Guarded,
  options: LaunchProgramOptions<Found>,
  ready: (signal: AbortSignal) => Promise<Found | undefined>,
): Promise<Found> {
  const { name, deadline = 180_000, signal } = options;
  const end = performance.now() + deadline;
  const exit = new AbortController();
  void guarded.exited.then((how) =>
    exit.abort(new NotReady(`${name} ${describeExit(how)} before it was ready.`)),
  );
  const over = AbortSignal.any(signal === undefined ? [exit.signal] : [exit.signal, signal]);
  let cause: unknown;
  while (performance.now() < end) {
    const patience = AbortSignal.any([over, AbortSignal.timeout(2_000)]);
    const found = await ready(patience).catch((error: unknown) => {
      cause = error;
      return undefined;
    });
    over.throwIfAborted();
    if (found !== undefined) return found;
    await wait(POLL, undefined, { signal: over }).catch(() => over.throwIfAborted());
  }
  const where = options.where?.() ?? "";
  throw new NotReady(`${name} did not answer${where} within ${deadline / 1000} s.`, { cause });
}

function describeExit({ code, signal }: Exit): string {
  return signal === null ? `ended by itself with exit code ${code}` : `was ended by ${signal}`;
}
