// Entries that a recovery sets aside while it writes a remote's entries in their place.

import type { Sealing } from "../log/sealing.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import type { BatchOperation } from "./database.ts";
import {
  corrupt,
  type Journal,
  type JournalEntry,
  type RemovedEntry,
  readEntry,
  readRemoved,
} from "./journal.ts";
import { asideKey, asideRemovedKey, entryKey, isRemovedKey, recoveryKey } from "./keys.ts";

/** How much is copied at once. */
const ENTRIES_AT_ONCE = 1024;
const BYTES_AT_ONCE = 8 * 2 ** 20;

/**
 * The journal's entries that a recovery moves aside while it writes a remote's entries in their place. They are durable
 * there before anything is replaced, so an interrupted recovery loses none: it starts again from here.
 */
export class EntriesAside {
  /** Sequence number of the first. */
  readonly start: number;
  /** Sequence number after the last. */
  readonly end: number;
  readonly #journal: Journal;
  readonly #sealing: Sealing;

  private constructor(journal: Journal, sealing: Sealing, start: number, end: number) {
    this.#journal = journal;
    this.#sealing = sealing;
    this.start = start;
    this.end = end;
  }

  /** Whether a recovery was begun and not finished. */
  static async underWay(journal: Journal): Promise<boolean> {
    return (await journal.get(recoveryKey)) !== undefined;
  }

  /** Sequence number after the last entry that a recovery set aside; 0 if none was begun. */
  static async end(journal: Journal): Promise<number> {
    const marker = await journal.get(recoveryKey);
    return marker === undefined ? 0 : Number(decodeUtf8Loosely(marker).split(" ")[1]);
  }

  /** The step of a batch that begins a recovery of a journal without entries. */
  static beginOperation(): BatchOperation {
    return { type: "put", key: recoveryKey, value: encodeUtf8("0 0") };
  }

  /** Sets the entries of a stretch aside, or resumes with those that an earlier recovery set aside. */
  static async take(journal: Journal, sealing: Sealing, start: number, end: number): Promise<EntriesAside> {
    const marker = await journal.get(recoveryKey);
    if (marker !== undefined) {
      const [first, last] = decodeUtf8Loosely(marker).split(" ").map(Number);
      if (first !== start || last === undefined)
        throw corrupt("the record of an unfinished recovery is damaged");
      return new EntriesAside(journal, sealing, start, last);
    }
    let batch: BatchOperation[] = [];
    let bytes = 0;
    let sequence = start;
    for await (const [from, value] of journal.range({ gte: entryKey(start), lt: entryKey(end) })) {
      const key = isRemovedKey(from) ? asideRemovedKey(sequence) : asideKey(sequence);
      sequence++;
      batch.push({ type: "put", key, value });
      bytes += value.length;
      if (batch.length < ENTRIES_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
      await journal.write(batch, true);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await journal.write(batch, true);
    batch = [{ type: "put", key: recoveryKey, value: encodeUtf8(`${start} ${end}`) }];
    await journal.write(batch, true);
    return new EntriesAside(journal, sealing, start, end);
  }

  /** The entries from a sequence number on; of those whose contents were removed, what is left. */
  async *entries(from: number): AsyncGenerator<JournalEntry | RemovedEntry, void, undefined> {
    let sequence = from;
    for await (const [key, value] of this.#journal.range({ gte: asideKey(from), lt: asideKey(this.end) })) {
      yield isRemovedKey(key) ? readRemoved(sequence, value) : readEntry(sequence, value, this.#sealing);
      sequence++;
    }
    if (sequence < this.end) throw corrupt(`entry ${sequence}, set aside by a recovery, is missing`);
  }

  /**
   * The steps of a batch that end the recovery.
   *
   * @param size - number of entries that the journal keeps; what an earlier attempt wrote past them is deleted
   */
  async endOperations(size: number): Promise<BatchOperation[]> {
    const operations: BatchOperation[] = [{ type: "del", key: recoveryKey }];
    const aside = { gte: asideKey(this.start), lt: asideKey(this.end) };
    const past = { gte: entryKey(size), lt: entryKey(Number.MAX_SAFE_INTEGER) };
    for (const range of [aside, past]) {
      for await (const key of this.#journal.keys(range)) operations.push({ type: "del", key });
    }
    return operations;
  }
}
