// Runs a program that ends with the process that started it, even by `kill -9`.

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ServerError } from "./server-error.ts";

const guardProgram = fileURLToPath(new URL("../guard.mjs", import.meta.url));

/** What to run below a guard. */
export interface GuardedOptions {
  /** Path of the program, or a name to look for in the `PATH` of `env`. */
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder it runs in. */
  readonly cwd: string;
  /** The file that its standard output and standard error are appended to. */
  readonly log: string;
  /** The temporary folder that goes away with it; `cwd` and `log` may be inside. */
  readonly folder: string;
  /** How long the program has to end by itself after SIGTERM, in milliseconds. Default 5,000. */
  readonly grace?: number | undefined;
}

/** How a program ended: its exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A program that ends with this process, however this process ends. */
export interface Guarded {
  /** Process id of the program (its guard has another one). */
  readonly pid: number;
  /** Resolves when the program ends before {@link stop} is called; otherwise never. */
  readonly exited: Promise<Exit>;
  /** Lets this process end while the program runs, which ends the program. */
  unref(): void;
  /**
   * Ends the program and all that it started (SIGTERM, and SIGKILL after the grace), then removes the paths. Safe to
   * call twice; the first call decides what is removed.
   *
   * @param remove - default: the temporary folder
   */
  stop(remove?: readonly string[]): Promise<void>;
}

interface FromGuard {
  readonly pid?: number;
  readonly failed?: string;
  readonly exited?: Exit;
}

/**
 * Starts a program below a guard: a process that ends it, and removes its temporary folder, as soon as this
 * process is gone, be it by `kill -9`.
 *
 * @throws ServerError `ERR_SERVER_START` if the program can't be executed; the folder is removed then
 */
export async function startGuarded(options: GuardedOptions): Promise<Guarded> {
  const { command, folder } = options;
  const guard = spawn(process.execPath, [guardProgram], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    detached: true,
    // What a test runner has set for its own processes is not for the guard.
    env: { ...process.env, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined },
  });
  let pid: number | undefined;
  let stopping: Promise<void> | undefined;
  let reportExit: (exit: Exit) => void;
  const exited = new Promise<Exit>((resolve) => {
    reportExit = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    guard.once("exit", (code) => {
      // A guard that was killed leaves the program to us.
      if (code !== 0 && pid !== undefined) killGroup(pid);
      if (code !== 0 && stopping === undefined) reportExit({ code: null, signal: "SIGKILL" });
      resolve();
    });
  });
  const stop = async (remove: readonly string[]): Promise<void> => {
    guard.ref();
    guard.channel?.ref();
    if (guard.connected) guard.send({ stop: { remove } }, () => undefined);
    await gone;
    for (const path of remove) await rm(path, { recursive: true, force: true });
  };

  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new ServerError("ERR_SERVER_START", `${command} can't be executed: ${why}.`));
      guard.once("error", (error) => fail(error.message));
      guard.once("exit", () => fail("its guard ended"));
      guard.on("message", (message: FromGuard) => {
        if (message.failed !== undefined) fail(message.failed);
        if (message.exited !== undefined && stopping === undefined) reportExit(message.exited);
        if (message.pid === undefined) return;
        pid = message.pid;
        resolve();
      });
      const { args, env, cwd, log, grace = 5_000 } = options;
      guard.send({ start: { command, args, env, cwd, log, folder, grace } }, () => undefined);
    });
  } catch (error) {
    if (guard.pid !== undefined) await stop([folder]);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    pid: pid!,
    exited,
    unref: () => {
      guard.unref();
      guard.channel?.unref();
    },
    stop: (remove = [folder]) => (stopping ??= stop(remove)),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It had ended already.
  }
}
