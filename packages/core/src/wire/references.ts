// Rules for addresses and packed hashes, which several messages share.

import { HASH_BYTES } from "../crypto/sha256.ts";
import { fieldOf, type Refuse } from "./refusal.ts";

/** Refuses an address over the limit. An empty one passes: an address that is absent is empty. */
export function checkAddress(
  address: Uint8Array,
  maxAddressBytes: number,
  message: string,
  field: string,
  refuse: Refuse,
): void {
  if (address.length > maxAddressBytes) {
    throw refuse(
      fieldOf(message, field),
      `has ${address.length} bytes, and at most ${maxAddressBytes} are accepted`,
    );
  }
}

/** Refuses packed hashes that are not a whole number of hashes. */
export function checkPackedHashes(hashes: Uint8Array, message: string, field: string, refuse: Refuse): void {
  if (hashes.length % HASH_BYTES !== 0) {
    throw refuse(fieldOf(message, field), `has ${hashes.length} bytes, not a multiple of ${HASH_BYTES}`);
  }
}

/** The limits that references are under. */
export interface ReferenceLimits {
  readonly maxReferences: number;
  readonly maxAddressBytes: number;
}

/** Refuses references that are too many or too long, or that do not have one packed hash for each address. */
export function checkReferences(
  addresses: readonly Uint8Array[],
  hashes: Uint8Array,
  limits: ReferenceLimits,
  message: string,
  refuse: Refuse,
): void {
  if (addresses.length > limits.maxReferences) {
    throw refuse(
      fieldOf(message, "address"),
      `has ${addresses.length} elements, and at most ${limits.maxReferences} are accepted`,
    );
  }
  for (const address of addresses) checkAddress(address, limits.maxAddressBytes, message, "address", refuse);
  if (hashes.length !== addresses.length * HASH_BYTES) {
    throw refuse(
      fieldOf(message, "hashes"),
      `has ${hashes.length} bytes, and ${addresses.length} addresses need ${addresses.length * HASH_BYTES}`,
    );
  }
}
