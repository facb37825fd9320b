import { describe, expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { concatBytes } from "../../src/bytes.ts";
import { encodeIndexNode, readIndexNode } from "../../src/log/index-node.ts";
import { peaksOf } from "../../src/merkle/index.ts";
import { encodeWireBundle } from "../../src/wire/bundle-message.ts";
import { encodeIndexNode as encodeWire } from "../../src/wire/index-node-message.ts";

const refs = [1, 2, 3].map((byte) => ({
  address: Address.create(0x55, 0x12, new Uint8Array(32).fill(byte)),
  hash: new Uint8Array(32).fill(byte + 10),
}));
const bytes = encodeIndexNode(refs);
// Two perfect subtrees: of the first two refs, and of the third.
const peaks = peaksOf(refs.map(({ hash }) => hash));
const zeros = new Uint8Array(32);

test("an index node is read back", async () => {
  expect(await readIndexNode(bytes, { count: 3, peaks })).toEqual({ refs, bundles: [] });
});

test.each([2, 4])("a node of three refs in place of %i is refused with ERR_MALFORMED", async (count) => {
  await expect(readIndexNode(bytes, { count, peaks })).rejects.toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
});

test.each([
  ["one hash too many", [...peaks, zeros]],
  ["one hash too few", peaks.slice(0, 1)],
  ["another first hash", [zeros, peaks[1]!]],
  ["another last hash", [peaks[0]!, zeros]],
])("a node to which the level above gives %s is refused with ERR_INTEGRITY", async (_, others) => {
  await expect(readIndexNode(bytes, { count: 3, peaks: others })).rejects.toThrow(
    expect.objectContaining({ code: "ERR_INTEGRITY" }),
  );
});

describe("a node with bundles", () => {
  const pages = Array.from({ length: 8 }, (_, i) => ({
    address: Address.create(0x55, 0x12, new Uint8Array(32).fill(i)),
    hash: new Uint8Array(32).fill(i + 100),
  }));
  const addressAt = (byte: number) => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));
  const expected = { count: 8, peaks: peaksOf(pages.map(({ hash }) => hash)), firstPage: 64 };
  const bundle = (first: number, count: number, byte = 50) => ({
    first: 64 + first,
    address: addressAt(byte),
    lengths: Array.from({ length: count }, (_, i) => 100 + i),
  });
  const inBundle = (first: number, count: number, byte = 50) =>
    pages.map((ref, i) => (first <= i && i < first + count ? { ...ref, address: addressAt(byte) } : ref));

  test.each([
    ["of all its pages, which are stored in no other way", [bundle(0, 8)], inBundle(0, 8)],
    ["of pages that are stored by themselves as well", [bundle(0, 4), bundle(6, 2, 51)], pages],
    ["of which one page is stored by itself", [bundle(4, 4)], [...inBundle(4, 4).slice(0, 7), pages[7]!]],
    ["of lengths that take several bytes", [{ ...bundle(2, 2), lengths: [70_000, 0] }], pages],
  ] as const)("%s is read back", async (_, bundles, refs) => {
    const read = await readIndexNode(encodeIndexNode(refs, bundles, 64), expected);
    expect(read).toEqual({ refs, bundles });
  });

  test("the first page is that of the log if none is named", () => {
    const own = { ...bundle(0, 4), first: 0 };
    expect(encodeIndexNode(pages, [own])).toEqual(encodeIndexNode(pages, [own], 0));
  });

  test("a page that is in a bundle alone takes no address of its own", () => {
    const alone = encodeIndexNode(inBundle(0, 8), [bundle(0, 8)], 64);
    expect(encodeIndexNode(pages, [bundle(0, 8)], 64).length - alone.length).toBe(8 * 36);
  });

  test.each([
    ["of one page", [bundle(0, 1)], pages],
    ["of three pages", [bundle(0, 3)], pages],
    ["that begins at no multiple of its pages", [bundle(2, 4)], pages],
    ["that overlaps the one before", [bundle(0, 4), bundle(2, 2, 51)], pages],
    ["that comes before the one before", [bundle(4, 4), bundle(0, 4, 51)], pages],
    ["that ends after the refs", [bundle(0, 16)], pages],
    ["that begins after the refs", [bundle(8, 2)], pages],
  ] as const)("one %s is refused with ERR_MALFORMED", async (_, bundles, refs) => {
    const node = encodeIndexNode(refs, bundles, 64);
    await expect(readIndexNode(node, expected)).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  });

  test.each([
    ["a ref without address outside of all bundles", [bundle(0, 4)], [0, 5]],
    ["a ref without address, and no bundle at all", [], [3]],
  ] as const)("%s is refused with ERR_MALFORMED", async (_, bundles, empty) => {
    const node = encodeWire({
      addresses: pages.map(({ address }, i) =>
        empty.some((at) => at === i) ? new Uint8Array(0) : address.bytes,
      ),
      hashes: concatBytes(pages.map(({ hash }) => hash)),
      bundles: bundles.map((one) =>
        encodeWireBundle({ ...one, first: one.first - 64, address: one.address.bytes }),
      ),
    });
    await expect(readIndexNode(node, expected)).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  });

  test("a ref that repeats the address of its bundle is refused with ERR_MALFORMED", async () => {
    const node = encodeWire({
      addresses: inBundle(0, 2).map(({ address }) => address.bytes),
      hashes: concatBytes(pages.map(({ hash }) => hash)),
      bundles: [encodeWireBundle({ ...bundle(0, 2), first: 0, address: addressAt(50).bytes })],
    });
    await expect(readIndexNode(node, expected)).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  });

  test("bundles in a node whose refs lead to other nodes are refused with ERR_MALFORMED", async () => {
    const node = encodeIndexNode(pages, [bundle(0, 4)], 64);
    await expect(readIndexNode(node, { ...expected, firstPage: undefined })).rejects.toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  });
});
