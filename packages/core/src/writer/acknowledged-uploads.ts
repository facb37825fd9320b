// Which uploads a remote acknowledged, noted as they are made, so that no later publish makes them again.

import type { Address } from "../address/address.ts";
import { lastOf } from "../bytes.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { Journal } from "../journal/journal.ts";
import type { UploadRecords } from "../journal/upload-records.ts";
import { startTimer, stopTimer, type Timer } from "../runtime/clock.ts";

/** How many uploads share a write to the journal: an eighth of those made so far, within these bounds. */
const LEAST_AT_ONCE = 4;
const MOST_AT_ONCE = 32;

/** After how many uploaded bytes the journal is written at the latest. */
const BYTES_AT_ONCE = 2 ** 20;

/** How long an acknowledgement waits for others at most, in milliseconds. */
const LONGEST_WAIT = 250;

/**
 * The uploads that a remote acknowledged and that the tree record does not cover yet. They are noted in the journal as they
 * are made, several at a time: a process that is killed forgets at most the last few. An address is noted only after
 * the storage acknowledged it, and stands for its content alone, so a note never becomes wrong.
 */
export class AcknowledgedUploads {
  readonly #journal: Journal;
  readonly #records: UploadRecords;
  // What is in the journal, or on its way there.
  #noted = new Map<string, Address>();
  #numbers: number[] = [];
  // What is not.
  #pending: Address[] = [];
  #pendingBytes = 0;
  // What the next write forgets.
  #useless: Address[] = [];
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #count = 0;

  constructor(journal: Journal, records: UploadRecords) {
    this.#journal = journal;
    this.#records = records;
  }

  /** Reads what the journal has noted. */
  async load(): Promise<void> {
    const records = await this.#records.load();
    const addresses = records.flatMap((record) => record.addresses);
    this.#numbers = records.map(({ number }) => number);
    this.#noted = new Map(addresses.map((address) => [keyOf(address), address]));
  }

  /** Number of uploads that were acknowledged since this process began. */
  get count(): number {
    return this.#count;
  }

  /** Whether the remote acknowledged an object with this address. */
  has(address: Address): boolean {
    return this.#noted.has(keyOf(address));
  }

  /** Notes an upload that was just acknowledged; from time to time this waits for the journal. */
  async add(address: Address, bytes: number): Promise<void> {
    this.#noted.set(keyOf(address), address);
    this.#pending.push(address);
    this.#pendingBytes += bytes;
    this.#count++;
    const atOnce = Math.min(MOST_AT_ONCE, Math.max(LEAST_AT_ONCE, this.#count / 8));
    if (this.#pending.length >= atOnce || this.#pendingBytes >= BYTES_AT_ONCE) await this.save();
    // A failure to write shows at the next write, which tries the same again.
    else this.#timer ??= startTimer(() => void this.save().catch(() => undefined), LONGEST_WAIT);
  }

  /** Writes what is not in the journal yet, and waits for what is being written. */
  save(): Promise<void> {
    if (this.#pending.length === 0) return this.#writing;
    return this.commit((operations) => this.#journal.write(operations, false));
  }

  /** Forgets all but some, with the next write. */
  keepOnly(addresses: readonly Address[]): void {
    const kept = new Set(addresses.map(keyOf));
    for (const [key, address] of this.#noted) if (!kept.has(key)) this.#useless.push(address);
  }

  /**
   * Lets a batch of the journal also note what is not noted yet.
   *
   * @param write - writes the batch, with these steps in addition
   * @param covered - addresses that need no note once the batch is written: other records of it stand for them
   */
  commit(
    write: (operations: BatchOperation[]) => Promise<void>,
    covered: Iterable<Address> = [],
  ): Promise<void> {
    const turn = this.#writing.then(() => this.#commit(write, covered));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** Forgets every upload: with this batch, none of them counts any more. */
  forgetAll(write: (operations: BatchOperation[]) => Promise<void>): Promise<void> {
    const turn = this.#writing.then(async () => {
      stopTimer(this.#timer);
      this.#timer = undefined;
      await write(this.#numbers.map((number) => this.#records.deleteOperation(number)));
      this.#noted.clear();
      this.#numbers = [];
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#useless = [];
    });
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async #commit(
    write: (operations: BatchOperation[]) => Promise<void>,
    covered: Iterable<Address>,
  ): Promise<void> {
    stopTimer(this.#timer);
    this.#timer = undefined;
    const [pending, bytes] = [this.#pending, this.#pendingBytes];
    this.#pending = [];
    this.#pendingBytes = 0;
    const needless = new Set([...covered, ...this.#useless].map(keyOf));
    // One record more; or one in place of all, with what is noted still.
    const rewrite = needless.size > 0;
    const addresses = rewrite
      ? [...this.#noted].flatMap(([key, address]) => (needless.has(key) ? [] : [address]))
      : pending;
    const number = (lastOf(this.#numbers) ?? -1) + 1;
    const old = rewrite ? this.#numbers : [];
    const operations = old.map((one) => this.#records.deleteOperation(one));
    if (addresses.length > 0) operations.push(this.#records.putOperation({ number, addresses }));
    try {
      await write(operations);
    } catch (error) {
      this.#pending.unshift(...pending);
      this.#pendingBytes += bytes;
      throw error;
    }
    for (const key of needless) this.#noted.delete(key);
    this.#useless = [];
    this.#numbers = this.#numbers.filter((one) => !old.includes(one));
    if (addresses.length > 0) this.#numbers.push(number);
  }
}

// Shorter to make than its text form, of which there is one for each of many uploads.
function keyOf({ bytes }: Address): string {
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}
