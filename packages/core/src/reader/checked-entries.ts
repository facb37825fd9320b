// Entries that are delivered only as long as no reader of the same store has found a fork.

import type { Entry } from "../tree/entry.ts";

/** How many entries are delivered, at most, between two looks at the store. */
const STORE_STEP = 256;

/**
 * Yields entries, and looks at the store before the first of them and before every 256th one after it.
 *
 * @param checkStore - throws if another reader of the store has found a fork
 */
export async function* checkedEntries(
  entries: AsyncIterable<Entry>,
  checkStore: () => Promise<unknown>,
): AsyncGenerator<Entry, void, undefined> {
  let delivered = 0;
  for await (const entry of entries) {
    if (delivered++ % STORE_STEP === 0) await checkStore();
    yield entry;
  }
}
