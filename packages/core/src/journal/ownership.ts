// A journal belongs to one writer at a time.

import { JournalCorruptError, JournalError, JournalLockedError } from "../errors/index.ts";
import type { KeyValueDatabase } from "./database.ts";
import { CLOSING, OPENING, Patience } from "./patience.ts";

const owned = new WeakSet<KeyValueDatabase>();

/**
 * Opens a journal's database for one writer alone. Between processes the database's own lock decides
 * (`classic-level`), between browser tabs the Web Locks of the browser, within one process a list of the open databases.
 *
 * @param patience - waits for the database; default: 60 seconds
 * @returns a function that closes the database and releases it; if that takes too long it fails, and the database is released
 * once it has closed
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED` if another writer has it open
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` with the reason `"database"` if the database says that it is damaged
 * @throws JournalError `ERR_JOURNAL` if it cannot be opened at all
 */
export async function takeOwnership(
  database: KeyValueDatabase,
  patience: Patience = new Patience(),
): Promise<() => Promise<void>> {
  if (owned.has(database)) throw locked();
  owned.add(database);
  let unlocking: Promise<() => Promise<void>> | undefined;
  // Until the database has closed, what it was told may still take effect: nobody else may open it before.
  const release = async (): Promise<void> => {
    try {
      await database.close();
    } finally {
      const unlock = await unlocking?.catch(() => undefined);
      await unlock?.();
      owned.delete(database);
    }
  };
  try {
    await patience.wait(async () => {
      unlocking = takeWebLock(database);
      await unlocking;
      await database.open();
    }, OPENING);
  } catch (cause) {
    // Some databases open themselves on construction. One that gave no answer is left to end by itself.
    const released = release().catch(() => undefined);
    if (cause instanceof JournalError) throw cause;
    await patience.wait(() => released, CLOSING).catch(() => undefined);
    if (cause instanceof JournalLockedError) throw cause;
    if (hasCode(cause, "LEVEL_LOCKED")) throw locked(cause);
    if (hasCode(cause, "LEVEL_CORRUPTION")) throw damaged(cause);
    throw new JournalError(
      "The journal's database can't be opened. Look at the cause; check the path and its permissions.",
      { operation: "journal.open", cause },
    );
  }
  return () => patience.wait(release, CLOSING);
}

interface LockManager {
  request(
    name: string,
    options: { ifAvailable: true },
    callback: (lock: unknown) => Promise<void> | undefined,
  ): Promise<void>;
}

/** What a database in a browser has besides: the name of its IndexedDB, in two parts. */
interface NamedDatabase {
  readonly location?: unknown;
  readonly namePrefix?: unknown;
}

async function takeWebLock(database: KeyValueDatabase & NamedDatabase): Promise<() => Promise<void>> {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  const { location, namePrefix } = database;
  if (navigator?.locks === undefined || typeof location !== "string") return async () => undefined;
  const name = `remote-log:journal:${typeof namePrefix === "string" ? namePrefix : ""}${location}`;
  return new Promise((resolve, reject) => {
    const request = navigator.locks!.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        reject(locked());
        return undefined;
      }
      return new Promise<void>((release) => {
        resolve(() => {
          release();
          // Until the request has ended, others still see the lock as held.
          return request.catch(() => undefined);
        });
      });
    });
    request.catch(reject);
  });
}

function hasCode(error: unknown, code: string): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ((at as { code?: unknown }).code === code) return true;
  }
  return false;
}

function locked(cause?: unknown): JournalLockedError {
  return new JournalLockedError(
    "Another writer has this journal open, and a log has one writer at a time. Close that one first.",
    { operation: "journal.open", cause },
  );
}

function damaged(cause: unknown): JournalCorruptError {
  return new JournalCorruptError(
    "The journal's database is damaged and can't be opened: see the cause. Nothing was written. Restore the journal, or recover " +
      "from a remote: open the writer with an empty database, `forRecovery` and the `logId`, and call recover().",
    { operation: "journal.open", reason: "database", cause },
  );
}
