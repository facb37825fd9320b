// `rlog read` and `rlog latest`: write entries and end.

import { parseLog } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, withReader } from "../reading/with-reader.ts";
import { writeEntries } from "../reading/write-entries.ts";
import type { Invocation } from "../terminal/invocation.ts";

/** Options of the commands that write entries. */
export interface ReadOptions extends ReaderCommandOptions {
  readonly json?: boolean;
  readonly from?: number;
}

/** Writes the entries of a log, starting at `--from`. */
export async function read(invocation: Invocation, log: string, options: ReadOptions): Promise<void> {
  await withReader(invocation, parseLog(log, options.remote), options, async ({ reader }) => {
    const entries = reader.from(options.from ?? 0, { signal: invocation.signal });
    await writeEntries(invocation, entries, options.json === true);
  });
}

/** Writes the newest entries of a log. */
export async function latest(
  invocation: Invocation,
  log: string,
  count: number,
  options: ReadOptions,
): Promise<void> {
  await withReader(invocation, parseLog(log, options.remote), options, async ({ reader }) => {
    const entries = await reader.latest(count, { signal: invocation.signal });
    await writeEntries(invocation, entries, options.json === true);
  });
}
