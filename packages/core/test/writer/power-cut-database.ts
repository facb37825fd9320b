import type { BatchOperation, KeyRange, KeyValueDatabase } from "../../src/index.ts";
import { ProcessLife } from "./process-life.ts";

type Records = Map<string, Uint8Array>;

const textOf = (key: Uint8Array): string => String.fromCharCode(...key);
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function apply(records: Records, operations: readonly BatchOperation[]): void {
  for (const operation of operations) {
    if (operation.type === "put") records.set(textOf(operation.key), operation.value.slice());
    else records.delete(textOf(operation.key));
  }
}

/**
 * A database as a disk holds it: a batch that was written with `sync` survives a power cut, with all before it;
 * of those since, any number of the first ones may have reached the disk, whole.
 */
export class PowerCutDatabase implements KeyValueDatabase {
  status = "open";
  /** Batches written, and how many of them with `sync`. */
  readonly writes: { operations: readonly BatchOperation[]; sync: boolean }[] = [];
  /** Called before a batch is written; what it throws is the write's failure. */
  onWrite: (operations: readonly BatchOperation[], sync: boolean) => void | Promise<void> = () => undefined;
  /** Number of values read by iterators. */
  iterated = 0;
  readonly #disk: Records;
  readonly #live: Records;
  readonly #life: ProcessLife;
  #unsynced: (readonly BatchOperation[])[] = [];

  constructor(disk: ReadonlyMap<string, Uint8Array> = new Map(), life: ProcessLife = new ProcessLife()) {
    this.#disk = new Map(disk);
    this.#live = new Map(disk);
    this.#life = life;
  }

  /** Number of batches that a power cut may lose. */
  get unsynced(): number {
    return this.#unsynced.length;
  }

  /** What the disk holds after a power cut that kept the first `kept` of the batches not synced. */
  afterPowerCut(kept = 0): Map<string, Uint8Array> {
    const records = new Map(this.#disk);
    for (const operations of this.#unsynced.slice(0, kept)) apply(records, operations);
    return records;
  }

  async open(): Promise<void> {
    this.status = "open";
  }

  async close(): Promise<void> {
    this.status = "closed";
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#live.get(textOf(key))?.slice();
  }

  async batch(
    operations: BatchOperation[],
    { sync = false }: { readonly sync?: boolean } = {},
  ): Promise<void> {
    await this.#life.effect(async () => {
      await this.onWrite(operations, sync);
      this.writes.push({ operations, sync });
      apply(this.#live, operations);
      this.#unsynced.push(operations);
      if (!sync) return;
      for (const batch of this.#unsynced) apply(this.#disk, batch);
      this.#unsynced = [];
    });
  }

  async *iterator({
    gte,
    lt,
    reverse = false,
    limit = Number.POSITIVE_INFINITY,
  }: KeyRange): AsyncGenerator<[Uint8Array, Uint8Array]> {
    const [from, to] = [textOf(gte), textOf(lt)];
    const keys = [...this.#live.keys()].filter((key) => key >= from && key < to).sort();
    if (reverse) keys.reverse();
    for (const key of keys.slice(0, limit)) {
      const value = this.#live.get(key);
      this.iterated++;
      if (value !== undefined) yield [bytesOf(key), value.slice()];
    }
  }
}
