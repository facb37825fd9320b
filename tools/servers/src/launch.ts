// Gives a server a folder and ports to live in, and takes them back.

import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { freePort } from "./free-port.ts";
import { type LaunchSettings, launchProgram, type RunPlan } from "./launch-program.ts";
import { ServerError } from "./server-error.ts";

/** What a server is given to live in. */
export interface Place {
  /** An empty folder that is its alone. It is its working folder, its HOME and its TMPDIR. */
  readonly folder: string;
  /** A port of 127.0.0.1 that was free a moment ago. */
  readonly port: number;
}

/** Settings of {@link launch}. */
export interface LaunchOptions extends LaunchSettings {
  /** Prepares the folder and says how to run. Called again with another place if the port was taken. */
  plan(place: Place): RunPlan | Promise<RunPlan>;
  /**
   * Whether it answers: as itself, so that a stranger on the same port is not taken for it. Asked every 25
   * milliseconds; a rejection counts as no. Each call has to end when its signal aborts, after 2 seconds.
   */
  ready(place: Place, signal: AbortSignal): Promise<boolean>;
  /** Where ports come from. Default: any free one of 127.0.0.1. */
  port?(): Promise<number>;
}

/** A server that is up. */
export interface Launched extends Place {
  /** The file with all that it prints. */
  readonly log: string;
  readonly pid: number;
  /** Ends it and removes its folder; its output is kept if it had ended by itself. Safe to call twice. */
  stop(): Promise<void>;
}

const PORT_ATTEMPTS = 5;
const PORT_TAKEN = /address already in use|EADDRINUSE|port is already in use/i;

/**
 * Starts a server that has to be told its port, in a temporary folder on a free port of 127.0.0.1, and waits until it
 * is ready. One that chooses its port itself is for {@link launchProgram}.
 *
 * It ends with this process, however this process ends, and doesn't keep this process from ending.
 *
 * @throws ServerError `ERR_SERVER_START` if it ends, or is not ready at the deadline; its output is kept
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
  const port = await (options.port === undefined ? freePort() : options.port());
  const launched = await launchProgram<true>({
    ...options,
    plan: (folder) => options.plan({ folder, port }),
    ready: async (folder, signal) => ((await options.ready({ folder, port }, signal)) ? true : undefined),
    where: () => ` on 127.0.0.1:${port}`,
  });
  const { folder, log, pid } = launched;
  return { folder, log, port, pid, stop: () => launched.stop() };
}
