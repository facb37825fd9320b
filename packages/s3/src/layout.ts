// Where things are in a bucket. The same for writers with the SDK and for readers over plain HTTP.
//
//   <prefix>/contents/<SHA-256 of the content>
//   <prefix>/names/<SHA-256 of the name in UTF-8>
//   <prefix>/probe

import { Address, rawSha256 } from "@remote-log/core";
import { hashedName } from "@remote-log/core/adapter";

/** The key of a content; the prefix may be empty. */
export function contentKey(prefix: string, digest: Uint8Array): string {
  return keyOf(prefix, `contents/${hexOf(digest)}`);
}

/** What the keys of all contents begin with. */
export function contentPrefix(prefix: string): string {
  return keyOf(prefix, "contents/");
}

/** The key of a name. */
export function nameKey(prefix: string, name: string): string {
  return keyOf(prefix, `names/${hashedName(name)}`);
}

/** The key of the object with which conditional writes are tried. */
export function probeKey(prefix: string): string {
  return keyOf(prefix, "probe");
}

/** The address of the content with a key; `undefined` for a key of another kind. */
export function addressOfKey(prefix: string, key: string): Address | undefined {
  const contents = contentPrefix(prefix);
  const hex = key.slice(contents.length);
  if (!key.startsWith(contents) || !/^[0-9a-f]{64}$/.test(hex)) return undefined;
  const digest = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return Address.create(rawSha256.codec, rawSha256.hash, digest);
}

function keyOf(prefix: string, rest: string): string {
  return prefix === "" ? rest : `${prefix}/${rest}`;
}

/** Bytes in hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
