import type { Invocation } from "../invocation.ts";
import { parseLog } from "../log-place.ts";
import { type ReaderCommandOptions, withReader, writeEntries } from "../with-reader.ts";

/** Options of the commands that write entries. */
export interface ReadOptions extends ReaderCommandOptions {
  readonly json?: boolean;
  readonly from?: number;
}

/** Writes the entries of a log, from one on. */
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
