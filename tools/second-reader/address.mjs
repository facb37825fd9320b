// Addresses: CIDv1 (docs/protocol.md, "Addresses").

import { concat, equal, sha256 } from "./bytes.mjs";
import { verified, wellFormed } from "./refused.mjs";

export const ADDRESS_BYTES = 128;
const DIGEST_BYTES = 64;
const RAW = 0x55;
const SHA_256 = 0x12;

/**
 * @param {Uint8Array} bytes
 * @returns {{ codec: number, hashType: number, digest: Uint8Array }}
 */
export function decodeAddress(bytes) {
  wellFormed(bytes.length <= ADDRESS_BYTES, "an address of more than 128 bytes");
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      wellFormed(at < bytes.length, "an address that is cut short");
      const byte = bytes[at++];
      value += (byte & 0x7f) * factor;
      wellFormed(value <= Number.MAX_SAFE_INTEGER, "an address with a number that is too large");
      if (byte < 0x80) {
        wellFormed(byte !== 0 || factor === 1, "an address with a number that is not in its shortest form");
        return value;
      }
    }
  };
  wellFormed(varint() === 1, "not a CIDv1");
  const codec = varint();
  const hashType = varint();
  const length = varint();
  wellFormed(
    length >= 1 && length <= DIGEST_BYTES && length === bytes.length - at,
    "an address with a digest of a wrong length",
  );
  return { codec, hashType, digest: bytes.slice(at) };
}

/** @param {Uint8Array} digest */
export function rawAddress(digest) {
  return concat(Uint8Array.of(1, RAW, SHA_256, 32), digest);
}

/**
 * The digest of an address of codec raw and hash SHA-256, or `undefined` if it is another.
 *
 * @param {Uint8Array} address
 */
export function rawDigest(address) {
  const { codec, hashType, digest } = decodeAddress(address);
  return codec === RAW && hashType === SHA_256 && digest.length === 32 ? digest : undefined;
}

/**
 * The digest of an address, if a folder can have it: folders have raw SHA-256 alone.
 *
 * @param {Uint8Array} address
 */
export function folderDigest(address) {
  const digest = rawDigest(address);
  wellFormed(digest !== undefined, "an address of a kind that this storage does not have");
  return digest;
}

/**
 * @param {Uint8Array} address
 * @param {Uint8Array} bytes
 */
export function checkContent(address, bytes) {
  verified(equal(folderDigest(address), sha256(bytes)), "an object that does not fit its address");
}
