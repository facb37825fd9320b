import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { encodeIndexNode, readIndexNode } from "../../src/log/index-node.ts";
import { peaksOf } from "../../src/merkle/index.ts";

const refs = [1, 2, 3].map((byte) => ({
  address: Address.create(0x55, 0x12, new Uint8Array(32).fill(byte)),
  hash: new Uint8Array(32).fill(byte + 10),
}));
const bytes = encodeIndexNode(refs);
// Two perfect subtrees: of the first two refs, and of the third.
const peaks = peaksOf(refs.map(({ hash }) => hash));
const zeros = new Uint8Array(32);

test("an index node is read back", () => {
  expect(readIndexNode(bytes, 3, peaks)).toEqual(refs);
});

test.each([2, 4])("a node of three refs in place of %i is refused with ERR_MALFORMED", (count) => {
  expect(() => readIndexNode(bytes, count, peaks)).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
});

test.each([
  ["one hash too many", [...peaks, zeros]],
  ["one hash too few", peaks.slice(0, 1)],
  ["another first hash", [zeros, peaks[1]!]],
  ["another last hash", [peaks[0]!, zeros]],
])("a node to which the level above gives %s is refused with ERR_INTEGRITY", (_, others) => {
  expect(() => readIndexNode(bytes, 3, others)).toThrow(expect.objectContaining({ code: "ERR_INTEGRITY" }));
});
