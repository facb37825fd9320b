import type { Session } from "../session.ts";
import { type ReaderCommandOptions, withReader, writeEntries } from "../with-reader.ts";

/** Options of the commands that write entries. */
export interface ReadOptions extends ReaderCommandOptions {
  readonly json?: boolean;
  readonly from?: number;
}

/** Writes the entries of a log, from one on. */
export async function read(session: Session, logId: string, options: ReadOptions): Promise<void> {
  await withReader(session, logId, options, async (reader) => {
    const entries = reader.from(options.from ?? 0, { signal: session.signal });
    await writeEntries(session, entries, options.json === true);
  });
}

/** Writes the newest entries of a log. */
export async function latest(
  session: Session,
  logId: string,
  count: number,
  options: ReadOptions,
): Promise<void> {
  await withReader(session, logId, options, async (reader) => {
    const entries = await reader.latest(count, { signal: session.signal });
    await writeEntries(session, entries, options.json === true);
  });
}
