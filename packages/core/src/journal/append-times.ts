// When entries were appended, to the minute: for a retention by age. A log itself signs no times.

import { timeNow } from "../runtime/clock.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { timeKey, timeKeys } from "./keys.ts";

/** A minute, in milliseconds. */
const SPAN = 60_000;

/** A record: at some time the log had this number of entries, all of them appended by then. */
interface Mark {
  readonly time: number;
  readonly size: number;
}

/** Keeps at which times the log had how many entries. */
export class AppendTimes {
  readonly #journal: Journal;
  #marked: Mark;
  #newest: Mark;
  // When the newest record was made, or this process began.
  #since = timeNow();

  private constructor(journal: Journal, marked: Mark) {
    this.#journal = journal;
    this.#marked = marked;
    this.#newest = marked;
  }

  /** Continues with the times of a journal. Entries of which none is known count as appended now. */
  static async load(journal: Journal, size: number): Promise<AppendTimes> {
    let marked: Mark = { time: 0, size: 0 };
    for await (const [, value] of journal.range({ ...timeKeys, reverse: true, limit: 1 }))
      marked = read(value);
    const times = new AppendTimes(journal, marked);
    if (marked.size !== size) times.#learn(size);
    return times;
  }

  /**
   * Notes that the log has a number of entries now. A process that is killed forgets the last minute: what was appended then
   * counts as appended when the next one begins.
   *
   * @returns the step of a batch that keeps it, at most one a minute
   */
  appended(size: number): BatchOperation[] {
    this.#learn(size);
    return this.#newest.time - this.#since >= SPAN ? [this.#operation()] : [];
  }

  /** Writes what is not kept yet. */
  async save(): Promise<void> {
    if (this.#newest !== this.#marked) await this.#journal.write([this.#operation()], false);
  }

  /** The number of the first entry that was appended after a time, in milliseconds since 1970. */
  async firstAfter(time: number): Promise<number> {
    await this.save();
    let first = 0;
    const range = { gte: timeKeys.gte, lt: timeKey(minuteOf(Math.max(0, time)) + 1) };
    for await (const [, value] of this.#journal.range(range)) {
      const mark = read(value);
      if (mark.time <= time) first = Math.max(first, mark.size);
    }
    return first;
  }

  // A clock that was set back makes nothing older than what was appended before it.
  #learn(size: number): void {
    this.#newest = { time: Math.max(timeNow(), this.#newest.time), size };
  }

  #operation(): BatchOperation {
    this.#marked = this.#newest;
    this.#since = this.#newest.time;
    const { time, size } = this.#newest;
    const value = new Uint8Array(16);
    const view = new DataView(value.buffer);
    view.setFloat64(0, time);
    view.setFloat64(8, size);
    return { type: "put", key: timeKey(minuteOf(time)), value };
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / SPAN);
}

function read(value: Uint8Array): Mark {
  if (value.length !== 16) throw corrupt("a record of times is damaged");
  const view = new DataView(value.buffer, value.byteOffset);
  return { time: view.getFloat64(0), size: view.getFloat64(8) };
}
