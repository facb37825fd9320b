// The writer's log on its own device; docs/decisions/0004.

import { concatBytes } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { JournalCorruptError, JournalError } from "../errors/index.ts";
import type { Sealing } from "../log/sealing.ts";
import { CompactRange } from "../merkle/index.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import { withChecksum, withoutChecksum } from "./checksum.ts";
import { corrupt } from "./corrupt.ts";
import {
  type BatchOperation,
  type JournalOperation,
  type KeyRange,
  type KeyValueDatabase,
  viewEncoding,
} from "./database.ts";
import {
  type AppendedEntry,
  type JournalEntry,
  leftOperation,
  type RemovedEntry,
  readLeafHash,
  readRecord,
  readRemoved,
} from "./entry-record.ts";
import {
  entryKey,
  genesisKey,
  isRemovedKey,
  recoveriesKey,
  removedKey,
  sequenceIn,
  signedKey,
  treeKey,
} from "./keys.ts";
import { takeOwnership } from "./ownership.ts";
import { Patience, patientDatabase, patientWitness } from "./patience.ts";
import type { JournalWitness } from "./witness.ts";

export { corrupt } from "./corrupt.ts";
export {
  type AppendedEntry,
  type JournalEntry,
  type RemovedEntry,
  readEntry,
  readRemoved,
} from "./entry-record.ts";

/** After how many entries the tree is saved, so that opening a long log reads few more than these. */
export const TREE_STEP = 256;

/**
 * The writer's own log on this device: every entry that `append` acknowledged, and everything that a publish
 * must remember across a crash. It belongs to one writer at a time.
 */
export class Journal {
  /** What states outside the database how far entries were acknowledged; `undefined` if nothing does. */
  readonly witness: JournalWitness | undefined;
  readonly #database: Pick<KeyValueDatabase, "get" | "batch" | "iterator" | "compactRange">;
  readonly #release: () => Promise<void>;

  private constructor(
    database: KeyValueDatabase,
    release: () => Promise<void>,
    witness: JournalWitness | undefined,
    patience: Patience,
  ) {
    this.#database = patientDatabase(database, patience);
    this.#release = release;
    this.witness = witness && patientWitness(witness, patience);
  }

  /**
   * Opens a journal for one writer alone. See {@link takeOwnership} for what it throws.
   *
   * @param milliseconds - how long the database and the witness may take to answer; default 60,000
   */
  static async open(
    database: KeyValueDatabase,
    witness?: JournalWitness,
    milliseconds?: number,
  ): Promise<Journal> {
    const patience = new Patience(milliseconds);
    return new Journal(database, await takeOwnership(database, patience), witness, patience);
  }

  /**
   * Closes the journal, its witness and its database.
   *
   * @throws JournalError `ERR_JOURNAL` with the reason `"no-answer"` if one of them is still not closed; the journal then stays
   * owned until it is
   */
  async close(): Promise<void> {
    try {
      // First the witness: nobody else may open it before the database is released.
      await this.witness?.close();
    } finally {
      await this.#release();
    }
  }

  /**
   * A value, or `undefined`.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if it is not what was written under this key
   */
  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    let stored: Uint8Array | undefined;
    try {
      stored = await this.#database.get(key, viewEncoding);
    } catch (cause) {
      throw failed("read", cause);
    }
    return stored && checked(key, stored);
  }

  /** Whether nothing was ever written. */
  async isEmpty(): Promise<boolean> {
    for await (const _ of this.range({ gte: new Uint8Array(0), lt: new Uint8Array([255]), limit: 1 }))
      return false;
    return true;
  }

  /**
   * Writes all of a batch or nothing.
   *
   * @param durable - whether it must survive a power cut once this resolves
   * @throws JournalError `ERR_JOURNAL`; whether anything was written is then unknown until the journal is opened again
   */
  async write(operations: readonly JournalOperation[], durable: boolean): Promise<void> {
    const stored = operations.map((operation): BatchOperation => {
      if (operation.type === "del") return operation;
      const { key } = operation;
      const parts = "parts" in operation ? operation.parts : [operation.value];
      return { type: "put", key, value: withChecksum(key, ...parts) };
    });
    try {
      await this.#database.batch(stored, { ...viewEncoding, sync: durable });
    } catch (cause) {
      throw failed("written", cause);
    }
  }

  /**
   * Has the database forget, also on disk, what was deleted from `start` to before `end`, if it can do that when it is asked. It
   * does not fail: what was deleted is not shown any more in any case.
   *
   * @returns whether it can do that
   */
  async compact(start: Uint8Array, end: Uint8Array): Promise<boolean> {
    if (this.#database.compactRange === undefined) return false;
    await this.#database.compactRange(start, end, { keyEncoding: "view" }).catch(() => undefined);
    return true;
  }

  /**
   * The keys and values of a range, in order.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if a value is not what was written under its key
   */
  async *range(range: KeyRange): AsyncGenerator<[Uint8Array, Uint8Array], void, undefined> {
    try {
      for await (const [key, stored] of this.#database.iterator({ ...viewEncoding, ...range })) {
        yield [key, checked(key, stored)];
      }
    } catch (cause) {
      throw cause instanceof JournalCorruptError ? cause : failed("read", cause);
    }
  }

  /** The keys of a range, in order, whether their values are damaged or not. */
  async *keys(range: KeyRange): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const [key] of this.#database.iterator({ ...viewEncoding, ...range })) yield key;
    } catch (cause) {
      throw failed("read", cause);
    }
  }

  /** The genesis record; absent in a journal that is new. */
  loadGenesis(): Promise<Uint8Array | undefined> {
    return this.get(genesisKey);
  }

  /**
   * Writes the genesis record of a log.
   *
   * @param further - further steps of the same batch
   */
  saveGenesis(bytes: Uint8Array, further: readonly BatchOperation[] = []): Promise<void> {
    return this.write([{ type: "put", key: genesisKey, value: bytes }, ...further], true);
  }

  /** The largest checkpoint that was ever signed, as a note. */
  async loadSigned(): Promise<string | undefined> {
    const note = await this.get(signedKey);
    return note && decodeUtf8Loosely(note);
  }

  /** The step of a batch that keeps the largest signed checkpoint, or says that there is none. */
  signedOperation(note: string | undefined): BatchOperation {
    if (note === undefined) return { type: "del", key: signedKey };
    return { type: "put", key: signedKey, value: encodeUtf8(note) };
  }

  /**
   * The entries of a stretch, in order, each checked against the identifier that was written with it. Of those whose content
   * was removed the two hashes are left.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if one is damaged or missing
   */
  async *entries(
    from: number,
    to: number,
    sealing: Sealing,
  ): AsyncGenerator<JournalEntry | RemovedEntry, void, undefined> {
    let sequence = from;
    if (from >= to) return;
    for await (const [key, value] of this.range({ gte: entryKey(from), lt: entryKey(to) })) {
      const entry = readRecord(sequence, key, value, sealing);
      if (entry === undefined) break;
      yield entry;
      sequence++;
    }
    if (sequence < to) throw corrupt(`entry ${sequence} is missing`);
  }

  /** What is left of the entries of a stretch whose contents were removed, in order. */
  async *removedEntries(from: number, to: number): AsyncGenerator<RemovedEntry, void, undefined> {
    if (from >= to) return;
    for await (const [key, value] of this.range({ gte: entryKey(from), lt: entryKey(to) })) {
      if (isRemovedKey(key)) yield readRemoved(sequenceIn(key), value);
    }
  }

  /**
   * The steps of a batch that append entries, and save a tree at every 256th.
   *
   * @param tree - the tree that they make, or one before it; called if it is to be saved
   */
  appendOperations(entries: readonly AppendedEntry[], tree: () => CompactRange): JournalOperation[] {
    const operations: JournalOperation[] = entries.map(({ sequence, localHash, content }) => ({
      type: "put",
      key: entryKey(sequence),
      parts: [localHash, content],
    }));
    const [first] = entries;
    if (first === undefined) return operations;
    const end = first.sequence + entries.length;
    if (Math.floor(first.sequence / TREE_STEP) < Math.floor(end / TREE_STEP))
      operations.push(treeOperation(tree()));
    return operations;
  }

  /** The steps of a batch that put entries into the places of others, whose contents may have been removed or not. */
  replaceOperations(
    entries: readonly (JournalEntry | RemovedEntry)[],
    after: CompactRange,
  ): JournalOperation[] {
    const others = entries.map(({ sequence, removed = false }): BatchOperation => {
      return { type: "del", key: removed ? entryKey(sequence) : removedKey(sequence) };
    });
    const left = entries.filter((entry): entry is RemovedEntry => entry.removed === true).map(leftOperation);
    const whole = entries.filter((entry): entry is JournalEntry => entry.removed !== true);
    return [...others, ...left, ...this.appendOperations(whole, () => after)];
  }

  /** The step of a batch that saves another tree. */
  treeOperation(tree: CompactRange): BatchOperation {
    return treeOperation(tree);
  }

  /** The tree that was saved last; the empty one if there is none. */
  async savedTree(): Promise<CompactRange> {
    const saved = await this.get(treeKey);
    return saved === undefined ? CompactRange.empty() : readTree(saved);
  }

  /** How many recoveries were completed. */
  async loadRecoveries(): Promise<number> {
    const count = await this.get(recoveriesKey);
    return count === undefined ? 0 : Number(decodeUtf8Loosely(count));
  }

  /** The step of a batch that counts a completed recovery. */
  recoveriesOperation(count: number): BatchOperation {
    return { type: "put", key: recoveriesKey, value: encodeUtf8(String(count)) };
  }

  /**
   * The Merkle tree of all entries: the tree that was saved last, and the entries since.
   *
   * @param at - a size at which to show the tree on the way, if it has at least that many entries. If the tree was saved at a larger
   * size, all entries are read again
   * @param show - gets the tree as it was at that size
   */
  async loadTree(
    sealing: Sealing,
    at?: number,
    show: (tree: CompactRange) => void = () => undefined,
  ): Promise<CompactRange> {
    const saved = await this.savedTree();
    const tree = at !== undefined && saved.size > at ? CompactRange.empty() : saved;
    if (tree.size === at) show(tree);
    for await (const leafHash of this.#leafHashes(tree.size, sealing)) {
      tree.appendLeaf(leafHash);
      if (tree.size === at) show(tree);
    }
    if (tree.size < saved.size) throw corrupt(`entry ${tree.size} is missing`);
    return tree;
  }

  /** The Merkle tree of the entries before the first that is damaged or missing. Reads all of them. */
  async loadIntactTree(sealing: Sealing): Promise<CompactRange> {
    const tree = CompactRange.empty();
    try {
      for await (const leafHash of this.#leafHashes(0, sealing)) tree.appendLeaf(leafHash);
    } catch (error) {
      if (!(error instanceof JournalCorruptError)) throw error;
    }
    return tree;
  }

  async *#leafHashes(from: number, sealing: Sealing): AsyncGenerator<Uint8Array, void, undefined> {
    let sequence = from;
    const all: KeyRange = { gte: entryKey(from), lt: entryKey(Number.MAX_SAFE_INTEGER) };
    for await (const [key, value] of this.range(all)) {
      const leafHash = readLeafHash(sequence, key, value, sealing);
      if (leafHash === undefined) throw corrupt(`entry ${sequence} is missing`);
      yield leafHash;
      sequence++;
    }
  }
}

function checked(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = withoutChecksum(key, stored);
  if (value !== undefined) return value;
  throw corrupt(`the record under ${JSON.stringify(decodeUtf8Loosely(key))} is damaged`);
}

function treeOperation(tree: CompactRange): BatchOperation {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(tree.size));
  return { type: "put", key: treeKey, value: concatBytes([size, ...tree.hashes()]) };
}

function readTree(bytes: Uint8Array): CompactRange {
  const hashes: Uint8Array[] = [];
  for (let at = 8; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.slice(at, at + HASH_BYTES));
  try {
    const size = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
    return CompactRange.fromHashes(Number(size), hashes);
  } catch (cause) {
    throw corrupt("the tree is damaged", cause);
  }
}

function failed(verb: string, cause: unknown): JournalError {
  // It gave no answer, and says what that means.
  if (cause instanceof JournalError) return cause;
  return new JournalError(
    `The journal could not be ${verb}. Look at the cause (a full disk, for example), then open the writer again.`,
    { operation: "journal.access", cause },
  );
}
