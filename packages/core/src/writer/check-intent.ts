// Whether what the journal says was signed for a remote is what this writer can have signed.

import { corrupt } from "../journal/journal.ts";
import type { IntentRecord } from "../journal/remote-records.ts";
import { readNameContent, verifyDecodedHead } from "../log/head.ts";

/**
 * Checks an intent of an earlier run before it is sent again: its head has to be signed by the log's key, and of the size that
 * is noted.
 *
 * @throws JournalCorruptError `ERR_JOURNAL_CORRUPT` if it was damaged or replaced
 */
export async function checkIntent({ size, content, head }: IntentRecord, logId: string): Promise<void> {
  try {
    const named = readNameContent(content);
    // An earlier version of the writer stored it before it was noted.
    if (named.kind === "pointer" && head === undefined) return;
    const held = named.kind === "pointer" ? readNameContent(head!) : named;
    if (held.kind === "pointer") throw corrupt("it points at a pointer");
    const { manifest } = held.wire;
    // It is on the remote, and says which key has signed.
    if (manifest !== undefined && manifest.bytes.length === 0) return;
    const { checkpoint } = await verifyDecodedHead(held, logId);
    if (checkpoint.size === size) return;
  } catch (cause) {
    throw corrupt("what was signed for a remote, and perhaps sent, is damaged", cause);
  }
  throw corrupt("what was signed for a remote, and perhaps sent, is of another size than was noted");
}
