// The limits that a log keeps to be readable by everybody; docs/protocol.md, "Messages" and "Limits of a log".

import { Address } from "../address/address.ts";
import type { HashType } from "../address/hash-type.ts";
import { HASH_BYTES } from "../crypto/sha256.ts";
import { InvalidInputError, TooLargeError } from "../errors/index.ts";
import { DEFAULT_WIRE_LIMITS } from "../wire/limits.ts";
import { varintBytes } from "../wire/varint.ts";
import { addressHoldsContentHash } from "./pair.ts";
import { type Cuts, treeShape } from "./tree-shape.ts";

/** The largest head or page that readers accept by default, in bytes. */
export const LARGEST_PAGE: number = 4 * 2 ** 20;

/** The largest content of its own that readers accept by default, in bytes. */
export const LARGEST_CONTENT: number = 16 * 2 ** 20;

/** The least number of entries that a new log can hold, unless its writer asks for less. */
export const LEAST_CAPACITY: number = 2 ** 40;

/** What a head holds besides pairs and levels, at most: genesis record, signed note, `tail`, each with its field. */
const HEAD_FRAME = 2048;

/** The fields of a level besides its refs, at most: the address of a node, and up to 8 peaks. */
const LEVEL_FRAME = 512;

/** An address of the greatest length that the protocol allows, of a kind that does not hold the content's hash. */
const longestAddress: AddressForm = { bytes: DEFAULT_WIRE_LIMITS.maxAddressBytes, holdsHash: false };

/** What an address costs in a page. */
export interface AddressForm {
  /** Length of a binary address. */
  readonly bytes: number;
  /** Whether it is itself the SHA-256 of the content, so that a pair need not repeat the hash. */
  readonly holdsHash: boolean;
}

/** The form of the addresses of one kind. */
export function addressForm({ codec, hash, digestBytes }: HashType): AddressForm {
  const address = Address.create(codec, hash, new Uint8Array(digestBytes));
  return { bytes: address.bytes.length, holdsHash: addressHoldsContentHash(address) };
}

/** The most entries that a log holds: as many as a head with the most levels can show. */
export function capacityOf({ leafSize, fanOut }: Cuts): number {
  let capacity = leafSize;
  let width = leafSize;
  for (let level = 0; level < DEFAULT_WIRE_LIMITS.maxLevels; level++) {
    width *= fanOut;
    capacity += width;
  }
  return Math.min(capacity, Number.MAX_SAFE_INTEGER);
}

/** Bytes of a pair that embeds a content, in a page. */
function embeddedPairBytes(content: number): number {
  const data = content === 0 ? 0 : fieldBytes(1, content);
  return fieldBytes(1, fieldBytes(1, HASH_BYTES) + data);
}

/** Bytes of a pair that points at a content, in a page. */
export function pointerPairBytes({ bytes, holdsHash }: AddressForm): number {
  const contentHash = holdsHash ? 0 : fieldBytes(2, HASH_BYTES);
  return fieldBytes(1, fieldBytes(1, bytes) + fieldBytes(1, HASH_BYTES) + contentHash);
}

/** Bytes of a full index node, at most. */
export function nodeBytes({ fanOut }: Cuts, address: AddressForm): number {
  return fanOut * fieldBytes(1, address.bytes) + fieldBytes(1, fanOut * HASH_BYTES);
}

/**
 * How many bytes each pair of a log may have, so that no page and no head ever exceeds its limit, whatever the other
 * entries are and however long the log becomes. Below zero if not even the index fits.
 *
 * @param address - of pages and nodes
 * @param limits - largest page and largest head, in bytes
 */
export function bytesForPair(
  cuts: Cuts,
  address: AddressForm,
  limits: { readonly page: number; readonly head: number },
): number {
  const levels = treeShape(capacityOf(cuts), cuts).levels.length;
  const index = levels * (LEVEL_FRAME + nodeBytes(cuts, address));
  const inPage = (limits.page - fieldBytes(1, address.bytes)) / cuts.leafSize;
  const inHead = (limits.head - HEAD_FRAME - index) / cuts.leafSize;
  return Math.floor(Math.min(inPage, inHead));
}

/** The largest content that a pair of at most `pairBytes` bytes embeds; -1 if not even an empty one fits. */
export function largestEmbeddedIn(pairBytes: number): number {
  if (pairBytes < embeddedPairBytes(0)) return -1;
  let largest = pairBytes;
  while (embeddedPairBytes(largest) > pairBytes) largest--;
  return largest;
}

/**
 * Refuses settings with which a new log would one day be full, or its entries too large for its pages: then what was appended
 * could not be published. Logs that were begun with such settings are read and continued all the same.
 *
 * @param leastCapacity - how many entries it must be able to hold
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"settings"`
 */
export function checkNewLog(cuts: Cuts, leastCapacity: number = LEAST_CAPACITY): void {
  const { leafSize, fanOut } = cuts;
  const capacity = capacityOf(cuts);
  if (!Number.isSafeInteger(leastCapacity) || leastCapacity < 1) {
    throw refused(`leastCapacity must be a whole number of at least 1, not ${leastCapacity}.`);
  }
  if (capacity < leastCapacity) {
    throw refused(
      `With a leaf size of ${leafSize} and a fan-out of ${fanOut} a log would be full at ${capacity} entries, and ` +
        `${leastCapacity} are asked for. Use a larger fan-out, or lower leastCapacity.`,
    );
  }
  const room = bytesForPair(cuts, longestAddress, { page: LARGEST_PAGE, head: LARGEST_PAGE });
  const needed = pointerPairBytes(longestAddress);
  if (needed <= room) return;
  throw refused(
    `A leaf size of ${leafSize} is too large for a new log: readers accept pages of up to ${LARGEST_PAGE} bytes, which leaves ` +
      `${room} for an entry, and its address alone can take ${needed}. Use at most 16384.`,
  );
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError(message, { operation: "writer.open", reason: "settings" });
}

/**
 * Refuses a page or head that readers do not accept by default: it must never be published.
 *
 * @throws TooLargeError `ERR_TOO_LARGE`
 */
export function checkReadable(what: "page" | "head", bytes: Uint8Array): void {
  if (bytes.length <= LARGEST_PAGE) return;
  throw new TooLargeError(
    `A ${what} of this log would have ${bytes.length} bytes, and readers accept at most ${LARGEST_PAGE}. Its entries are too large ` +
      "for this leaf size: they are safe in the journal, and fit into a log with a smaller one.",
    { operation: `${what}.encode`, limit: LARGEST_PAGE },
  );
}

/** Bytes of a field: its tag, its length, and itself. */
function fieldBytes(tag: number, length: number): number {
  return tag + varintBytes(length).length + length;
}
