// Where the content of the newest snapshot is, as a head says it without a signature; docs/protocol.md, "Snapshots".

import { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import { SNAPSHOT_CONTENT_TAG } from "../wire/remote-log-message.ts";
import { varintBytes } from "../wire/varint.ts";
import { LARGEST_PAGE } from "./log-limits.ts";

/** How large a head may be, in bytes. */
export interface HeadRoom {
  /** In its name. */
  readonly name: number;
  /** As an object of its own. */
  readonly object: number;
}

/**
 * Adds to a head where the content of the newest snapshot is, if there is room for that: what fits its name without it is never
 * made an object by it.
 */
export function withSnapshotContent(head: Uint8Array, address: Address, room: HeadRoom): Uint8Array {
  // It is the last field but for the id of the remote, so appending it is encoding the whole.
  const longer = concatBytes([head, SNAPSHOT_CONTENT_TAG, varintBytes(address.bytes.length), address.bytes]);
  const limit = Math.min(LARGEST_PAGE, head.length <= room.name ? room.name : room.object);
  return longer.length <= limit ? longer : head;
}

/** The address that such a field has; `undefined` if it is none: it is a hint alone, and no fault of the head. */
export function addressIfAny(bytes: Uint8Array): Address | undefined {
  try {
    return Address.fromBytes(bytes);
  } catch {
    // It throws for nothing but malformed bytes.
    return undefined;
  }
}
