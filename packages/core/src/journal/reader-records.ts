// Whom the writer has named as readers, as the journal holds it: a keyring does not tell.

import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { readersKey } from "./keys.ts";

/** A reader that the writer has named. */
export interface ReaderRecord {
  readonly recipient: string;
  readonly withHistory: boolean;
  /** The number of the first entry that was granted. */
  readonly from: number;
}

/** Whom the writer has named, and when the present epoch began. */
export interface ReadersRecord {
  readonly readers: readonly ReaderRecord[];
  /** Milliseconds since 1970. */
  readonly began: number;
  /** The version of the manifest that says so. */
  readonly version: number;
  /** SHA-256 of the keyring that names them, as hexadecimal digits; empty if it names nobody. */
  readonly keyring: string;
}

/**
 * Loads what the journal has; `undefined` if it has nothing.
 *
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if it is damaged
 */
export async function loadReaders(journal: Journal): Promise<ReadersRecord | undefined> {
  const bytes = await journal.get(readersKey);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(decodeUtf8Loosely(bytes)) as ReadersRecord;
  } catch (cause) {
    throw corrupt("its list of readers is damaged", cause);
  }
}

/** The step of a batch that keeps the readers. */
export function readersOperation(record: ReadersRecord): BatchOperation {
  return { type: "put", key: readersKey, value: encodeUtf8(JSON.stringify(record)) };
}
