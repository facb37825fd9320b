// SHA-256 (FIPS 180-4), by the runtime if it answers at once, else in JavaScript.

import { createHash } from "sha256-uint8array";
import { bytesEqual } from "../bytes.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Length of a SHA-256 digest, in bytes. */
export const HASH_BYTES = 32;

/** A digest as text, one character for each byte: it costs the runtime half as much as one that has memory of its own. */
type TextDigest = (content: Uint8Array) => string;

/** A digest as it costs least: text from a runtime that hashes by itself, or else bytes. For whoever hashes it again. */
export type Digest = string | Uint8Array;

const native = rightDigest(nativeDigest());

/**
 * SHA-256 (FIPS 180-4). Hashing is most of the work of an append and of catching up, so the runtime's own function is used
 * if it is synchronous. Web Crypto is not: waiting for it costs more than a small hash.
 */
export function sha256(content: Uint8Array): Uint8Array {
  return native === undefined ? portableSha256(content) : bytesOfDigest(native(content));
}

/** The same, as it costs least. */
export function sha256Digest(content: Uint8Array): Digest {
  return native === undefined ? portableSha256(content) : native(content);
}

/** Writes the bytes of a digest into others. */
export function putDigest(digest: Digest, into: Uint8Array, at: number): void {
  if (typeof digest !== "string") into.set(digest, at);
  else for (let i = 0; i < HASH_BYTES; i++) into[at + i] = digest.charCodeAt(i);
}

/** The bytes of a digest, in memory of their own. */
export function bytesOfDigest(digest: Digest): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  putDigest(digest, bytes, 0);
  return bytes;
}

function portableSha256(content: Uint8Array): Uint8Array {
  // It reads words where bytes begin at one; bytes that begin elsewhere take longer than a copy of them.
  const aligned = content.byteOffset % 4 === 0 ? content : new Uint8Array(content);
  return createHash().update(aligned).digest();
}

function rightDigest(found: TextDigest | undefined): TextDigest | undefined {
  const sample = new Uint8Array([0x61, 0x62, 0x63]);
  try {
    if (found !== undefined && bytesEqual(bytesOfDigest(found(sample)), portableSha256(sample))) return found;
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
