// Where a newcomer leaves its card for who invited it: a log of its own, of which both have the seed.

import {
  databaseReaderStore,
  type KeyValueDatabase,
  NotFoundError,
  openReader,
  openWriter,
  type Reader,
  type Remote,
} from "@remote-log/core";
import { type Card, decodeCard, encodeCard } from "../members/records.ts";
import type { GroupOptions, GroupRemote } from "../options.ts";

type OpenRemotes = NonNullable<GroupOptions<never>["remotes"]>;

/** Leaves a card there, and keeps it there until it is closed. */
export async function leaveCard(
  card: Card,
  seed: Uint8Array,
  journal: KeyValueDatabase,
  remotes: OpenRemotes,
): Promise<{ publish(signal: AbortSignal): Promise<void>; close(): Promise<void> }> {
  const writer = await openWriter({
    seed,
    journal,
    remotes: remotesOf(await remotes(seed)),
    publish: "manual",
  });
  if (writer.size === 0) await writer.append(encodeCard(card));
  return {
    publish: (signal) => writer.publish({ signal }),
    close: () => writer.close(),
  };
}

/** The place where a newcomer leaves its card, as who invited it sees it. */
export class Mailbox {
  readonly #open: () => Promise<Reader>;
  #reader: Promise<Reader> | undefined;

  /**
   * @param seed - the seed of the log
   * @param scratch - an empty part of a database, from which nothing has to be kept
   */
  constructor(seed: Uint8Array, scratch: KeyValueDatabase, readers: KeyValueDatabase, remotes: OpenRemotes) {
    this.#open = async () => {
      // The id of a log follows from its seed; the writer alone computes it.
      const writer = await openWriter({ seed, journal: scratch, publish: "manual" });
      const { logId, readKey } = writer;
      await writer.close();
      const store = databaseReaderStore(readers);
      return openReader({ logId, key: readKey, remotes: remotesOf(await remotes(seed)), store });
    };
  }

  /**
   * The card that a newcomer left; `undefined` if there is none yet.
   *
   * @throws MalformedError `ERR_MALFORMED` if something else is there
   */
  async card(signal: AbortSignal): Promise<Card | undefined> {
    this.#reader ??= this.#open();
    const opening = this.#reader;
    opening.catch(() => {
      this.#reader = undefined;
    });
    const reader = await opening;
    try {
      const entry = await reader.entry(0, { signal });
      return decodeCard(entry.content);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** Closes its reader. */
  async close(): Promise<void> {
    const reader = await this.#reader?.catch(() => undefined);
    await reader?.close();
  }
}

function remotesOf(opened: readonly GroupRemote[]): readonly Remote[] {
  return opened.map(({ remote }) => remote);
}
