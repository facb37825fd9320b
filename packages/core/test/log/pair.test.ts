import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  addressHoldsContentHash,
  leafHashOf,
  type Pair,
  pairFromWire,
  pairLeafHash,
  pairToWire,
} from "../../src/log/pair.ts";
import { hashLeaf } from "../../src/merkle/index.ts";

const none = new Uint8Array(0);
const stored = Uint8Array.of(1, 2, 3);
const localHash = new Uint8Array(32).fill(1);
const contentHash = sha256(stored);
const plain = Address.create(0x55, 0x12, contentHash);
const foreign = Address.create(0x55, 0x1b, new Uint8Array(32).fill(9));
const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });

test.each<[string, Pair["place"], Uint8Array | undefined]>([
  ["an embedded content", { kind: "embedded", stored }, undefined],
  ["an address that is the content's hash", { kind: "pointer", address: plain }, undefined],
  ["an address of another kind", { kind: "pointer", address: foreign }, contentHash],
  ["a removed content", { kind: "removed" }, contentHash],
])("a pair with %s is read back, and gives the hash only if it has to", (_, place, written) => {
  const pair = { localHash, contentHash, place };
  const wire = pairToWire(pair);
  expect(wire.contentHash).toEqual(written);
  expect(pairFromWire(wire)).toEqual(pair);
});

test("an empty content is embedded, and not a removed one", () => {
  const pair = { localHash, contentHash: sha256(none), place: { kind: "embedded", stored: none } } as const;
  expect(pairFromWire(pairToWire(pair))).toEqual(pair);
});

test.each([
  ["that embeds a content and gives its hash", { data: stored, contentHash }],
  ["that embeds one byte and gives its hash", { data: Uint8Array.of(1), contentHash }],
  ["that has data beside an address", { data: stored, remoteHash: plain.bytes }],
  ["that has one byte of data beside an address", { data: Uint8Array.of(1), remoteHash: plain.bytes }],
  ["that repeats the hash in its address", { remoteHash: plain.bytes, contentHash }],
  ["that lacks the hash of its content", { remoteHash: foreign.bytes }],
])("a pair %s is refused with ERR_MALFORMED", (_, part) => {
  const wire = { localHash, remoteHash: none, data: none, contentHash: undefined, ...part };
  expect(() => pairFromWire(wire)).toThrow(malformed);
});

test.each([
  ["another codec", Address.create(0x70, 0x12, contentHash)],
  ["another hash function", Address.create(0x55, 0x1b, contentHash)],
  ["a shortened digest", Address.create(0x55, 0x12, contentHash.subarray(0, 20))],
])("an address with %s does not hold the content's hash", (_, address) => {
  expect(addressHoldsContentHash(plain)).toBe(true);
  expect(addressHoldsContentHash(address)).toBe(false);
});

test("the leaf of a pair is made of its two hashes", () => {
  const leaf = hashLeaf(Uint8Array.of(...localHash, ...contentHash));
  expect(leafHashOf(localHash, contentHash)).toEqual(leaf);
  expect(pairLeafHash({ localHash, contentHash, place: { kind: "removed" } })).toEqual(leaf);
});
