// What a remote has room for: which contents are embedded in pages there, and how large an entry may be.

import { InvalidInputError, TooLargeError } from "../errors/index.ts";
import type { GenesisSettings } from "../log/genesis.ts";
import { REMOTE_ID_FIELD_BYTES } from "../log/head.ts";
import {
  addressForm,
  bytesForPair,
  LARGEST_CONTENT,
  LARGEST_PAGE,
  largestEmbeddedIn,
  nodeBytes,
  pointerPairBytes,
} from "../log/log-limits.ts";
import { largestContentIn } from "../log/sealed-size.ts";
import type { HeadRoom } from "../log/snapshot-content.ts";
import type { Cuts } from "../log/tree-shape.ts";
import type { Remote } from "../remote/remote.ts";
import { LARGEST_EMBEDDED, type WriterOptions } from "./writer-options.ts";

/** What a remote has room for, whatever the other entries are. */
export interface RemoteRoom {
  /** Largest content that is embedded in a page, in bytes as stored. */
  readonly largestEmbedded: number;
  /** Largest content of an entry, in bytes. */
  readonly largestContent: number;
}

type Sizes = Pick<WriterOptions, "largestEmbedded" | "largestContent">;

/**
 * What a remote has room for, by the limits of the protocol, of its storage and of its names: each pair has a share of the
 * page, and a content that does not fit into it becomes an object of its own. If not even its address fits, which only the
 * largest pages bring about, such a content is refused by `append`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` if pages, index nodes or heads of this log can be too large for the remote
 * even with empty entries
 */
export function roomOn(
  { storage, names, label }: Remote,
  settings: GenesisSettings,
  { largestEmbedded = LARGEST_EMBEDDED, largestContent = LARGEST_CONTENT }: Sizes,
): RemoteRoom {
  const form = addressForm(storage.capabilities.hashTypes[0]!);
  const stored = storage.capabilities.largestContent;
  const page = Math.min(LARGEST_PAGE, stored);
  const head = Math.min(
    LARGEST_PAGE,
    Math.max(stored, names.capabilities.largestContent - REMOTE_ID_FIELD_BYTES),
  );
  const forPair = bytesForPair(settings, form, { page, head });
  const embedded = largestEmbeddedIn(forPair);
  const embeddedContent = largestContentIn(embedded, settings);
  if (embeddedContent < 0 || nodeBytes(settings, form) > stored) throw tooSmall(label, settings, stored);
  // If no address fits, everything has to be embedded.
  if (pointerPairBytes(form) > forPair) {
    return { largestEmbedded: embedded, largestContent: Math.min(largestContent, embeddedContent) };
  }
  return {
    largestEmbedded: Math.min(largestEmbedded, embedded),
    largestContent: Math.min(largestContent, largestContentIn(Math.min(stored, LARGEST_CONTENT), settings)),
  };
}

/** How large a head may be on a remote, without the id that the name holds beside it. */
export function headRoomOn({ storage, names }: Pick<Remote, "storage" | "names">): HeadRoom {
  const inName = Math.min(LARGEST_PAGE, names.capabilities.largestContent);
  return { name: inName - REMOTE_ID_FIELD_BYTES, object: storage.capabilities.largestContent };
}

/**
 * The largest content that a log with these options takes, in bytes: what all of its remotes have room for.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` as {@link roomOn}, and for a size that is not a whole number within its bounds
 */
export function largestContentOf(options: WriterOptions, settings: GenesisSettings): number {
  checkSizes(options);
  const { remotes = [], largestContent = LARGEST_CONTENT } = options;
  const readable = largestContentIn(LARGEST_CONTENT, settings);
  const rooms = remotes.map((remote) => roomOn(remote, settings, options).largestContent);
  return Math.min(largestContent, readable, ...rooms);
}

function checkSizes({ largestEmbedded = 0, largestContent = 0 }: Sizes): void {
  for (const [name, size] of Object.entries({ largestEmbedded, largestContent })) {
    if (Number.isSafeInteger(size) && size >= 0 && size <= LARGEST_CONTENT) continue;
    throw new InvalidInputError(
      `${name} must be a whole number of bytes from 0 to ${LARGEST_CONTENT}, which is what readers accept, not ${size}.`,
      { operation: "writer.open" },
    );
  }
}

function tooSmall(label: string, { leafSize, fanOut }: Cuts, stored: number): InvalidInputError {
  return new InvalidInputError(
    `${label} stores contents of at most ${stored} bytes, and a page, index node or head of this log can be larger (leaf size ` +
      `${leafSize}, fan-out ${fanOut}). Nothing was sent. Use a storage for larger contents, or a new log with a smaller leaf ` +
      "size and fan-out.",
    { operation: "writer.open", reason: "remote-too-small" },
  );
}

/**
 * Checks that a log holds as many entries as its journal has. `append` refuses what does not fit; an earlier version did not.
 *
 * @throws TooLargeError `ERR_TOO_LARGE` with the reason `"log-full"`
 */
export function checkHeld(size: number, capacity: number): void {
  if (size <= capacity) return;
  throw new TooLargeError(
    `The journal has ${size} entries, and with its leaf size and fan-out the log holds at most ${capacity}. Nothing was sent. The ` +
      "entries are safe in the journal: start a new log, and append them there.",
    { operation: "writer.publish", reason: "log-full", limit: capacity },
  );
}
