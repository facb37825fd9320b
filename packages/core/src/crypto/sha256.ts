// SHA-256 (FIPS 180-4), by the runtime if it answers at once, else in JavaScript.

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytesEqual } from "../bytes.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Length of a SHA-256 digest, in bytes. */
export const HASH_BYTES = 32;

/** A digest as text, one character for each byte: it costs the runtime half as much as one that has memory of its own. */
type TextDigest = (content: Uint8Array) => string;

const native = rightDigest(nativeDigest());

/**
 * SHA-256 (FIPS 180-4). Hashing is most of the work of an append and of catching up, so the runtime's own function is used
 * if it is synchronous. Web Crypto is not: waiting for it costs more than a small hash.
 */
export function sha256(content: Uint8Array): Uint8Array {
  return native === undefined ? nobleSha256(content) : bytesOfDigest(native(content));
}

/** The same as text, one character for each byte, for whoever hashes it again: it costs less. */
export function sha256Text(content: Uint8Array): string {
  return native === undefined ? String.fromCharCode(...nobleSha256(content)) : native(content);
}

/** The bytes of a digest that is text. */
export function bytesOfDigest(text: string): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function rightDigest(found: TextDigest | undefined): TextDigest | undefined {
  const sample = new Uint8Array([0x61, 0x62, 0x63]);
  try {
    if (found !== undefined && bytesEqual(bytesOfDigest(found(sample)), nobleSha256(sample))) return found;
  } catch {
    // What is there is not what Node has under this name.
  }
  return undefined;
}

function nativeDigest(): TextDigest | undefined {
  const hash = nodeCrypto()?.hash;
  if (hash === undefined) return undefined;
  return (content) => hash("sha256", content, "latin1");
}
