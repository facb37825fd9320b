// Addresses that differ from a stored one in a single bit. An adapter that keeps, asks for or compares a part of the
// digest alone takes them for the stored one.

import { Address } from "@remote-log/core";
import * as fc from "fast-check";
import { equal } from "../../assert.ts";
import type { CaseContext, ConformanceCase } from "../../case.ts";
import { isMissingNow } from "./absence.ts";
import { stored } from "./walk.ts";

/** How many bits are drawn by chance, besides the chosen ones. */
const DRAWN = 5;
/** How many addresses are asked for at once. */
const AT_ONCE = 8;

/** What `get`, `has` and `delete` do with addresses that are nearly those of a stored content. */
export const nearAddressCases: readonly ConformanceCase[] = [
  {
    id: "CAS-GET-07",
    level: "MUST",
    title:
      "an address that differs in one bit finds nothing, at the ends, in the middle and at any place between",
    requires: ["storage"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      const bits = address.digest.length * 8;
      const drawn = fc.sample(fc.nat({ max: bits - 1 }), { seed: context.seed, numRuns: DRAWN });
      const near = [0, 7, bits >> 1, bits - 8, bits - 1, ...drawn];
      await inTurn(near, (bit) =>
        isMissingNow(storage, flipped(address, bit), `get with bit ${bit} changed`),
      );
    },
  },
  {
    id: "CAS-HAS-03",
    level: "MUST",
    title: "has is false for addresses that differ in one bit, whichever byte of the digest it is in",
    requires: ["storage"],
    async run(context) {
      const { storage } = context;
      const { address } = await stored(context);
      await inTurn(nearAddresses(context, address), async (near) =>
        equal(await storage.has(near), false, `has of ${near}, which is nearly ${address}`),
      );
    },
  },
  {
    id: "CAS-DELETE-06",
    level: "MUST",
    title: "deleting addresses that differ in one bit removes nothing, whichever byte of the digest it is in",
    requires: ["storage", "storage.delete"],
    async run(context) {
      const { storage, settled } = context;
      const { address } = await stored(context);
      await inTurn(nearAddresses(context, address), async (near) => storage.delete?.(near));
      await settled("storage", async () => equal(await storage.has(address), true, "has afterwards"));
      await storage.get(address);
    },
  },
];

/** Addresses that differ from another in one bit: one for each byte of the digest, the bit drawn by chance. */
export function nearAddresses({ seed }: CaseContext, address: Address): Address[] {
  const within = fc.sample(fc.nat({ max: 7 }), { seed, numRuns: address.digest.length });
  return within.map((bit, byte) => flipped(address, byte * 8 + bit));
}

/** An address of the same kind whose digest differs in one bit. */
function flipped({ codec, hash, digest }: Address, bit: number): Address {
  const changed = new Uint8Array(digest);
  changed[bit >> 3]! ^= 0x80 >> (bit & 7);
  return Address.create(codec, hash, changed);
}

/** Does something for each of several, for a few of them at once. */
export async function inTurn<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < all.length; i += AT_ONCE) await Promise.all(all.slice(i, i + AT_ONCE).map(work));
}
