// Entries in one array, and how much memory they may take.

import { TooLargeError } from "../errors/index.ts";
import { ENTRY_COST, type Entry } from "../tree/entry.ts";

/**
 * Collects entries. Each counts with its content and with what it costs itself, so that a great many small ones are bounded, too.
 *
 * @param limit - the most bytes to collect
 * @throws TooLargeError `ERR_TOO_LARGE`
 */
export async function collectEntries(entries: AsyncIterable<Entry>, limit: number): Promise<Entry[]> {
  const collected: Entry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    bytes += ENTRY_COST + entry.content.length;
    if (bytes > limit) {
      throw new TooLargeError(
        `These entries take more than ${limit} bytes together: their contents, and ${ENTRY_COST} bytes for each. ` +
          "Stream them with from(), or raise the limit collectedBytes.",
        { operation: "reader.latest", limit },
      );
    }
    collected.push(entry);
  }
  return collected;
}
