// Cursors: how far an application has come with a log, kept in the reader's store.

import { Semaphore } from "../async/semaphore.ts";
import type { Entry } from "../tree/entry.ts";
import type { ReaderMemory } from "./reader-memory.ts";

/** How many entries a cursor may have to deliver again after a crash. */
const CURSOR_STEP = 64;

/** The cursors of one reader. */
export class Cursors {
  readonly #memory: ReaderMemory;
  readonly #turns = new Semaphore(1);

  constructor(memory: ReaderMemory) {
    this.#memory = memory;
  }

  /**
   * Streams what a cursor has not delivered yet, and keeps its place.
   *
   * @param open - opens the stream at a sequence number; it calls `onEnd` when everything that exists was delivered
   */
  async *follow(
    cursor: string,
    open: (start: number, onEnd: () => Promise<void>) => AsyncIterable<Entry>,
  ): AsyncGenerator<Entry, void, undefined> {
    const start = await this.#memory.loadCursor(cursor);
    let [next, saved] = [start, start];
    const save = async (): Promise<void> => {
      if (next > saved) await this.advance(cursor, next);
      saved = next;
    };
    try {
      for await (const entry of open(start, save)) {
        yield entry;
        next = entry.sequence + 1;
        if (next - saved >= CURSOR_STEP) await save();
      }
    } finally {
      await save();
    }
  }

  /** Saves a cursor's place, unless it has come further already: it never goes back. */
  advance(cursor: string, next: number, signal?: AbortSignal): Promise<void> {
    return this.#turns.run(signal, async () => {
      if (next > (await this.#memory.loadCursor(cursor))) await this.#memory.saveCursor(cursor, next);
    });
  }
}
