// A device's disk: what a power cut leaves of a journal, and a witness outside it.

import type { BatchOperation, JournalWitness, KeyRange, KeyValueDatabase } from "@remote-log/core";
import type { ProcessLife } from "./process-life.ts";

type Records = Map<string, Uint8Array>;

/** What a disk holds: the records of the journal, and what the witness said last. */
export interface DiskImage {
  readonly records: ReadonlyMap<string, Uint8Array>;
  readonly statement: Uint8Array | undefined;
}

const textOf = (key: Uint8Array): string => String.fromCharCode(...key);
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function apply(records: Records, operations: readonly BatchOperation[]): void {
  for (const operation of operations) {
    if (operation.type === "put") records.set(textOf(operation.key), new Uint8Array(operation.value));
    else records.delete(textOf(operation.key));
  }
}

/**
 * A disk on which one process works. A batch that was written with `sync` survives a power cut, with all before it; of those since,
 * any number of the first ones may have reached the disk, whole. A statement of the witness survives as soon as it is saved.
 */
export class Disk implements KeyValueDatabase {
  status = "open";
  readonly #disk: Records;
  readonly #live: Records;
  readonly #life: ProcessLife;
  #unsynced: (readonly BatchOperation[])[] = [];
  #statement: Uint8Array | undefined;

  constructor(image: DiskImage | undefined, life: ProcessLife) {
    this.#disk = new Map(image?.records);
    this.#live = new Map(image?.records);
    this.#statement = image?.statement;
    this.#life = life;
  }

  /** The witness of the journal, beside it. */
  readonly witness: JournalWitness = {
    load: async () => this.#statement,
    save: (statement) =>
      this.#life.effect(() => {
        this.#statement = new Uint8Array(statement);
      }),
    close: async () => undefined,
  };

  /**
   * What is left after a power cut.
   *
   * @param spared - how many of the batches that were not synced had reached the disk; all of them by default, as after a mere crash
   */
  afterCrash(spared: number = Number.POSITIVE_INFINITY): DiskImage {
    const records = new Map(this.#disk);
    for (const operations of this.#unsynced.slice(0, spared)) apply(records, operations);
    return { records, statement: this.#statement };
  }

  async open(): Promise<void> {
    this.status = "open";
  }

  async close(): Promise<void> {
    this.status = "closed";
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const value = this.#live.get(textOf(key));
    return value && new Uint8Array(value);
  }

  async batch(
    operations: BatchOperation[],
    { sync = false }: { readonly sync?: boolean } = {},
  ): Promise<void> {
    await this.#life.effect(() => {
      apply(this.#live, operations);
      this.#unsynced.push(operations);
      if (!sync) return;
      for (const batch of this.#unsynced) apply(this.#disk, batch);
      this.#unsynced = [];
    });
  }

  async *iterator(range: KeyRange): AsyncGenerator<[Uint8Array, Uint8Array]> {
    const { gte, lt, reverse = false, limit = Number.POSITIVE_INFINITY } = range;
    const [from, to] = [textOf(gte), textOf(lt)];
    const keys = [...this.#live.keys()].filter((key) => key >= from && key < to).sort();
    if (reverse) keys.reverse();
    for (const key of keys.slice(0, limit)) {
      const value = this.#live.get(key);
      if (value !== undefined) yield [bytesOf(key), new Uint8Array(value)];
    }
  }
}
