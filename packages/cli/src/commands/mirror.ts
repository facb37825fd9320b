// `rlog mirror`: copies a log to another remote, without its key.

import { Interrupted } from "../errors/command-error.ts";
import { MirrorMemory } from "../mirroring/mirror-memory.ts";
import { Mirroring, type MirrorRunOptions } from "../mirroring/mirroring.ts";
import { logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, type Reading, withReader } from "../reading/with-reader.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import { findIpnsSource } from "../remotes/ipns-records.ts";
import { closeRemotes, openTarget } from "../remotes/open-remotes.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Options of `rlog mirror`. */
export interface MirrorCommandOptions extends ReaderCommandOptions, MirrorRunOptions {
  readonly to: string;
}

/** Copies everything that the newest verified state of a log needs to another remote, and then sets the name there. */
export async function mirror(
  invocation: Invocation,
  log: string,
  options: MirrorCommandOptions,
): Promise<void> {
  const place = await logArgument(invocation, log, options);
  const target = givenRemote(options.to);
  const { signal } = invocation;
  try {
    const copyTo = async (reading: Reading): Promise<void> => {
      const source = findIpnsSource(reading.remotes);
      const to = await openTarget(target, source?.name);
      const memory = new MirrorMemory(reading.state, target.uri);
      try {
        await new Mirroring(invocation, { reading, source, to: { ...to, label: target.label }, memory }).run(
          options,
        );
      } finally {
        await closeRemotes([to]);
      }
    };
    await withReader(invocation, place, options, copyTo, [target]);
  } catch (error) {
    // A mirror that follows is always ended by a signal, so that is no failure.
    if (options.follow !== true || !(signal.reason instanceof Interrupted)) throw error;
  }
}
