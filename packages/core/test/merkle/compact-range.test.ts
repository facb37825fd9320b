import fc from "fast-check";
import { expect, test } from "vitest";
import { CompactRange, emptyRoot, hashLeaf, peaksOf, perfectSubtreeHash } from "../../src/merkle/index.ts";
import { leafData } from "./rfc9162.ts";
import { oracle, sparseSubtree } from "./trees.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;
const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT" });
const malformed = expect.objectContaining({ code: "ERR_MALFORMED" });
const leaf = (index: number) => hashLeaf(leafData(index));
const powers = (size: number) =>
  [...size.toString(2)].map((bit, i, bits) => Number(bit) * 2 ** (bits.length - 1 - i)).filter((n) => n > 0);

/** The peaks of the leaves 0…size − 1, by the oracle. */
function peaks(size: number): Uint8Array[] {
  let start = 0;
  return powers(size).map((leaves) => {
    start += leaves;
    return oracle.root(start - leaves, start);
  });
}

function rangeOf(size: number): CompactRange {
  const range = CompactRange.empty();
  for (let i = 0; i < size; i++) range.appendLeaf(leaf(i));
  return range;
}

test("size, root and peaks are those of RFC 9162 for every size from 0 to 300", () => {
  const range = CompactRange.empty();
  for (let size = 0; size <= 300; size++) {
    expect(range.size).toBe(size);
    expect(range.root(), `root of ${size}`).toEqual(oracle.root(0, size));
    expect(range.hashes(), `peaks of ${size}`).toEqual(peaks(size));
    range.appendLeaf(leaf(size));
  }
});

test("a range from its hashes continues like the one that they were taken from", () => {
  for (let size = 0; size <= 130; size++) {
    const range = CompactRange.fromHashes(size, peaks(size));
    expect(range.root()).toEqual(oracle.root(0, size));
    range.appendLeaf(leaf(size));
    expect(range.root()).toEqual(oracle.root(0, size + 1));
  }
});

test("any mix of subtrees and leaves gives what the leaves alone give", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(8), { maxLength: 40 }), (levels) => {
      const range = CompactRange.empty();
      for (const level of levels) {
        let leaves = 2 ** level;
        while (range.size % leaves !== 0) leaves /= 2;
        range.appendSubtree(oracle.root(range.size, range.size + leaves), leaves);
      }
      expect(range.hashes()).toEqual(peaks(range.size));
      expect(range.root()).toEqual(oracle.root(0, range.size));
    }),
  );
});

test("sizes over 2^32 are counted exactly, up to 2^53 - 1", () => {
  const special = 2 ** 40 + 12_345;
  const subtree = sparseSubtree(special);
  const sizes = fc.oneof(
    fc.integer({ min: 2 ** 31, max: 2 ** 33 }),
    fc.integer({ min: 1, max: LARGEST - 1 }),
  );
  fc.assert(
    fc.property(sizes, (size) => {
      const run = (total: number) => {
        let start = 0;
        return powers(total).map((leaves) => {
          start += leaves;
          return subtree(start - leaves, leaves);
        });
      };
      const range = CompactRange.fromHashes(size, run(size));
      range.appendLeaf(subtree(size, 1));
      expect(range.size).toBe(size + 1);
      expect(range.hashes()).toEqual(run(size + 1));
    }),
    { examples: [[LARGEST - 1], [2 ** 32 - 1], [2 ** 31 - 1], [2 ** 52 - 1]] },
  );
});

test("a full range refuses one more leaf and stays as it was", () => {
  const hashes = Array.from({ length: 53 }, (_, i) => leaf(i));
  const range = CompactRange.fromHashes(LARGEST, hashes);
  expect(() => range.appendLeaf(leaf(0))).toThrow(refused);
  expect(range.size).toBe(LARGEST);
  expect(range.hashes()).toEqual(hashes);
});

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("the size %d is refused", (size) => {
  expect(() => CompactRange.fromHashes(size, [])).toThrow(refused);
});

test("another number of hashes than the size has bits set is refused with ERR_MALFORMED", () => {
  for (const [size, count] of [
    [0, 1],
    [1, 0],
    [5, 1],
    [5, 3],
    [2 ** 32, 0],
    [2 ** 32 + 1, 1],
    [LARGEST, 52],
  ] as const) {
    const hashes = Array.from({ length: count }, () => leaf(0));
    expect(() => CompactRange.fromHashes(size, hashes), `${size}`).toThrow(malformed);
  }
});

test.each([0, 31, 33, 64])("a hash of %i bytes is refused", (length) => {
  const hash = new Uint8Array(length);
  const range = rangeOf(4);
  expect(() => CompactRange.fromHashes(3, [leaf(0), hash])).toThrow(malformed);
  expect(() => range.appendLeaf(hash)).toThrow(refused);
  expect(() => range.appendSubtree(hash, 4)).toThrow(refused);
  expect(range.root()).toEqual(oracle.root(0, 4));
});

test.each([0, -1, 3, 6, 0.5, Number.NaN, LARGEST, 2 ** 53])("a subtree of %d leaves is refused", (leaves) => {
  expect(() => CompactRange.empty().appendSubtree(leaf(0), leaves)).toThrow(refused);
});

test("a subtree where it can't stand is refused", () => {
  const range = rangeOf(6);
  expect(() => range.appendSubtree(leaf(0), 4)).toThrow(refused);
  expect(range.size).toBe(6);
  expect(range.root()).toEqual(oracle.root(0, 6));
});

test("a clone and its original grow apart", () => {
  const range = rangeOf(5);
  const clone = range.clone();
  clone.appendLeaf(leaf(5));
  expect(range.root()).toEqual(oracle.root(0, 5));
  expect(clone.root()).toEqual(oracle.root(0, 6));
});

test("what is done to arrays that went in or came out does not reach the range", () => {
  for (const size of [4, 5]) {
    const given = peaks(size).map((hash) => hash.slice());
    const range = CompactRange.fromHashes(size, given);
    for (const hash of given) hash.fill(0);
    range.hashes().pop();
    range.root().fill(0);
    expect(range.root()).toEqual(oracle.root(0, size));
  }
  const subtree = oracle.root(0, 8).slice();
  const range = CompactRange.empty();
  range.appendSubtree(subtree, 8);
  subtree.fill(0);
  expect(range.root()).toEqual(oracle.root(0, 8));
});

test("peaksOf gives the peaks of an aligned run of equal subtrees", () => {
  for (let count = 0; count <= 70; count++) {
    const start = 1024;
    const hashes = Array.from({ length: count }, (_, i) => oracle.root(start + i * 4, start + i * 4 + 4));
    let at = start;
    const expected = powers(count).map((subtrees) => {
      at += subtrees * 4;
      return oracle.root(at - subtrees * 4, at);
    });
    expect(peaksOf(hashes)).toEqual(expected);
  }
});

test("perfectSubtreeHash gives the root over a power of two of subtrees", () => {
  for (const count of [1, 2, 4, 16, 64]) {
    const hashes = Array.from({ length: count }, (_, i) => oracle.root(i * 2, i * 2 + 2));
    expect(perfectSubtreeHash(hashes)).toEqual(oracle.root(0, count * 2));
  }
});

test.each([0, 3, 5, 12])("perfectSubtreeHash refuses %i subtrees", (count) => {
  const hashes = Array.from({ length: count }, (_, i) => leaf(i));
  expect(() => perfectSubtreeHash(hashes)).toThrow(refused);
});

test("an empty range has the empty root", () => {
  expect(CompactRange.empty().root()).toEqual(emptyRoot());
  expect(CompactRange.empty().hashes()).toEqual([]);
});
