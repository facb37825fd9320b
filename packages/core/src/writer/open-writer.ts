// The entry for writing: `openWriter`.

import { Journal } from "../journal/journal.ts";
import { requireRuntime } from "../runtime/features.ts";
import { checkWriterOptions } from "./check-writer-options.ts";
import { openLog } from "./open-log.ts";
import { Writer } from "./writer.ts";
import type { WriterOptions } from "./writer-options.ts";

/**
 * Opens a log for writing, or begins a new one if the journal is empty. Works offline: it sends no request.
 *
 * @throws JournalLockedError `ERR_JOURNAL_LOCKED` if another writer has the journal open
 * @throws JournalError `ERR_JOURNAL`, with the reason `"no-answer"` if the journal does not answer; JournalCorruptError
 * `ERR_JOURNAL_CORRUPT`
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a seed that is not this log's, or remotes or settings that cannot be
 * used
 * @throws UnsupportedError `ERR_UNSUPPORTED` for a log whose format this version does not know
 *
 * @example
 * ```ts
 * import { generateSeed, openWriter } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const writer = await openWriter({
 *   seed: generateSeed(), // once, and then kept: see loadOrCreateSeed
 *   journal: new MemoryLevel(), // on a real device: new ClassicLevel(path)
 *   remotes: [memoryRemote()],
 * });
 * const receipt = await writer.append(new TextEncoder().encode("hello")); // durable on this device
 * await receipt.published(); // readers find it
 * await writer.close();
 * ```
 */
export async function openWriter(options: WriterOptions): Promise<Writer> {
  requireRuntime("writer.open", "crypto.getRandomValues");
  checkWriterOptions(options);
  const journal = await Journal.open(options.journal, options.witness, options.journalMilliseconds);
  try {
    const log = await openLog(journal, options);
    const writer = new Writer(options, journal, log);
    await writer.resume(options.forRecovery === true);
    return writer;
  } catch (error) {
    // Why it can't be opened says more than why it can't be closed.
    await journal.close().catch(() => undefined);
    throw error;
  }
}
