// What a reader remembers between runs: the newest verified state, a fork, cursors.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { type ForkEvidence, JournalCorruptError, StaleError } from "../errors/index.ts";
import { type VerifiedHead, verifyHead } from "../log/head.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { ReaderStore } from "./reader-store.ts";

/** The newest state that a reader has verified, and where it came from. It only advances. */
export interface LastVerified {
  readonly head: VerifiedHead;
  /** Label of the remote that showed it. */
  readonly label: string;
  /** The revision of the name that held it. */
  readonly revision: Revision;
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
   * The newest state verified in an earlier run. It is verified again.
   *
   * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if the store was damaged
   */
  async loadLastVerified(): Promise<LastVerified | undefined> {
    const saved = await this.#load<{ head: string; label: string; revision: string }>("mark");
    if (saved === undefined) return undefined;
    try {
      const head = await verifyHead(hexToBytes(saved.head), this.#logId);
      return { head, label: saved.label, revision: saved.revision };
    } catch (cause) {
      throw damaged("mark", cause);
    }
  }

  /**
   * Keeps a newer state.
   *
   * @throws StaleError `ERR_STALE` if another reader of the same store has verified a larger one
   */
  async saveLastVerified({ head, label, revision }: LastVerified): Promise<void> {
    const offered = head.checkpoint.size;
    const turn = (saving.get(this.#store) ?? Promise.resolve()).then(async () => {
      const verified = (await this.loadLastVerified())?.head.checkpoint.size ?? 0;
      if (offered < verified) throw behindAnother(label, offered, verified);
      await this.#save("mark", { head: bytesToHex(head.bytes), label, revision });
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
      return { genesis: hexToBytes(genesis), smaller, larger, path: path.map(hexToBytes) };
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
