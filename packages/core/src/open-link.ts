// From a link to an open reader: the remotes that it names are opened by the adapters that the application has.

import { InvalidInputError, UnsupportedError } from "./errors/index.ts";
import { parseLink } from "./link/link.ts";
import { checkArgument } from "./options/check-option-types.ts";
import { record } from "./options/option-kinds.ts";
import { openReader } from "./reader/open-reader.ts";
import type { Reader } from "./reader/reader.ts";
import type { ReaderOptions } from "./reader/reader-options.ts";
import type { Remote } from "./remote/remote.ts";

/**
 * How the remotes of a link are opened: by the beginning of a URI up to its first colon, such as `"s3:"`, a function that opens
 * one.
 */
export type Schemes = Readonly<Record<string, (uri: string) => Remote | Promise<Remote>>>;

/** Options of {@link openLink}: those of `openReader`, except for what the link says. */
export interface OpenLinkOptions extends Omit<ReaderOptions, "logId" | "remotes" | "key" | "floor"> {
  /**
   * The adapters. A link comes from anybody, and reading it sends requests to what it names: give here only what may be asked for
   * strangers, without credentials, such as `publicS3RemoteFromUri` of `@remote-log/s3/public`.
   */
  readonly schemes: Schemes;
  /** Further remotes, of your own; they stay open when the reader is closed. Default: none. */
  readonly remotes?: readonly Remote[] | undefined;
}

const operation = "link.open";

/**
 * Opens the log that a link leads to, for reading: its remotes, with its key, and nothing older than it says. Remotes of schemes
 * that are not given are left out, if there are others. It sends no request yet. If the log says that it lives elsewhere, too
 * (`Writer.setRemotes`), that is asked as well from then on. All remotes that were opened are closed with the reader.
 *
 * @param link - a link, as `formatLink` or `rlog link` writes it
 * @throws InvalidInputError `ERR_INVALID_INPUT` if it is not a link, or damaged; and what `openReader` and the adapters throw
 * @throws UnsupportedError `ERR_UNSUPPORTED` with the reason `"scheme"` if no remote is left
 *
 * @example
 * ```ts
 * import { formatLink, generateSeed, openLink, openWriter } from "@remote-log/core";
 * import { memoryRemote } from "@remote-log/memory";
 * import { MemoryLevel } from "memory-level";
 *
 * const remote = memoryRemote();
 * const writer = await openWriter({ seed: generateSeed(), journal: new MemoryLevel(), remotes: [remote] });
 * await (await writer.append(new TextEncoder().encode("hello"))).published();
 * const link = formatLink({ logId: writer.logId, key: writer.readKey, remotes: ["memory:one"] });
 *
 * // Bob, who has the link:
 * const reader = await openLink(link, { schemes: { "memory:": () => remote } }); // such as { "s3:": publicS3RemoteFromUri }
 * for await (const { content } of reader.from(0)) console.log(new TextDecoder().decode(content));
 * await reader.close();
 * await writer.close();
 * ```
 */
export async function openLink(
  link: string,
  { schemes, remotes: own = [], ...options }: OpenLinkOptions,
): Promise<Reader> {
  const { logId, remotes: uris, floor, key } = parseLink(link);
  checkArgument(
    schemes,
    { ...record, expected: 'an object such as `{ "s3:": publicS3RemoteFromUri }`' },
    {
      name: "`schemes` of openLink",
      operation,
    },
  );
  const opened: Remote[] = [];
  try {
    for (const uri of uris) {
      const open = openerOf(schemes, uri);
      if (open !== undefined) opened.push(await open(uri));
    }
    if (opened.length + own.length === 0) throw nothingLeft(schemes, uris);
    const seen = new Set(uris);
    const furtherRemotes = async (further: readonly string[]): Promise<readonly Remote[]> => {
      const found: Remote[] = [];
      for (const uri of further) {
        const open = seen.has(uri) ? undefined : openerOf(schemes, uri);
        // One that can't be opened is no reason not to read from the others.
        const remote = open && (await Promise.allSettled([open(uri)]))[0];
        if (remote?.status === "fulfilled") found.push(remote.value);
      }
      opened.push(...found);
      return found;
    };
    const remotes = [...opened, ...own];
    const reader = await openReader({ furtherRemotes, ...options, logId, floor, key, remotes });
    reader.alsoClose(() => closeAll(opened));
    return reader;
  } catch (error) {
    await closeAll(opened).catch(() => undefined);
    throw error;
  }
}

function openerOf(schemes: Schemes, uri: string): Schemes[string] | undefined {
  const scheme = schemeOf(uri);
  if (!Object.hasOwn(schemes, scheme)) return undefined;
  const open = schemes[scheme];
  if (typeof open === "function") return open;
  throw new InvalidInputError(
    `\`schemes[${JSON.stringify(scheme)}]\` of openLink must be a function that opens a remote by its URI.`,
    { operation },
  );
}

// The link says what it names, and never who may use it: only the scheme is repeated.
function nothingLeft(schemes: Schemes, uris: readonly string[]): UnsupportedError {
  const given = Object.keys(schemes).join(", ") || "none";
  const named = [...new Set(uris.map(schemeOf))].join(", ") || "no remote";
  return new UnsupportedError(
    `The link names ${named}, and the schemes that are given are: ${given}. Give the adapter for one of them, or a remote of your own.`,
    { operation, reason: "scheme" },
  );
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(":") + 1);
}

async function closeAll(remotes: readonly Remote[]): Promise<void> {
  for (const { storage, names } of remotes) {
    await storage.close?.();
    await names.close?.();
  }
}
