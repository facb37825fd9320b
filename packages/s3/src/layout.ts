import { Address, hashTypeOf, InvalidInputError, rawSha256 } from "@remote-log/core";
import type { FaultContext } from "./errors.ts";

// Where things are in a bucket. The same for who writes with the SDK and for who reads over plain HTTP.
//
//   <prefix>/contents/<SHA-256 of the content>
//   <prefix>/names/<SHA-256 of the name in UTF-8>
//   <prefix>/probe

/** Joins the parts of a key; the prefix may be empty. */
export function keyOf(prefix: string, ...parts: readonly string[]): string {
  return (prefix === "" ? parts : [prefix, ...parts]).join("/");
}

/** The last part of the key of a content. */
export function contentKey(address: Address): string {
  hashTypeOf(address, [rawSha256]);
  return hexOf(address.digest);
}

/** The address of the content with a key, of those below a prefix; `undefined` for a key of another kind. */
export function addressOfKey(key: string, prefix: string): Address | undefined {
  const hex = key.slice(prefix.length);
  if (!key.startsWith(prefix) || !/^[0-9a-f]{64}$/.test(hex)) return undefined;
  const digest = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return Address.create(rawSha256.codec, rawSha256.hash, digest);
}

/**
 * The last part of the key of a name.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a name that UTF-8 cannot hold
 */
export async function nameKey(name: string, context: FaultContext): Promise<string> {
  // Encoded as UTF-8, every lone surrogate would become the same replacement character.
  if (/\p{Surrogate}/u.test(name)) {
    throw new InvalidInputError(
      "The name holds half of a surrogate pair, so it is no text that UTF-8 can encode. Use another name.",
      { operation: context.operation },
    );
  }
  return hexOf(await rawSha256.digest(new TextEncoder().encode(name)));
}

/** What is done with a name, for messages. */
export function nameAction(verb: string, name: string, place: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return `${verb} the name ${JSON.stringify(shown)} in ${place}`;
}

/** Bytes in hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes in Base64, as headers carry digests. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
