import { Interrupted, usageError } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { parseLog } from "../log-place.ts";
import { withReader, writeEntries } from "../with-reader.ts";
import type { ReadOptions } from "./read.ts";

/** Options of `rlog follow`. */
export interface FollowCommandOptions extends ReadOptions {
  readonly cursor?: string;
}

/** Writes the entries of a log, and new ones as they come, until it is told to end. */
export async function follow(
  invocation: Invocation,
  log: string,
  options: FollowCommandOptions,
): Promise<void> {
  const { cursor, from, json = false } = options;
  const { signal } = invocation;
  if (cursor !== undefined && from !== undefined)
    throw usageError("Give --cursor or --from, not both: a cursor knows where it stands.");
  if (cursor !== undefined && options.state === false)
    throw usageError("A cursor is kept in the reader's state: --cursor does not go with --no-state.");
  try {
    await withReader(invocation, parseLog(log, options.remote), options, async ({ reader }) => {
      const entries =
        cursor === undefined
          ? reader.from(from ?? 0, { live: true, signal })
          : reader.follow({ cursor, signal });
      await writeEntries(invocation, entries, json);
    });
  } catch (error) {
    // To be ended is how a follower ends.
    if (!(signal.reason instanceof Interrupted)) throw error;
  }
}
