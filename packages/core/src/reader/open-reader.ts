// Opens a reader: puts its parts together.

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

/** Opens a log for reading; see `openReader` of the package. */
export async function openReader(options: ReaderOptions): Promise<Reader> {
  requireRuntime("reader.open");
  checkReaderOptions(options);
  const closing = new AbortController();
  const limits = limitsOf(options.limits);
  const { logId, cache } = options;
  const kept = cache && new (await import("./kept-objects.ts")).KeptObjects(cache, limits, closing.signal);
  const { store = kept?.store ?? memoryReaderStore() } = options;
  const memory = new ReaderMemory(store, logId, limits.requestMilliseconds);
  const remotes = options.remotes.map((remote) => withDeadlines(remote, limits.requestMilliseconds));
  const contacts = new Contacts(remotes);
  const parts = { memory, contacts, limits, kept, closing: closing.signal };
  const newest = new NewestState({ ...options, remotes, ...parts });
  await newest.load();
  const status = new StatusKeeper(contacts, newest, options.onStatus);
  const { furtherRemotes } = options;
  const syncWith = furtherRemotes && (await import("./find-remotes.ts")).findingRemotes(furtherRemotes);
  return new Reader({
    ...(syncWith && { syncWith }),
    options,
    contacts,
    arrivals: new Arrivals(withStoreDeadlines(store, limits.requestMilliseconds), logId),
    cursors: new Cursors(memory),
    newest,
    status,
    limits,
    isKeeping: kept !== undefined,
    closing,
    remotes,
  });
}
