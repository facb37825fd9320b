// The entry for reading: `openReader`.

import { withDeadlines } from "../remote/deadlines.ts";
import { requireRuntime } from "../runtime/features.ts";
import { limitsOf } from "../tree/reader-limits.ts";
import { Arrivals } from "./arrivals.ts";
import { checkReaderOptions } from "./check-reader-options.ts";
import { Contacts } from "./contacts.ts";
import { Cursors } from "./cursors.ts";
import { NewestState } from "./newest-state.ts";
import { Reader } from "./reader.ts";
import { ReaderMemory } from "./reader-memory.ts";
import type { ReaderOptions } from "./reader-options.ts";
import { StatusKeeper } from "./reader-status.ts";
import { memoryReaderStore, withStoreDeadlines } from "./reader-store.ts";

/**
 * Opens a log for reading. It sends no request yet; the newest state of earlier runs comes from the store.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a log id, remotes or a store that cannot be used
 * @throws ForkError `ERR_FORK` if an earlier run found that the log forked
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if the store is damaged; what the store itself throws
 *
 * @example
 * ```ts
 * import { databaseReaderStore, generateSeed, openReader, openWriter } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const remote = memoryRemote();
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.publish();
 *
 * const store = databaseReaderStore(new MemoryLevel()); // keep it: a later run notices a rollback by it
 * const reader = await openReader({ logId: writer.logId, key: writer.readKey, remotes: [remote], store });
 * for await (const { sequence, content } of reader.from(0)) console.log(sequence, content);
 * await reader.close();
 * await writer.close();
 * ```
 */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  requireRuntime("reader.open");
  checkReaderOptions(options);
  const closing = new AbortController();
  const limits = limitsOf(options.limits);
  const { store = memoryReaderStore(), logId } = options;
  const memory = new ReaderMemory(store, logId, limits.requestMilliseconds);
  const remotes = options.remotes.map((remote) => withDeadlines(remote, limits.requestMilliseconds));
  const contacts = new Contacts(remotes);
  const newest = new NewestState({ ...options, remotes, memory, contacts, limits, closing: closing.signal });
  await newest.load();
  const status = new StatusKeeper(contacts, newest, options.onStatus);
  return new Reader({
    options,
    arrivals: new Arrivals(withStoreDeadlines(store, limits.requestMilliseconds), logId),
    cursors: new Cursors(memory),
    newest,
    status,
    limits,
    closing,
    remotes,
  });
}
