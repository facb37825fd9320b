import { describe, expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";

import { sha256 } from "../../src/crypto/sha256.ts";
import { encodeBundle, encodeBundlePart, isInBundle } from "../../src/log/bundle.ts";
import { decodeBundle } from "../../src/log/bundled-node.ts";
import { LARGEST_PAGE } from "../../src/log/log-limits.ts";
import { encodePage } from "../../src/log/page.ts";
import { type Pair, pairLeafHash } from "../../src/log/pair.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";

const addressAt = (codec: number, byte: number) => Address.create(codec, 0x12, new Uint8Array(32).fill(byte));
const stored = (byte: number) => Uint8Array.of(byte, 7);
const embedded = (byte: number): Pair => ({
  localHash: sha256(stored(byte)),
  contentHash: sha256(stored(byte)),
  place: { kind: "embedded", stored: stored(byte) },
});
/** Every kind of pair, in pages of two. */
const pages: readonly (readonly Pair[])[] = [
  [embedded(1), { ...embedded(2), localHash: new Uint8Array(32).fill(9) }],
  [
    { ...embedded(3), place: { kind: "removed" } },
    { ...embedded(4), place: { kind: "pointer", address: addressAt(0x70, 1) } },
  ],
  [embedded(5), embedded(6)],
  [
    embedded(7),
    {
      ...embedded(8),
      contentHash: addressAt(0x55, 3).digest,
      place: { kind: "pointer", address: addressAt(0x55, 3) },
    },
  ],
];
const hashes = pages.map((pairs) => perfectSubtreeHash(pairs.map(pairLeafHash)));
const parts = pages.map(encodeBundlePart);
const before = addressAt(0x55, 5);
const bytes = encodeBundle(parts, before);

test("a bundle is read back page by page, and names what is before it", () => {
  const read = decodeBundle(bytes, 2, hashes);
  expect(read.pages.map(({ pairs }) => pairs)).toEqual(pages);
  expect(read.pages.map(({ pairs }) => perfectSubtreeHash(pairs.map(pairLeafHash)))).toEqual(hashes);
  expect(read.pages.map(({ tail }) => tail.length)).toEqual([0, 0, 0, 0]);
  expect(read.tail).toEqual(before.bytes);
  expect(decodeBundle(encodeBundle(parts, undefined), 2, hashes).tail).toEqual(new Uint8Array(0));
});

test("it is one message of the standard, newest entry first, and its parts are where their lengths say", () => {
  const { pairs } = decodeRemoteLog(bytes);
  expect(pairs.map(({ data }) => data[0])).toEqual([undefined, 7, 6, 5, undefined, undefined, 2, 1]);
  const lengths = parts.map(({ length }) => length);
  const newest = bytes.subarray(0, lengths[3]);
  expect(newest).toEqual(parts[3]);
  expect(bytes.subarray(lengths[3]! + lengths[2]!, lengths[3]! + lengths[2]! + lengths[1]!)).toEqual(
    parts[1],
  );
});

test("an identifier that is the hash of the embedded content is left out, and no other", () => {
  const { pairs } = decodeRemoteLog(bytes);
  expect(pairs.map(({ localHash }) => localHash.length)).toEqual([32, 0, 0, 0, 32, 32, 32, 0]);
});

describe("what is refused", () => {
  const malformed = expect.objectContaining({ code: "ERR_MALFORMED", operation: expect.any(String) });

  test("another number of entries, even if their hashes fit", () => {
    expect(() => decodeBundle(bytes, 2, hashes.slice(1))).toThrow(malformed);
    expect(() => decodeBundle(bytes, 2, [...hashes, hashes[0]!])).toThrow(malformed);
    expect(() => decodeBundle(bytes, 4, hashes)).toThrow(malformed);
  });

  test.each([0, 1, 2, 3])("other entries in page %i than its ref promises", (page) => {
    const others = hashes.with(page, new Uint8Array(32));
    expect(() => decodeBundle(bytes, 2, others)).toThrow(expect.objectContaining({ code: "ERR_INTEGRITY" }));
  });

  test("pages in another order", () => {
    const turned = encodeBundle(parts.toReversed(), before);
    expect(() => decodeBundle(turned, 2, hashes)).toThrow(expect.objectContaining({ code: "ERR_INTEGRITY" }));
  });

  test.each<Partial<WireRemoteLog>>([
    { genesis: Uint8Array.of(1) },
    { checkpoint: Uint8Array.of(1) },
    { head: before.bytes },
    { remoteId: new Uint8Array(16) },
    { snapshotContent: before.bytes },
  ])("a field of a head (%j)", (field) => {
    const other = encodeRemoteLog({ ...decodeRemoteLog(bytes), ...field });
    expect(() => decodeBundle(other, 2, hashes)).toThrow(malformed);
  });

  test.each([
    ["an address", { remoteHash: before.bytes }],
    ["a byte that is no address", { remoteHash: Uint8Array.of(1) }],
    ["the hash of a content", { contentHash: sha256(stored(7)), data: new Uint8Array(0) }],
  ])("%s without an identifier", (_, fields) => {
    const wire = decodeRemoteLog(bytes);
    const pair = { ...wire.pairs[1]!, ...fields };
    const other = encodeRemoteLog({ ...wire, pairs: wire.pairs.with(1, pair) });
    expect(() => decodeBundle(other, 2, hashes)).toThrow(malformed);
  });

  test("one that readers would refuse for its size is not encoded", () => {
    const large = encodeBundlePart([
      { ...embedded(1), place: { kind: "embedded", stored: new Uint8Array(LARGEST_PAGE / 2) } },
    ]);
    expect(() => encodeBundle([large, large], undefined)).toThrow(
      expect.objectContaining({ code: "ERR_TOO_LARGE", operation: "page.encode" }),
    );
  });
});

test("the same pairs take the same bytes in a bundle as in a page, less what is left out", () => {
  const inPage = encodePage(pages[0]!, undefined);
  expect(parts[0]!.length).toBe(inPage.length - 34);
});

test("a bundle holds the pages from its first on, as many as it has lengths", () => {
  const bundle = { first: 8, address: before, lengths: [1, 1, 1, 1] };
  expect([7, 8, 11, 12].map((page) => isInBundle(page, bundle))).toEqual([false, true, true, false]);
});
