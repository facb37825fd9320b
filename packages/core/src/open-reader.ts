// The entry for reading: `openReader`.

import type { OpenLinkOptions } from "./open-link.ts";
import { openReader as open } from "./reader/open-reader.ts";
import type { Reader } from "./reader/reader.ts";
import type { ReaderOptions } from "./reader/reader-options.ts";

/** Options of `openReader` with a link: those of {@link openLink}, of which the schemes may be left out if there are remotes. */
export interface LinkReaderOptions extends Omit<OpenLinkOptions, "schemes"> {
  /** The link, as `formatLink` or `rlog link` writes it: log, key and floor come from it. */
  readonly link: string;
  /** The adapters for the remotes that the link names. Default: none; then `remotes` are needed. */
  readonly schemes?: OpenLinkOptions["schemes"] | undefined;
}

/**
 * Opens a log for reading: by its id, or by a link that somebody gave you, as {@link openLink}. It sends no request yet; the
 * newest state of earlier runs comes from the store.
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
export async function openReader(options: ReaderOptions | LinkReaderOptions): Promise<Reader> {
  if (!isByLink(options)) return open(options);
  const { link, schemes = {}, ...others } = options;
  const { openLink } = await import("./open-link.ts");
  return openLink(link, { ...others, schemes });
}

function isByLink(options: ReaderOptions | LinkReaderOptions): options is LinkReaderOptions {
  return typeof options === "object" && options !== null && "link" in options;
}
