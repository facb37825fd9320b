// Addresses of kinds that a storage did not declare.

import { Address } from "@remote-log/core";
import { check } from "../../assert.ts";
import type { CaseContext } from "../../case.ts";

/** An address of a kind that the storage did not declare. */
interface ForeignAddress {
  /** What is foreign about it. */
  readonly kind: string;
  readonly address: Address;
  /** The address of the content whose digest it carries. */
  readonly stored: Address;
}

/** Puts a content, and gives addresses that carry its digest and are of kinds that the storage did not declare. */
export async function foreignAddresses({ storage, content }: CaseContext): Promise<ForeignAddress[]> {
  const { hashTypes } = storage.capabilities;
  const stored = await storage.put(content(32));
  const { codec, hash, digest } = stored;
  const kinds: readonly [string, Address][] = [
    ["another codec", Address.create(codec === 0x70 ? 0x71 : 0x70, hash, digest)],
    ["another hash", Address.create(codec, hash === 0x1e ? 0x12 : 0x1e, digest)],
    ["a shortened digest", Address.create(codec, hash, digest.subarray(0, 16))],
    ["one byte of digest", Address.create(codec, hash, digest.subarray(0, 1))],
    ["SHA-1", Address.create(codec, 0x11, digest.subarray(0, 20))],
    ["the identity hash", Address.create(codec, 0x00, digest)],
  ];
  const foreign = kinds.filter(
    ([, address]) =>
      !hashTypes.some(
        (type) =>
          type.codec === address.codec &&
          type.hash === address.hash &&
          type.digestBytes === address.digest.length,
      ),
  );
  check(foreign.length > 0, "The storage declares every kind of address.");
  return foreign.map(([kind, address]) => ({ kind, address, stored }));
}
