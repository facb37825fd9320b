// `rlog follow`: writes entries, and new ones as they arrive.

import { Interrupted, usageError } from "../errors/command-error.ts";
import { logArgument } from "../reading/log-argument.ts";
import { withReader } from "../reading/with-reader.ts";
import { notingGaps, receivedTimes, writeEntries } from "../reading/write-entries.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { followOwn } from "./own-log.ts";
import type { ReadOptions } from "./read.ts";

/** Options of `rlog follow`. */
export interface FollowCommandOptions extends ReadOptions {
  readonly cursor?: string;
}

/** Writes the entries of a log, and new ones as they arrive, until a signal ends it. */
export async function follow(
  invocation: Invocation,
  log: string | undefined,
  options: FollowCommandOptions,
): Promise<void> {
  const { cursor, from, json = false } = options;
  const { signal } = invocation;
  if (log === undefined && cursor !== undefined)
    throw usageError("A cursor is kept for a reader of LOG. Without LOG, say where to start with --from.");
  if (log === undefined) return followOwn(invocation, options);
  if (cursor !== undefined && from !== undefined)
    throw usageError("Give --cursor or --from, not both: a cursor holds its own position.");
  if (cursor !== undefined && options.state === false)
    throw usageError("A cursor is kept in the reader's state, so --cursor can't be used with --no-state.");
  try {
    const place = await logArgument(invocation, log, options);
    await withReader(invocation, place, { ...options, live: true }, async ({ reader, state }) => {
      const entries =
        cursor === undefined
          ? reader.from(from ?? 0, { live: true, removed: "skip", signal })
          : reader.follow({ cursor, removed: "skip", signal });
      const first = cursor === undefined ? (from ?? 0) : undefined;
      await writeEntries(
        invocation,
        notingGaps(invocation, entries, first),
        json,
        receivedTimes({ reader, state }),
      );
    });
  } catch (error) {
    // A follower is always ended by a signal, so that is no failure.
    if (!(signal.reason instanceof Interrupted)) throw error;
  }
}
