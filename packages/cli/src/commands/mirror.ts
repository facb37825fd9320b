// `rlog mirror`: copies a log to another remote, without its key.

import { openCosignerFile } from "../cosigning/cosigner-file.ts";
import { Interrupted, usageError } from "../errors/command-error.ts";
import { replaceFile } from "../files/replace-file.ts";
import { MirrorMemory } from "../mirroring/mirror-memory.ts";
import { Mirroring, type MirrorRunOptions } from "../mirroring/mirroring.ts";
import { logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, type Reading, withReader } from "../reading/with-reader.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import { findIpnsSource } from "../remotes/ipns-records.ts";
import { closeRemotes, openTarget } from "../remotes/open-remotes.ts";
import { namesCarFile } from "../remotes/schemes/car.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { exportLog } from "./export.ts";

/** Options of `rlog mirror`. */
export interface MirrorCommandOptions extends ReaderCommandOptions, MirrorRunOptions {
  readonly to: string;
  /** The file with the key of the mirror. Default: nothing is signed. */
  readonly cosign?: string;
  /** The name of a key that is made. */
  readonly cosignName?: string;
  /** A file that gets the newest checkpoint with the mirror's signature. */
  readonly checkpoint?: string;
}

/** Copies everything that the newest verified state of a log needs to another remote, and then sets the name there. */
export async function mirror(
  invocation: Invocation,
  log: string,
  options: MirrorCommandOptions,
): Promise<void> {
  const place = await logArgument(invocation, log, options);
  const target = givenRemote(options.to);
  if (namesCarFile(target.uri)) {
    if (options.follow === true || options.cosign !== undefined)
      throw usageError("A CAR file is written once: leave --follow and --cosign out.");
    return exportLog(invocation, target.uri, log, { ...options, dir: "" });
  }
  const { signal } = invocation;
  const { cosign, cosignName: name, checkpoint } = options;
  if (cosign === undefined && (name ?? checkpoint) !== undefined)
    throw usageError("--cosign-name and --checkpoint go with --cosign FILE.");
  const key = cosign === undefined ? undefined : await openCosignerFile(invocation, cosign, { name });
  try {
    const copyTo = async (reading: Reading): Promise<void> => {
      const source = findIpnsSource(reading.remotes);
      const to = await openTarget(target, source?.name);
      const memory = new MirrorMemory(reading.state, target.uri);
      try {
        await new Mirroring(invocation, {
          reading,
          source,
          to: { ...to, label: target.label },
          memory,
          cosigner: key?.cosigner,
          ...(checkpoint !== undefined && { onCosigned: (note) => replaceFile(checkpoint, note) }),
        }).run(options);
      } finally {
        await closeRemotes([to]);
      }
    };
    await withReader(invocation, place, options, copyTo, [target]);
  } catch (error) {
    // A mirror that follows is always ended by a signal, so that is no failure.
    if (options.follow !== true || !(signal.reason instanceof Interrupted)) throw error;
  } finally {
    await key?.close();
  }
}
