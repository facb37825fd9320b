// The writer's log on its own device; docs/decisions/0004.

import { bytesEqual, concatBytes } from "../bytes.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { JournalCorruptError, JournalError } from "../errors/index.ts";
import { leafHashOf } from "../log/pair.ts";
import type { Sealed, Sealing } from "../log/sealing.ts";
import { CompactRange } from "../merkle/index.ts";
import { withChecksum, withoutChecksum } from "./checksum.ts";
import { type BatchOperation, type KeyRange, type KeyValueDatabase, viewEncoding } from "./database.ts";
import { entryKey, genesisKey, signedKey, treeKey } from "./keys.ts";
import { takeOwnership } from "./ownership.ts";

/** After how many entries the tree is saved, so that opening a long log reads at most these. */
const TREE_STEP = 1024;

/** An entry as the journal holds it. */
export interface JournalEntry extends Sealed {
  readonly sequence: number;
  /** What the application appended. */
  readonly content: Uint8Array;
}

/**
 * The writer's own log on this device: every entry that `append` acknowledged, and everything that a publish
 * must remember across a crash. It belongs to one writer at a time.
 */
export class Journal {
  readonly #database: KeyValueDatabase;
  readonly #release: () => Promise<void>;

  private constructor(database: KeyValueDatabase, release: () => Promise<void>) {
    this.#database = database;
    this.#release = release;
  }

  /** Opens a journal for one writer alone. See {@link takeOwnership} for what it throws. */
  static async open(database: KeyValueDatabase): Promise<Journal> {
    return new Journal(database, await takeOwnership(database));
  }

  /** Closes the journal and its database. */
  close(): Promise<void> {
    return this.#release();
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
  async write(operations: BatchOperation[], durable: boolean): Promise<void> {
    const stored = operations.map((operation): BatchOperation => {
      if (operation.type === "del") return operation;
      return { ...operation, value: withChecksum(operation.key, operation.value) };
    });
    try {
      await this.#database.batch(stored, { ...viewEncoding, sync: durable });
    } catch (cause) {
      throw failed("written", cause);
    }
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

  /** The genesis record; absent in a journal that is new. */
  loadGenesis(): Promise<Uint8Array | undefined> {
    return this.get(genesisKey);
  }

  /** Writes the genesis record of a new log. */
  saveGenesis(bytes: Uint8Array): Promise<void> {
    return this.write([{ type: "put", key: genesisKey, value: bytes }], true);
  }

  /** The largest checkpoint that was ever signed, as a note. */
  async loadSigned(): Promise<string | undefined> {
    const note = await this.get(signedKey);
    return note && new TextDecoder().decode(note);
  }

  /** The step of a batch that keeps the largest signed checkpoint. */
  signedOperation(note: string): BatchOperation {
    return { type: "put", key: signedKey, value: new TextEncoder().encode(note) };
  }

  /**
   * The entries of a stretch, in order, each checked against the identifier that was written with it.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if one is damaged or missing
   */
  async *entries(from: number, to: number, sealing: Sealing): AsyncGenerator<JournalEntry, void, undefined> {
    let sequence = from;
    if (from >= to) return;
    for await (const [key, value] of this.range({ gte: entryKey(from), lt: entryKey(to) })) {
      if (!bytesEqual(key, entryKey(sequence))) break;
      yield readEntry(sequence, value, sealing);
      sequence++;
    }
    if (sequence < to) throw corrupt(`entry ${sequence} is missing`);
  }

  /** The steps of a batch that append entries, and save the tree at every 1,024th. */
  appendOperations(entries: readonly JournalEntry[], after: CompactRange): BatchOperation[] {
    const operations: BatchOperation[] = entries.map(({ sequence, localHash, content }) => ({
      type: "put",
      key: entryKey(sequence),
      value: concatBytes([localHash, content]),
    }));
    const before = after.size - entries.length;
    if (Math.floor(before / TREE_STEP) < Math.floor(after.size / TREE_STEP))
      operations.push(treeOperation(after));
    return operations;
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

  /** The Merkle tree of all entries: the tree that was saved last, and the entries since. */
  async loadTree(sealing: Sealing): Promise<CompactRange> {
    const tree = await this.savedTree();
    const all: KeyRange = { gte: entryKey(tree.size), lt: entryKey(Number.MAX_SAFE_INTEGER) };
    for await (const [key, value] of this.range(all)) {
      if (!bytesEqual(key, entryKey(tree.size))) throw corrupt(`entry ${tree.size} is missing`);
      const { localHash, contentHash } = readEntry(tree.size, value, sealing);
      tree.appendLeaf(leafHashOf(localHash, contentHash));
    }
    return tree;
  }
}

/** Reads the stored form of an entry, and checks it. */
export function readEntry(sequence: number, value: Uint8Array, sealing: Sealing): JournalEntry {
  const content = new Uint8Array(value.subarray(HASH_BYTES));
  const sealed = sealing.seal(sequence, content);
  if (!bytesEqual(sealed.localHash, value.subarray(0, HASH_BYTES)))
    throw corrupt(`entry ${sequence} is damaged`);
  return { sequence, content, ...sealed };
}

function checked(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = withoutChecksum(key, stored);
  if (value !== undefined) return value;
  throw corrupt(`the record under ${JSON.stringify(new TextDecoder().decode(key))} is damaged`);
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
  return new JournalError(
    `The journal could not be ${verb}. Look at the cause (a full disk, for example), then open the writer again.`,
    { operation: "journal.access", cause },
  );
}

/** The error for a journal that holds what no writer wrote. */
export function corrupt(what: string, cause?: unknown): JournalCorruptError {
  return new JournalCorruptError(
    `The journal is corrupt: ${what}. Nothing is signed on top of it. Restore it, or recover from a remote.`,
    { operation: "journal.read", cause },
  );
}
