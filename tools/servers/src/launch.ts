import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type Exit, type Guarded, startGuarded } from "./guarded.ts";
import { lastLines } from "./log-tail.ts";
import { type Notice, noticeOnStderr } from "./notice.ts";
import { ServerError } from "./server-error.ts";

/** What a server is given to live in. */
export interface Place {
  /** An empty folder that is its alone. It is its working folder, its HOME and its TMPDIR. */
  readonly folder: string;
  /** A port of 127.0.0.1 that was free a moment ago. */
  readonly port: number;
}

/** How a server is run in its place. */
export interface RunPlan {
  readonly args: readonly string[];
  /** What it gets besides PATH, HOME and TMPDIR. Nothing else of the caller's environment reaches it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Settings of {@link launch}. */
export interface LaunchOptions {
  /** What messages and the temporary folder call it. */
  readonly name: string;
  /** Path of the program. */
  readonly command: string;
  /** Prepares the folder and says how to run. Called again for another place where the port was taken. */
  plan(place: Place): RunPlan | Promise<RunPlan>;
  /**
   * Whether it answers: as itself, so that a stranger on the same port is not taken for it. Asked every 25
   * milliseconds; a rejection counts as no. Each call has to end when its signal aborts, after 2 seconds.
   */
  ready(place: Place, signal: AbortSignal): Promise<boolean>;
  /** How long it may take to be ready, in milliseconds. Default 60,000. */
  readonly deadline?: number;
  /** How long it has to end after SIGTERM until it is killed, in milliseconds. Default 5,000. */
  readonly grace?: number;
  readonly signal?: AbortSignal | undefined;
  /** Told where it ends by itself later on. Default: a line on standard error. */
  readonly notice?: Notice | undefined;
  /** Where ports come from. Default: any free one of 127.0.0.1. */
  port?(): Promise<number>;
}

/** A server that is up. */
export interface Launched extends Place {
  readonly pid: number;
  /** Ends it and removes its folder; its output is kept where it had ended by itself. Safe to call twice. */
  stop(): Promise<void>;
}

const PORT_ATTEMPTS = 5;
const POLL = 25;
const PORT_TAKEN = /address already in use|EADDRINUSE|port is already in use/i;

/**
 * Starts a server in a temporary folder on a free port of 127.0.0.1, and waits until it is ready.
 *
 * It ends with this process, however this process ends, and doesn't keep this process from ending.
 *
 * @throws ServerError `ERR_SERVER_START` where it ends, or is not ready at the deadline; its output is kept
 * @throws the reason of the signal
 */
export async function launch(options: LaunchOptions): Promise<Launched> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(options);
    } catch (error) {
      const taken = error instanceof ServerError && error.log !== undefined && PORT_TAKEN.test(error.output);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
      await rm(dirname(error.log), { recursive: true, force: true });
    }
  }
}

async function launchOnce(options: LaunchOptions): Promise<Launched> {
  const { name, command, signal, notice = noticeOnStderr } = options;
  signal?.throwIfAborted();
  const home = await mkdtemp(join(tmpdir(), `remote-log-${name}-`));
  const folder = join(home, "files");
  const log = join(home, "output.log");
  let place: Place;
  let guarded: Guarded;
  try {
    await mkdir(folder);
    place = { folder, port: await (options.port === undefined ? freePort() : options.port()) };
    const { args, env } = await options.plan(place);
    guarded = await startGuarded({
      command,
      args,
      env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder, ...env },
      cwd: folder,
      log,
      folder: home,
      grace: options.grace,
    });
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  try {
    await untilReady(guarded, place, options);
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
  return { ...place, pid: guarded.pid, stop: () => guarded.stop([remove]) };
}

/** Why a server did not become ready. */
class NotReady extends Error {}

async function untilReady(guarded: Guarded, place: Place, options: LaunchOptions): Promise<void> {
  const { name, deadline = 60_000, signal } = options;
  const end = performance.now() + deadline;
  const exit = new AbortController();
  void guarded.exited.then((how) =>
    exit.abort(new NotReady(`${name} ${describeExit(how)} before it was ready.`)),
  );
  const over = AbortSignal.any(signal === undefined ? [exit.signal] : [exit.signal, signal]);
  let cause: unknown;
  while (performance.now() < end) {
    const patience = AbortSignal.any([over, AbortSignal.timeout(2_000)]);
    const ready = await options.ready(place, patience).catch((error: unknown) => {
      cause = error;
      return false;
    });
    over.throwIfAborted();
    if (ready) return;
    await wait(POLL, undefined, { signal: over }).catch(() => over.throwIfAborted());
  }
  throw new NotReady(`${name} did not answer on 127.0.0.1:${place.port} within ${deadline / 1000} s.`, {
    cause,
  });
}

function describeExit({ code, signal }: Exit): string {
  return signal === null ? `ended by itself with exit code ${code}` : `was ended by ${signal}`;
}
