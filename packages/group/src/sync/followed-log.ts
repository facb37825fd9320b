// A log of another device, read into the store as far as this device may.

import {
  databaseReaderStore,
  type KeyValueDatabase,
  NoKeyError,
  openLink,
  type Reader,
  type Schemes,
} from "@remote-log/core";
import type { GroupStore, NewEntry } from "../store/group-store.ts";
import type { MemberIdentity } from "./member-identity.ts";

/** How a log is read. */
export interface FollowOptions {
  readonly store: GroupStore;
  readonly schemes: Schemes;
  /** Where the readers keep what they verified. */
  readonly readers: KeyValueDatabase;
  /** What opens it. */
  readonly identity: MemberIdentity;
  /** How often one read is repeated at most. */
  readonly retries: number | undefined;
}

/** What an entry becomes; `"wait"` leaves it, and all after it, for a later time. */
export type Take = (sequence: number, content: Uint8Array) => NewEntry | "wait";

/** How many entries, and how many bytes, are kept in one step. */
const STEP_ENTRIES = 256;
const STEP_BYTES = 1_048_576;

/** A log of another device. */
export class FollowedLog {
  readonly #id: string;
  readonly #link: string;
  readonly #options: FollowOptions;
  #reader: Promise<Reader> | undefined;

  constructor(id: string, link: string, options: FollowOptions) {
    this.#id = id;
    this.#link = link;
    this.#options = options;
  }

  /**
   * Reads what is new, and keeps it.
   *
   * @param take - turns an entry into what is kept
   * @param options - `end`: the sequence number before which it ends; `skips`: whether entries that this device may not read are
   * passed over, if it may read later ones
   */
  async catchUp(
    take: Take,
    { end, skips, signal }: { readonly end: number; readonly skips: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    const { store, identity } = this.#options;
    const reader = await this.#open();
    for (;;) {
      if (store.stateOf(this.#id).next >= end) return;
      try {
        await this.#read(reader, take, end, signal);
        return;
      } catch (error) {
        if (!(error instanceof NoKeyError)) throw error;
        // A key that was given may be a wrong one; what its owner says is not.
        if (await identity.forget(this.#id)) continue;
        const readable = skips ? firstAfter(reader, store.stateOf(this.#id).next) : undefined;
        if (readable === undefined) throw error;
        await store.skip(this.#id, readable);
      }
    }
  }

  /** Closes its reader, with the remotes that were opened for it. */
  async close(): Promise<void> {
    const reader = await this.#reader?.catch(() => undefined);
    await reader?.close();
  }

  async #read(reader: Reader, take: Take, end: number, signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    let entries: NewEntry[] = [];
    let bytes = 0;
    const keep = async (): Promise<void> => {
      const step = entries;
      entries = [];
      bytes = 0;
      await store.add(step);
    };
    try {
      const from = store.stateOf(this.#id).next;
      for await (const { sequence, content } of reader.from(from, { removed: "skip", signal })) {
        if (sequence >= end) break;
        const entry = take(sequence, content);
        if (entry === "wait") break;
        entries.push(entry);
        bytes += content.length;
        if (entries.length >= STEP_ENTRIES || bytes >= STEP_BYTES) await keep();
      }
    } finally {
      await keep();
    }
  }

  #open(): Promise<Reader> {
    const { schemes, readers, identity, retries } = this.#options;
    this.#reader ??= openLink(this.#link, {
      schemes,
      identity,
      store: databaseReaderStore(readers),
      retries,
    });
    const opening = this.#reader;
    // What could not be opened now may be opened at the next time.
    opening.catch(() => {
      this.#reader = undefined;
    });
    return opening;
  }
}

/** The first entry of the next key of a log, behind an entry. */
function firstAfter(reader: Reader, sequence: number): number | undefined {
  return reader.manifest?.epochs
    .map(({ first }) => first)
    .find((first) => first > sequence && first < reader.size);
}
