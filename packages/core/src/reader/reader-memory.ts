// What a reader remembers between runs, and shares with other readers of its store: the states that it verified, delivered and saw, a fork, cursors.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { type ForkEvidence, JournalCorruptError, JournalError } from "../errors/index.ts";
import { generationOf, type VerifiedHead, verifyHead } from "../log/head.ts";
import { REQUEST_MILLISECONDS } from "../remote/deadlines.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import { sameState } from "../tree/compare-heads.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import type { FormerProof } from "./former-keys.ts";
import { checkReaderStore, type ReaderStore, sameValue, withStoreDeadlines } from "./reader-store.ts";

/** The newest state that a reader has verified, and where it came from. It only advances. */
export interface LastVerified {
  readonly head: VerifiedHead;
  /** Label of the remote that showed it. */
  readonly label: string;
  /** The revision of the name that held it. */
  readonly revision: Revision;
}

/** A larger state that a remote showed, and that nobody has shown to extend the newest verified one. */
export interface SeenState {
  readonly head: VerifiedHead;
  /** Label of the remote that showed it. */
  readonly label: string;
}

/** The states that a reader keeps; docs/protocol.md, "States over time". */
export interface KeptStates {
  /** The newest state that was verified to extend the delivered one. */
  readonly newest: LastVerified;
  /** The largest state that something was delivered from; `undefined` if nothing was delivered yet. */
  readonly delivered: VerifiedHead | undefined;
  /** The largest other state that was seen, if it is larger than the newest verified one. */
  readonly seen: SeenState | undefined;
}

/**
 * The record of a log in the store, under the key `<log id>/mark`. `head` is the largest state of all, so that it never falls.
 * The optional fields say what is different from the ordinary case, in which everything was delivered from that state.
 *
 * States and fork are one record, so that whoever saves either has seen both. Fields of a later version are kept.
 */
interface SavedRecord {
  readonly head?: string;
  readonly label?: string;
  readonly revision?: string;
  /** The newest verified state, if `head` was only seen. */
  readonly newest?: { readonly head: string; readonly label: string; readonly revision: string };
  /** The head that something was delivered from, if it is not the newest verified one; `null` for nothing. */
  readonly delivered?: string | null;
  readonly fork?: SavedFork;
  /** What former keys signed that is not part of the log. */
  readonly former?: readonly SavedProof[];
}

interface SavedProof {
  readonly generation: number;
  readonly from?: number;
  readonly proof: SavedFork;
}

interface SavedFork {
  readonly genesis: string;
  readonly successions?: readonly string[];
  readonly smaller: string;
  readonly larger: string;
  readonly path: readonly string[];
}

/** What the store held about a log at one moment. */
export interface SavedState {
  /** The states that readers of the store kept. */
  readonly states?: KeptStates | undefined;
  /** The proof that the log forked, if a reader of the store found one. */
  readonly fork?: ForkEvidence | undefined;
  /** What former keys signed that is not part of the log; at most one proof of each key, and one for each time that entries were taken back. */
  readonly former: readonly FormerProof[];
  /** The record that says so. */
  readonly record: SavedRecord;
  /** The bytes of the record, which a save has to find unchanged; `undefined` if there is none. */
  readonly bytes: Uint8Array | undefined;
}

/** The reader's memory between runs. */
export class ReaderMemory {
  readonly #store: ReaderStore;
  readonly #logId: string;
  // The last that was seen: what has not changed is not verified again.
  #seen: SavedState | undefined;

  /**
   * @param milliseconds - how long the store may take to answer; default 60,000
   * @throws InvalidInputError `ERR_INVALID_INPUT` for a store that lacks a method
   */
  constructor(store: ReaderStore, logId: string, milliseconds: number = REQUEST_MILLISECONDS) {
    checkReaderStore(store);
    this.#store = withStoreDeadlines(store, milliseconds);
    this.#logId = logId;
  }

  /**
   * What the store holds now, whoever saved it. What has changed since the last look is verified again.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if the store was damaged
   */
  async load(options: OperationOptions = {}): Promise<SavedState> {
    const bytes = await this.#store.get(this.#key("mark"), options);
    if (this.#seen !== undefined && sameValue(bytes, this.#seen.bytes)) return this.#seen;
    const record = bytes === undefined ? {} : recordIn(bytes);
    const states = await this.#verifiedStates(record);
    const fork = await this.#verifiedFork(record.fork ?? (await this.#loadEarlierFork(options)));
    const { former: proofs = [] } = record;
    if (!Array.isArray(proofs) || !proofs.every(isProof)) throw damaged("mark");
    const former = await Promise.all(proofs.map((saved) => this.#verifiedProof(saved)));
    this.#seen = { states, fork, former, record, bytes };
    return this.#seen;
  }

  /** What the store held at the last look; there has to have been one. */
  get latest(): SavedState {
    return this.#seen!;
  }

  /**
   * Saves newer states, unless another reader saved something since: then the caller has to compare with {@link latest} first.
   *
   * @param since - what the newer states were compared with
   * @returns what the store holds now, or `undefined` if nothing was saved
   */
  async saveStates(since: SavedState, states: KeptStates): Promise<SavedState | undefined> {
    const { newest: _newest, delivered: _delivered, ...others } = since.record;
    const record = { ...others, ...recordOf(states) };
    return this.#replace(since, { ...since, states, record, bytes: recordBytes(record) });
  }

  /** Saves the proof of a fork, so that the log stays frozen for every reader of the store. The first proof stays. */
  async saveFork(fork: ForkEvidence): Promise<void> {
    await this.#change((since) =>
      since.fork === undefined
        ? { ...since, fork, record: { ...since.record, fork: savedFork(fork) } }
        : since,
    );
  }

  /** Saves what former keys signed that is not part of the log. One proof of each key is enough, and each from which something was delivered. */
  async saveFormer(proofs: readonly FormerProof[]): Promise<void> {
    await this.#change((since) => withFormer(since, proofs));
  }

  /** Ends a fork because a later key signs: what was its proof shows that somebody else had the former key. */
  async endFork(fork: ForkEvidence): Promise<void> {
    const proof = { generation: fork.successions?.length ?? 0, evidence: fork };
    await this.#change((since) => {
      const { fork: _, ...record } = since.record;
      return withFormer({ ...since, fork: undefined, record }, [proof]);
    });
  }

  async #change(change: (since: SavedState) => SavedState): Promise<void> {
    for (;;) {
      const since = await this.load();
      const next = change(since);
      const bytes = recordBytes(next.record);
      if (since.bytes !== undefined && sameValue(bytes, since.bytes)) return;
      if (await this.#replace(since, { ...next, bytes })) return;
    }
  }

  /** Where all of it is: the store, and the log whose id its keys begin with. */
  get place(): readonly [ReaderStore, string] {
    return [this.#store, this.#logId];
  }

  /** Whether the store keeps a manifest. */
  async hasManifest(): Promise<boolean> {
    return (await this.#store.get(this.#key("manifest"))) !== undefined;
  }

  /** The sequence number that a cursor delivers next; 0 for a new one. */
  async loadCursor(cursor: string): Promise<number> {
    const key = `cursor/${cursor}`;
    const saved = readRecord<{ next: number; keys?: number }>(key, await this.#store.get(this.#key(key)));
    if (saved === undefined) return 0;
    if (!Number.isSafeInteger(saved?.next) || saved.next < 0) throw damaged(`cursor ${cursor}`);
    // What was delivered of a former key, and is not part of the log, is delivered again as the log has it.
    const takenBack = (this.#seen?.former ?? []).filter(({ generation }) => generation >= (saved.keys ?? 0));
    return Math.min(saved.next, ...takenBack.flatMap(({ from }) => from ?? []));
  }

  /** Keeps a cursor's place. */
  async saveCursor(cursor: string, next: number): Promise<void> {
    const newest = this.#seen?.states?.newest.head;
    const keys = newest === undefined ? 0 : generationOf(newest);
    await this.#store.put(this.#key(`cursor/${cursor}`), recordBytes({ next, ...(keys > 0 && { keys }) }));
  }

  #key(name: string): string {
    return `${this.#logId}/${name}`;
  }

  async #replace(since: SavedState, next: SavedState): Promise<SavedState | undefined> {
    if (await this.#store.compareAndSet(this.#key("mark"), since.bytes, next.bytes!)) {
      this.#seen = next;
      return next;
    }
    // Nothing that was saved is ever set back, so another try would end the same.
    if (sameValue((await this.load()).bytes, since.bytes)) throw refused();
    return undefined;
  }

  async #verifiedStates(saved: SavedRecord): Promise<KeptStates | undefined> {
    if (saved.head === undefined) return undefined;
    const verified = (head: string): Promise<VerifiedHead> => verifyHead(hexToBytes(head), this.#logId);
    try {
      const { head: newest, label, revision } = saved.newest ?? saved;
      const head = await verified(newest!);
      const { delivered: before = newest! } = saved;
      const delivered = before === null ? undefined : before === newest ? head : await verified(before);
      const seen = saved.newest && { head: await verified(saved.head), label: saved.label! };
      return { newest: { head, label: label!, revision: revision! }, delivered, seen };
    } catch (cause) {
      throw damaged("mark", cause);
    }
  }

  async #verifiedFork(saved: SavedFork | undefined): Promise<ForkEvidence | undefined> {
    if (saved === undefined) return undefined;
    try {
      const { genesis, successions, smaller, larger, path } = saved;
      const more = successions && { successions };
      const fork = { genesis: hexToBytes(genesis), ...more, smaller, larger, path: path.map(hexToBytes) };
      const { checkForkEvidence } = await import("../tree/fork-evidence.ts");
      await checkForkEvidence(fork, this.#logId);
      return fork;
    } catch (cause) {
      throw damaged("fork", cause);
    }
  }

  async #verifiedProof({ generation, from, proof }: SavedProof): Promise<FormerProof> {
    const evidence = await this.#verifiedFork(proof);
    return { generation, evidence: evidence!, ...(from !== undefined && { from }) };
  }

  // Earlier versions kept the proof under a key of its own: it was there before this reader was opened.
  async #loadEarlierFork(options: OperationOptions): Promise<SavedFork | undefined> {
    if (this.#seen !== undefined) return undefined;
    return readRecord<SavedFork>("fork", await this.#store.get(this.#key("fork"), options));
  }
}

function withFormer(since: SavedState, proofs: readonly FormerProof[]): SavedState {
  const former = [...since.former];
  // First those that say what was delivered.
  for (const proof of [...proofs].sort(
    (a, b) => Number(b.from !== undefined) - Number(a.from !== undefined),
  )) {
    const isKnown = former.some(({ generation }) => generation === proof.generation);
    if (proof.from !== undefined || !isKnown) former.push(proof);
  }
  return { ...since, former, record: { ...since.record, former: former.map(savedProof) } };
}

function savedFork({ genesis, successions, smaller, larger, path }: ForkEvidence): SavedFork {
  const more = successions && { successions };
  return { genesis: bytesToHex(genesis), ...more, smaller, larger, path: path.map(bytesToHex) };
}

function savedProof({ generation, from, evidence }: FormerProof): SavedProof {
  return { generation, ...(from !== undefined && { from }), proof: savedFork(evidence) };
}

function recordOf({ newest, delivered, seen }: KeptStates): SavedRecord {
  const state = { head: bytesToHex(newest.head.bytes), label: newest.label, revision: newest.revision };
  const all = delivered !== undefined && sameState(delivered, newest.head);
  return {
    ...(seen === undefined ? state : { head: bytesToHex(seen.head.bytes), label: seen.label, newest: state }),
    ...(!all && { delivered: delivered === undefined ? null : bytesToHex(delivered.bytes) }),
  };
}

function isProof(saved: unknown): saved is SavedProof {
  const { generation, from = 0, proof } = (saved ?? {}) as Partial<SavedProof>;
  return proof !== undefined && Number.isSafeInteger(generation) && Number.isSafeInteger(from) && from >= 0;
}

function recordIn(bytes: Uint8Array): SavedRecord {
  const record = readRecord<SavedRecord | null>("mark", bytes);
  // A reader may have found proofs about former keys before any state that it keeps.
  if (record?.head === undefined && record?.fork === undefined && record?.former === undefined)
    throw damaged("mark");
  return record;
}

/**
 * What a record in the store says; `undefined` if there is none.
 *
 * @param isOne - whether what it says has the right shape. Default: nothing is asked
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if it is damaged
 */
export function readRecord<T>(
  what: string,
  bytes: Uint8Array | undefined,
  isOne: (value: unknown) => boolean = () => true,
): T | undefined {
  if (bytes === undefined) return undefined;
  let value: T;
  try {
    value = JSON.parse(decodeUtf8Loosely(bytes)) as T;
  } catch (cause) {
    throw damaged(what, cause);
  }
  if (!isOne(value)) throw damaged(what);
  return value;
}

/** The bytes of a record in the store. */
export function recordBytes(value: object): Uint8Array {
  return encodeUtf8(JSON.stringify(value));
}

/** The error for a store that holds what no reader wrote. */
export function damaged(what: string, cause?: unknown): JournalCorruptError {
  return new JournalCorruptError(
    `The reader's own store is damaged (${what}). Remove the store to start again as a new reader, with a floor if you have one.`,
    { operation: "reader.open", cause },
  );
}

/** The error for a store whose compareAndSet does not do what it must. */
export function refused(): JournalError {
  return new JournalError(
    "The reader's store did not replace a value, and holds exactly the one that was expected. " +
      "Its compareAndSet compares wrongly; the conformance suite for stores tells more.",
    { operation: "reader.sync" },
  );
}
