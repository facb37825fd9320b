// Names as keys: for a service whose own keys have fewer characters, or fold some of them.

import { sha256 } from "../crypto/sha256.ts";
import { encodeUtf8 } from "../utf8.ts";

/**
 * The SHA-256 of a name in UTF-8, as 64 hexadecimal digits. A name of any length and any characters becomes a short key that
 * no service folds, cuts or refuses, and no two names become one. The shell has refused what UTF-8 can't encode.
 */
export function hashedName(name: string): string {
  const digest = sha256(encodeUtf8(name));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
