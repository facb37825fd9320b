// Kinds of address, and holding a content against its address.

import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import { IntegrityError } from "../errors/index.ts";
import { isWebPage, webPageCame } from "../errors/web-page.ts";
import { Address } from "./address.ts";

/**
 * One kind of address that a storage uses: a codec, a hash function and its exact length. The function is the
 * adapter's code and is trusted; the bytes that it is given are not.
 */
export interface HashType {
  /** Name for people, such as `"raw sha2-256"`. */
  readonly name: string;
  /** Multicodec code of the addresses. */
  readonly codec: number;
  /** Multihash code of the addresses. */
  readonly hash: number;
  /** The one accepted length of the digest, in bytes. */
  readonly digestBytes: number;
  /** Computes the digest of a content. */
  digest(content: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Raw bytes under their SHA-256: CIDv1, codec `raw` (0x55), multihash `sha2-256` (0x12), 32 bytes. */
export const rawSha256: HashType = {
  name: "raw sha2-256",
  codec: 0x55,
  hash: 0x12,
  digestBytes: 32,
  digest: sha256,
};

/**
 * The address of a content under a hash type, computed without any request.
 *
 * @example
 * ```ts
 * import { addressOf, rawSha256 } from "@remote-log/core";
 *
 * const address = await addressOf(new TextEncoder().encode("hello"), rawSha256);
 * console.log(`${address}`); // bafkrei…
 * ```
 */
export async function addressOf(content: Uint8Array, type: HashType): Promise<Address> {
  return Address.create(type.codec, type.hash, await type.digest(content));
}

/**
 * Finds the declared hash type of an address.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if the address is of none of them: a weak, shortened or unknown
 * hash proves nothing, and is never asked for
 */
export function hashTypeOf(address: Address, types: readonly HashType[]): HashType {
  for (const type of types) {
    if (
      type.codec === address.codec &&
      type.hash === address.hash &&
      type.digestBytes === address.digest.length
    ) {
      return type;
    }
  }
  const accepted = types.map((type) => type.name).join(", ");
  throw new IntegrityError(
    `The address ${address} uses codec 0x${address.codec.toString(16)} with hash 0x${address.hash.toString(16)} ` +
      `of ${address.digest.length} bytes, and the storage accepts only: ${accepted}.`,
    { operation: "address.check" },
  );
}

/**
 * Checks a content against the hash in the address under which it was asked for.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if it is not the content of that address
 * @throws UnreachableError `ERR_UNREACHABLE`, reason `"web-page"`, if it is a page in HTML in the place of that content
 *
 * @example
 * ```ts
 * import { addressOf, checkContent, rawSha256 } from "@remote-log/core";
 *
 * const content = new TextEncoder().encode("hello");
 * await checkContent(content, await addressOf(content, rawSha256), [rawSha256]); // or throws IntegrityError
 * ```
 */
export async function checkContent(
  content: Uint8Array,
  address: Address,
  types: readonly HashType[],
): Promise<void> {
  const type = hashTypeOf(address, types);
  if (!bytesEqual(await type.digest(content), address.digest)) {
    if (isWebPage(content)) throw webPageCame("storage.get", `${address}`);
    throw new IntegrityError(
      `The storage returned ${content.length} bytes for ${address} that do not match it: corrupt or forged. ` +
        "Nothing of them was used.",
      { operation: "storage.get" },
    );
  }
}
