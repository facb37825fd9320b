// SHA-256 (FIPS 180-4), by the runtime if it answers at once, else in JavaScript.

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { bytesEqual } from "../bytes.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Length of a SHA-256 digest, in bytes. */
export const HASH_BYTES = 32;

type Digest = (content: Uint8Array) => Uint8Array;

const digest = chooseDigest();

/**
 * SHA-256 (FIPS 180-4). Hashing is most of the work of an append and of catching up, so the runtime's own function is used
 * if it is synchronous. Web Crypto is not: waiting for it costs more than a small hash.
 */
export function sha256(content: Uint8Array): Uint8Array {
  return digest(content);
}

function chooseDigest(): Digest {
  const native = nativeDigest();
  const sample = new Uint8Array([0x61, 0x62, 0x63]);
  try {
    if (native !== undefined && bytesEqual(native(sample), nobleSha256(sample))) return native;
  } catch {
    // What is there is not what Node has under this name.
  }
  return nobleSha256;
}

// A digest as text costs the runtime half as much as one that has memory of its own, of which it has to keep account.
function nativeDigest(): Digest | undefined {
  const hash = nodeCrypto()?.hash;
  if (hash === undefined) return undefined;
  return (content) => {
    const text = hash("sha256", content, "latin1");
    const bytes = new Uint8Array(HASH_BYTES);
    for (let i = 0; i < HASH_BYTES; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  };
}
