import fc from "fast-check";
import { expect, test } from "vitest";
import {
  emptyRoot,
  hashLeaf,
  hashLeafOfTwo,
  hashNode,
  perfectRootOfTwos,
  perfectSubtreeHash,
} from "../../src/merkle/index.ts";
import { leafHashOf, nodeSha256 } from "./rfc9162.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("a leaf of any length is hashed with the prefix 0x00", () => {
  const lengths = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ minLength: 63, maxLength: 65 }),
  );
  fc.assert(
    fc.property(lengths, (data) => {
      expect(hashLeaf(data)).toEqual(leafHashOf(data));
    }),
  );
});

test.each([0, 1, 32, 63, 64, 65, 96, 128, 129])(
  "a leaf of %i bytes is hashed with the prefix 0x00",
  (length) => {
    const data = new Uint8Array(length).fill(7);
    expect(hashLeaf(data)).toEqual(leafHashOf(data));
  },
);

test("a leaf of two hashes is that of both, joined", () => {
  fc.assert(
    fc.property(bytes32, bytes32, (first, second) => {
      expect(hashLeafOfTwo(first, second)).toEqual(leafHashOf(Uint8Array.of(...first, ...second)));
    }),
  );
});

test("what is no hash of 32 bytes is refused, whichever of the two it is", () => {
  const hash = new Uint8Array(32);
  for (const join of [hashNode, hashLeafOfTwo]) {
    for (const [first, second] of [
      [hash, hash.subarray(1)],
      [hash.subarray(1), hash],
      [new Uint8Array(33), hash],
      [new Uint8Array(31), new Uint8Array(33)],
    ] as const) {
      expect(() => join(first, second)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "merkle.hash" }),
      );
    }
  }
});

test("the root of a perfect tree over pairs of hashes is that over their leaves", () => {
  const leaf = fc.record({ localHash: bytes32, contentHash: bytes32 });
  const leaves = fc.nat(5).chain((level) => fc.array(leaf, { minLength: 2 ** level, maxLength: 2 ** level }));
  fc.assert(
    fc.property(leaves, (all) => {
      const hashes = all.map(({ localHash, contentHash }) => hashLeafOfTwo(localHash, contentHash));
      expect(perfectRootOfTwos(all)).toEqual(perfectSubtreeHash(hashes));
    }),
  );
});

test("leaves that make no perfect tree, or are not of two hashes, have no such root", () => {
  const hash = new Uint8Array(32);
  const whole = { localHash: hash, contentHash: hash };
  const short = { localHash: hash, contentHash: hash.subarray(1) };
  for (const leaves of [[], [whole, whole, whole], [short], [whole, short]]) {
    expect(() => perfectRootOfTwos(leaves)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "merkle.hash" }),
    );
  }
});

test("a node is hashed with the prefix 0x01", () => {
  fc.assert(
    fc.property(bytes32, bytes32, (left, right) => {
      expect(hashNode(left, right)).toEqual(nodeSha256(Uint8Array.of(1), left, right));
    }),
  );
});

test("a leaf that is made of two hashes differs from their node", () => {
  const left = new Uint8Array(32).fill(1);
  const right = new Uint8Array(32).fill(2);
  const node = hashNode(left, right);
  const leaf = hashLeaf(Uint8Array.of(...left, ...right));
  expect(leaf).not.toEqual(node);
  expect(hashNode(left, right)).toEqual(node);
});

test("a result stays as it is when more is hashed", () => {
  const leaf = hashLeaf(new Uint8Array(64));
  const before = leaf.slice();
  hashNode(leaf, leaf);
  hashLeaf(new Uint8Array(64).fill(9));
  expect(leaf).toEqual(before);
});

test.each([
  [31, 32],
  [32, 31],
  [33, 31],
  [0, 32],
  [32, 64],
])("a node of %i and %i bytes is refused", (a, b) => {
  expect(() => hashNode(new Uint8Array(a), new Uint8Array(b))).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
});

test("the root of no leaves is the hash of nothing, new at each call", () => {
  expect(Buffer.from(emptyRoot()).toString("hex")).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  emptyRoot().fill(0);
  expect(emptyRoot()).toEqual(nodeSha256());
});
