// A reader that follows the log of a schedule, and checks all that it gets.

import {
  memoryReaderStore,
  openReader,
  type Reader,
  type ReaderStore,
  type ReadKey,
  type Remote,
} from "@remote-log/core";
import { allowedFailure } from "./outcomes.ts";
import type { Place } from "./place.ts";
import { ProcessLife } from "./process-life.ts";
import type { Promises } from "./promises.ts";
import { Violation } from "./violation.ts";

const decoder = new TextDecoder();

/** What a follower needs to know of the log. */
export interface Followed {
  readonly logId: string;
  readonly readKey: ReadKey | undefined;
}

/** A reader, and what it keeps between its runs. */
export class Follower {
  readonly name: string;
  readonly #places: readonly Place[];
  readonly #promises: Promises;
  readonly #store: ReaderStore = memoryReaderStore();
  #reader: Reader | undefined;
  /** The largest state that it told of. */
  #size = 0;

  constructor(name: string, places: readonly Place[], promises: Promises) {
    this.name = name;
    this.#places = places;
    this.#promises = promises;
  }

  /** Catches up, reads from an entry on, and notes how it failed if it did. */
  async follow(log: Followed, from: number): Promise<string> {
    try {
      const reader = await this.#open(log);
      await reader.sync();
      await this.#read(reader, from);
      return "done";
    } catch (error) {
      return allowedFailure(error, `${this.name} reads`, this.#promises.isShared);
    }
  }

  /**
   * Reads all of a log that is whole, on places that fail no more.
   *
   * @throws Violation if it can't, or if something is missing
   */
  async readAll(log: Followed, size: number): Promise<void> {
    try {
      const reader = await this.#open(log);
      await reader.sync();
      if (reader.size !== size)
        throw new Violation("not-caught-up", `${this.name} is at ${reader.size}, and the log has ${size}.`);
      this.#promises.checkWhole(await this.#read(reader, 0), this.name);
    } catch (error) {
      if (error instanceof Violation) throw error;
      throw new Violation("reader-locked-out", `${this.name} can't read what is there: ${error}`, error);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
  }

  async #open({ logId, readKey }: Followed): Promise<Reader> {
    const life = new ProcessLife();
    const remotes = this.#places.map((place): Remote => place.remoteFor(life));
    this.#reader ??= await openReader({ logId, key: readKey, remotes, store: this.#store });
    return this.#reader;
  }

  async #read(reader: Reader, from: number): Promise<string[]> {
    const { size } = reader;
    if (size < this.#size)
      throw new Violation("reader-went-back", `${this.name} was at ${this.#size}, and is at ${size}.`);
    this.#size = size;
    const contents: string[] = [];
    let next = from;
    for await (const { sequence, content } of reader.from(from, { removed: "skip" })) {
      for (; next < sequence; next++) this.#promises.missed(next, this.name);
      if (sequence !== next)
        throw new Violation("out-of-order", `${this.name} got ${sequence}, not ${next}.`);
      next++;
      const text = decoder.decode(content);
      this.#promises.read(sequence, text, this.name);
      contents.push(text);
    }
    for (; next < size; next++) this.#promises.missed(next, this.name);
    return contents;
  }
}
