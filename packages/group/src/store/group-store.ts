// What a device has read of its group, on its own disk: the entries of every log, in their logs' order and in the group's.

import type { BatchOperation, KeyValueDatabase } from "@remote-log/core";
import {
  afterKey,
  afterPrefix,
  type EntryPlace,
  entryKey,
  joined,
  LARGEST_NUMBER,
  logBytes,
  logFrom,
  numberBytes,
  numberFrom,
  type Position,
  positionFrom,
  positionKey,
} from "../wire/position.ts";

/** How far a log was read, and what of it counts. */
export interface LogState {
  /** The sequence number after the last entry that was read. */
  readonly next: number;
  /** The time of the newest message; 0 for a control log, or if there is none. */
  readonly latest: number;
  /** When the newest entry was read, in milliseconds since 1970; 0 if there is none. */
  readonly heard: number;
  /** The sequence number after the newest entry that some other entry, or one of this device, names as a parent. */
  readonly covered: number;
  /** The sequence number from which on nothing counts; {@link LARGEST_NUMBER} if all does. */
  readonly end: number;
}

/** An entry as it is kept. */
export interface StoredEntry extends EntryPlace {
  /** What the log has. */
  readonly content: Uint8Array;
  /** When it was read, in milliseconds since 1970. */
  readonly receivedAt: number;
}

/** An entry that is to be kept. */
export interface NewEntry extends StoredEntry {
  /** Its place in the order of the group; absent for what is no message. */
  readonly time?: number;
  /** The entries of other logs that it names. */
  readonly parents?: readonly EntryPlace[];
}

/** A message of the order, with the number of its arrival. */
export interface OrderedEntry {
  readonly position: Position;
  readonly arrival: number;
}

const ENTRIES = new Uint8Array([1]);
const ORDER = new Uint8Array([2]);
const STATES = new Uint8Array([3]);
const ARRIVALS = new Uint8Array([4]);
/** Texts of the readers' own stores begin with this. */
export const READERS: Uint8Array = new Uint8Array([6]);

const views = { keyEncoding: "view", valueEncoding: "view" } as const;
const NOTHING_READ: LogState = { next: 0, latest: 0, heard: 0, covered: 0, end: LARGEST_NUMBER };

/** How many entries one step of an iteration holds. */
const STEP = 256;

/** The store of a group. One object uses a database at a time; it belongs to whoever opened it. */
export class GroupStore {
  readonly #database: KeyValueDatabase;
  readonly #states = new Map<string, LogState>();
  #arrivals = 0;
  #writing: Promise<void> = Promise.resolve();

  /** @param database - opened with the store */
  constructor(database: KeyValueDatabase) {
    this.#database = database;
  }

  /** Reads what earlier runs left. Before anything else. */
  async open(): Promise<void> {
    await this.#database.open();
    for await (const [key, value] of this.#range(STATES, afterPrefix(STATES))) {
      this.#states.set(logFrom(key, 1), stateFrom(value));
    }
    for await (const [key] of this.#range(ARRIVALS, afterPrefix(ARRIVALS), { reverse: true, limit: 1 }))
      this.#arrivals = numberFrom(key, 1) + 1;
  }

  /** How far a log was read. */
  stateOf(log: string): LogState {
    return this.#states.get(log) ?? NOTHING_READ;
  }

  /** The number of messages that have arrived; those with smaller numbers were there before. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** The time of the newest message of all logs; 0 if there is none. */
  get latest(): number {
    return Math.max(0, ...[...this.#states.values()].map(({ latest }) => latest));
  }

  /** The newest entries that no other entry names as a parent, besides those of one log. */
  frontier(besides: string): readonly EntryPlace[] {
    return [...this.#states]
      .filter(([log, { next, latest, covered }]) => log !== besides && latest > 0 && next > covered)
      .map(([log, { next }]) => ({ log, sequence: next - 1 }));
  }

  /** Keeps the next entries of one log, in their order, in one step. What was kept already is left out. */
  add(entries: readonly NewEntry[]): Promise<void> {
    return this.#write(async () => {
      const operations: BatchOperation[] = [];
      const states = new Map<string, LogState>();
      const stateOf = (log: string): LogState => states.get(log) ?? this.stateOf(log);
      let arrivals = this.#arrivals;
      for (const { log, sequence, content, receivedAt, time, parents = [] } of entries) {
        const state = stateOf(log);
        if (sequence < state.next) continue;
        operations.push(
          put(joined(ENTRIES, entryKey({ log, sequence })), joined(numberBytes(receivedAt), content)),
        );
        if (time !== undefined) operations.push(...ordered({ time, log, sequence }, arrivals++));
        const latest = Math.max(state.latest, time ?? 0);
        states.set(log, { ...state, next: sequence + 1, latest, heard: receivedAt });
        for (const parent of parents) {
          // What a member names need not be there: nothing is kept of logs of which nothing was read.
          if (!states.has(parent.log) && !this.#states.has(parent.log)) continue;
          const named = stateOf(parent.log);
          states.set(parent.log, { ...named, covered: Math.max(named.covered, parent.sequence + 1) });
        }
      }
      for (const [log, state] of states)
        operations.push(put(joined(STATES, logBytes(log)), stateBytes(state)));
      if (operations.length === 0) return;
      await this.#database.batch(operations, { ...views, sync: true });
      for (const [log, state] of states) this.#states.set(log, state);
      this.#arrivals = arrivals;
    });
  }

  /** Notes that entries before a number are not to be read: they were written before this device was a member, or removed. */
  skip(log: string, next: number): Promise<void> {
    return this.#write(async () => {
      const state = this.stateOf(log);
      if (state.next >= next) return;
      const skipped = { ...state, next };
      await this.#database.batch([put(joined(STATES, logBytes(log)), stateBytes(skipped))], {
        ...views,
        sync: true,
      });
      this.#states.set(log, skipped);
    });
  }

  /** An entry that was kept. */
  async entry(place: EntryPlace): Promise<StoredEntry | undefined> {
    const value = await this.#database.get(joined(ENTRIES, entryKey(place)), views);
    return value && { ...place, receivedAt: numberFrom(value), content: new Uint8Array(value.subarray(6)) };
  }

  /** The entries of a log that were kept, in their order. */
  async *entriesOf(log: string, from = 0): AsyncGenerator<StoredEntry, void, undefined> {
    const end = afterPrefix(joined(ENTRIES, logBytes(log), new Uint8Array([0xfe])));
    let next = joined(ENTRIES, entryKey({ log, sequence: from }));
    for (;;) {
      const step = await this.#step(next, end);
      for (const [key, value] of step) {
        const sequence = numberFrom(key, key.length - 6);
        yield { log, sequence, receivedAt: numberFrom(value), content: new Uint8Array(value.subarray(6)) };
      }
      if (step.length < STEP) return;
      next = afterKey(step[step.length - 1]![0]);
    }
  }

  /** Messages in the order of the group, behind a position; at most a step of them. */
  async orderedAfter(position: Position | undefined): Promise<readonly OrderedEntry[]> {
    const from = position === undefined ? ORDER : afterKey(joined(ORDER, positionKey(position)));
    const step = await this.#step(from, afterPrefix(ORDER));
    return step.map(([key, value]) => ({ position: positionFrom(key, 1), arrival: numberFrom(value) }));
  }

  /** Messages in the order in which they arrived, from a number on; at most a step of them. Those that were withdrawn are left out. */
  async arrivedFrom(
    arrival: number,
  ): Promise<{ readonly found: readonly OrderedEntry[]; readonly next: number }> {
    const step = await this.#step(joined(ARRIVALS, numberBytes(arrival)), afterPrefix(ARRIVALS));
    const found: OrderedEntry[] = [];
    for (const [key, value] of step) {
      const number = numberFrom(key, 1);
      const kept = await this.#database.get(joined(ORDER, value), views);
      if (kept !== undefined && numberFrom(kept) === number)
        found.push({ position: positionFrom(value), arrival: number });
    }
    return { found, next: step.length === 0 ? arrival : numberFrom(step[step.length - 1]![0], 1) + 1 };
  }

  /**
   * Takes the messages of a log out of the order from a number on, or puts them back: its author was removed, or that did not
   * count after all.
   *
   * @param end - the number from which on nothing counts; {@link LARGEST_NUMBER} if all does
   * @param timeOf - the time in the envelope of an entry; `undefined` if it is no message
   * @returns the places whose messages were withdrawn
   */
  setEnd(
    log: string,
    end: number,
    timeOf: (content: Uint8Array) => number | undefined,
  ): Promise<readonly EntryPlace[]> {
    return this.#write(async () => {
      const withdrawn: EntryPlace[] = [];
      if (this.stateOf(log).end === end) return withdrawn;
      for await (const { sequence, content } of this.entriesOf(log)) {
        const time = timeOf(content);
        if (time === undefined) continue;
        const position = { time, log, sequence };
        const key = joined(ORDER, positionKey(position));
        const isThere = (await this.#database.get(key, views)) !== undefined;
        if (isThere === sequence < end) continue;
        const operations: BatchOperation[] = isThere
          ? [{ type: "del", key }]
          : ordered(position, this.#arrivals++);
        await this.#database.batch(operations, { ...views, sync: true });
        if (isThere) withdrawn.push({ log, sequence });
      }
      const state = { ...this.stateOf(log), end };
      await this.#database.batch([put(joined(STATES, logBytes(log)), stateBytes(state))], {
        ...views,
        sync: true,
      });
      this.#states.set(log, state);
      return withdrawn;
    });
  }

  /**
   * Drops the entries of a log from a number on: the log has other entries there now, or none.
   *
   * @param timeOf - as for {@link GroupStore.setEnd}
   * @returns their places
   */
  drop(
    log: string,
    from: number,
    timeOf: (content: Uint8Array) => number | undefined,
  ): Promise<readonly EntryPlace[]> {
    return this.#write(async () => {
      const dropped: EntryPlace[] = [];
      const operations: BatchOperation[] = [];
      let latest = 0;
      for await (const { sequence, content } of this.entriesOf(log)) {
        const time = timeOf(content);
        if (sequence < from) {
          latest = Math.max(latest, time ?? 0);
          continue;
        }
        dropped.push({ log, sequence });
        operations.push({ type: "del", key: joined(ENTRIES, entryKey({ log, sequence })) });
        if (time !== undefined)
          operations.push({ type: "del", key: joined(ORDER, positionKey({ time, log, sequence })) });
      }
      if (dropped.length === 0) return dropped;
      const state = { ...this.stateOf(log), next: from, latest };
      operations.push(put(joined(STATES, logBytes(log)), stateBytes(state)));
      await this.#database.batch(operations, { ...views, sync: true });
      this.#states.set(log, state);
      return dropped;
    });
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  // One write after another: each depends on what the one before has left.
  #write<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #step(gte: Uint8Array, lt: Uint8Array): Promise<[Uint8Array, Uint8Array][]> {
    const step: [Uint8Array, Uint8Array][] = [];
    for await (const [key, value] of this.#range(gte, lt, { limit: STEP })) step.push([key, value]);
    return step;
  }

  #range(
    gte: Uint8Array,
    lt: Uint8Array,
    more: { readonly reverse?: boolean; readonly limit?: number } = {},
  ): AsyncIterable<[Uint8Array, Uint8Array]> {
    return this.#database.iterator({ ...views, gte, lt, ...more });
  }
}

function ordered(position: Position, arrival: number): BatchOperation[] {
  const key = positionKey(position);
  return [put(joined(ORDER, key), numberBytes(arrival)), put(joined(ARRIVALS, numberBytes(arrival)), key)];
}

function put(key: Uint8Array, value: Uint8Array): BatchOperation {
  return { type: "put", key, value };
}

function stateBytes({ next, latest, heard, covered, end }: LogState): Uint8Array {
  return joined(...[next, latest, heard, covered, end].map(numberBytes));
}

function stateFrom(bytes: Uint8Array): LogState {
  const [next, latest, heard, covered, end] = [0, 6, 12, 18, 24].map((at) => numberFrom(bytes, at));
  return { next: next!, latest: latest!, heard: heard!, covered: covered!, end: end! };
}
