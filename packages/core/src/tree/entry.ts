// One entry, opened: its content is fetched if it is not embedded, and verified.

import type { Pair } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import type { TreeView } from "./tree-view.ts";

/** An entry of a log, verified in full: its bytes, its identifier, its place under the signed root. */
export interface Entry {
  /** Place in the log, from 0. */
  readonly sequence: number;
  /** The entry's own identifier: SHA-256 of the content, or its MVDS id, as the genesis says. 32 bytes. */
  readonly id: Uint8Array;
  /** What the writer appended. */
  readonly content: Uint8Array;
}

/**
 * What an entry takes in memory besides the bytes of its content: its objects, and its identifier. Some 400 bytes in Node,
 * rounded up.
 */
export const ENTRY_COST = 512;

/**
 * Opens one entry of a verified page or head; fetches its content first if that is not embedded.
 *
 * @param early - its content, verified against its address, if it was fetched before
 * @throws WithheldError `ERR_WITHHELD` if storage shows no content of it, IntegrityError `ERR_INTEGRITY`, NoKeyError `ERR_NO_KEY`, and what the storage throws
 */
export function openEntry(
  view: TreeView,
  sealing: Pick<Sealing, "open">,
  sequence: number,
  pair: Pair,
  signal: AbortSignal | undefined,
  early?: Promise<Uint8Array | undefined>,
): Entry | Promise<Entry> {
  const { localHash, contentHash, place } = pair;
  const open = (stored: Uint8Array): Entry => {
    const { id, content } = sealing.open(sequence, { localHash, stored, contentHash });
    return { sequence, id, content };
  };
  switch (place.kind) {
    case "embedded":
      return open(place.stored);
    case "pointer":
      return view.content(place.address, contentHash, signal, early).then(open);
    case "removed":
      return import("./withheld-entry.ts").then(({ withheldEntry }) => {
        throw withheldEntry(sequence);
      });
  }
}
