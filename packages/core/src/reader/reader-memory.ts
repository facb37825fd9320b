// What a reader remembers between runs: the states that it verified, delivered and saw, a fork, cursors.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { type ForkEvidence, JournalCorruptError, StaleError } from "../errors/index.ts";
import { type VerifiedHead, verifyHead } from "../log/head.ts";
import type { Revision } from "../remote/name-resolver.ts";
import { sameState } from "../tree/compare-heads.ts";
import { checkForkEvidence } from "../tree/fork-evidence.ts";
import type { ReaderStore } from "./reader-store.ts";

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
 * The record as it is stored. `head` is the largest state of all, so that it never falls. The optional fields say what is
 * different from the ordinary case, in which everything was delivered from that state.
 */
interface SavedStates {
  readonly head: string;
  readonly label: string;
  readonly revision?: string;
  /** The newest verified state, if `head` was only seen. */
  readonly newest?: { readonly head: string; readonly label: string; readonly revision: string };
  /** The head that something was delivered from, if it is not the newest verified one; `null` for nothing. */
  readonly delivered?: string | null;
}

// The last save of each store: readers that share one take turns, so that none sets another back.
const saving = new WeakMap<ReaderStore, Promise<void>>();

/** The reader's memory between runs. */
export class ReaderMemory {
  readonly #store: ReaderStore;
  readonly #logId: string;

  constructor(store: ReaderStore, logId: string) {
    this.#store = store;
    this.#logId = logId;
  }

  /**
   * The states that an earlier run kept. They are verified again.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if the store was damaged
   */
  async loadStates(): Promise<KeptStates | undefined> {
    const saved = await this.#load<SavedStates>("mark");
    if (saved === undefined) return undefined;
    const verified = (head: string): Promise<VerifiedHead> => verifyHead(hexToBytes(head), this.#logId);
    try {
      const { head: newest, label, revision } = saved.newest ?? saved;
      const head = await verified(newest);
      const { delivered: before = newest } = saved;
      const delivered = before === null ? undefined : await verified(before);
      const seen = saved.newest && { head: await verified(saved.head), label: saved.label };
      return { newest: { head, label, revision: revision! }, delivered, seen };
    } catch (cause) {
      throw damaged("mark", cause);
    }
  }

  /**
   * Keeps newer states.
   *
   * @throws StaleError `ERR_STALE` if another reader of the same store has verified or seen a larger state
   */
  async saveStates({ newest, delivered, seen }: KeptStates): Promise<void> {
    const offered = (seen ?? newest).head.checkpoint.size;
    const turn = (saving.get(this.#store) ?? Promise.resolve()).then(async () => {
      const saved = await this.loadStates();
      const verified = (saved?.seen ?? saved?.newest)?.head.checkpoint.size ?? 0;
      const before = saved?.delivered;
      if (offered < verified || (before?.checkpoint.size ?? 0) > newest.head.checkpoint.size) {
        throw behindAnother(newest.label, offered, verified);
      }
      // What another reader of the store has delivered meanwhile counts as well.
      const most = (before?.checkpoint.size ?? -1) > (delivered?.checkpoint.size ?? -1) ? before : delivered;
      await this.#save("mark", recordOf({ newest, delivered: most, seen }));
    });
    saving.set(
      this.#store,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** The proof that the log forked, if one was found. */
  async loadFork(): Promise<ForkEvidence | undefined> {
    const saved = await this.#load<{ genesis: string; smaller: string; larger: string; path: string[] }>(
      "fork",
    );
    if (saved === undefined) return undefined;
    try {
      const { genesis, smaller, larger, path } = saved;
      const evidence = { genesis: hexToBytes(genesis), smaller, larger, path: path.map(hexToBytes) };
      await checkForkEvidence(evidence, this.#logId);
      return evidence;
    } catch (cause) {
      throw damaged("fork", cause);
    }
  }

  /** Keeps the proof of a fork, so that the log stays frozen. */
  async saveFork({ genesis, smaller, larger, path }: ForkEvidence): Promise<void> {
    await this.#save("fork", { genesis: bytesToHex(genesis), smaller, larger, path: path.map(bytesToHex) });
  }

  /** The sequence number that a cursor delivers next; 0 for a new one. */
  async loadCursor(cursor: string): Promise<number> {
    const saved = await this.#load<{ next: number }>(`cursor/${cursor}`);
    if (saved === undefined) return 0;
    if (!Number.isSafeInteger(saved?.next) || saved.next < 0) throw damaged(`cursor ${cursor}`);
    return saved.next;
  }

  /** Keeps a cursor's place. */
  async saveCursor(cursor: string, next: number): Promise<void> {
    await this.#save(`cursor/${cursor}`, { next });
  }

  async #load<T>(key: string): Promise<T | undefined> {
    const value = await this.#store.get(`${this.#logId}/${key}`);
    if (value === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(value)) as T;
    } catch (cause) {
      throw damaged(key, cause);
    }
  }

  async #save(key: string, value: object): Promise<void> {
    await this.#store.put(`${this.#logId}/${key}`, new TextEncoder().encode(JSON.stringify(value)));
  }
}

function recordOf({ newest, delivered, seen }: KeptStates): SavedStates {
  const state = { head: bytesToHex(newest.head.bytes), label: newest.label, revision: newest.revision };
  const all = delivered !== undefined && sameState(delivered, newest.head);
  return {
    ...(seen === undefined ? state : { head: bytesToHex(seen.head.bytes), label: seen.label, newest: state }),
    ...(!all && { delivered: delivered === undefined ? null : bytesToHex(delivered.bytes) }),
  };
}

function behindAnother(label: string, offered: number, verified: number): StaleError {
  return new StaleError(
    `${label} shows ${offered} entries, and another reader of the same store verified ${verified} meanwhile. ` +
      "Nothing of it was used; try again later.",
    { operation: "reader.sync" },
  );
}

function damaged(what: string, cause?: unknown): JournalCorruptError {
  return new JournalCorruptError(
    `The reader's own store is damaged (${what}). Remove the store to start again as a new reader, with a floor if you have one.`,
    { operation: "reader.open", cause },
  );
}
