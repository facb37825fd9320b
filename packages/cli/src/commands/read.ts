// `rlog read` and `rlog latest`: write entries and end.

import { StaleError } from "@remote-log/core";
import { logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, withReader } from "../reading/with-reader.ts";
import { notingGaps, receivedTimes, writeEntries } from "../reading/write-entries.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { latestOwn, readOwn } from "./own-log.ts";

/** Options of the commands that write entries. */
export interface ReadOptions extends ReaderCommandOptions {
  /** The writer's folder, for a log without LOG. */
  readonly dir: string;
  readonly json?: boolean;
  readonly from?: number;
  /** Where the passphrase of the seed is, for a log without LOG. */
  readonly passphraseFile?: string;
}

/** Writes the entries of a log, starting at `--from`; without a log, those of the log here. */
export async function read(
  invocation: Invocation,
  log: string | undefined,
  options: ReadOptions,
): Promise<void> {
  if (log === undefined) return readOwn(invocation, options);
  const place = await logArgument(invocation, log, options);
  await withReader(invocation, place, options, async ({ reader, state }) => {
    const { from = 0 } = options;
    const entries = reader.from(from, { removed: "skip", signal: invocation.signal });
    await writeEntries(
      invocation,
      notingGaps(invocation, entries, from),
      options.json === true,
      receivedTimes({ reader, state }),
    );
  });
}

/** Writes the newest entries of a log; without a log, those of the log here. */
export async function latest(
  invocation: Invocation,
  log: string | undefined,
  count: number,
  options: ReadOptions,
): Promise<void> {
  // A number alone is how many: no log is called so.
  if (log === undefined || /^\d{1,15}$/.test(log))
    return latestOwn(invocation, Number(log ?? count), options);
  const place = await logArgument(invocation, log, options);
  await withReader(invocation, place, options, async ({ reader, state }) => {
    const times = receivedTimes({ reader, state });
    const { signal } = invocation;
    const json = options.json === true;
    try {
      const entries = await reader.latest(count, { signal });
      await writeEntries(invocation, notingGaps(invocation, entries), json, times);
    } catch (error) {
      if (!(error instanceof StaleError) || error.offered === undefined) throw error;
      // The newest that can be read, before the error that says that there are newer ones.
      await writeEntries(
        invocation,
        reader.from(Math.max(0, error.offered - count), { removed: "skip", signal }),
        json,
        times,
      );
      throw error;
    }
  });
}
