import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { LARGEST_PAGE } from "../../src/log/log-limits.ts";
import { decodePage, encodePage, leafHashesOf } from "../../src/log/page.ts";
import { type Pair, pairLeafHash } from "../../src/log/pair.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";

const pairs: Pair[] = [1, 2, 3, 4].map((byte) => {
  const stored = Uint8Array.of(byte);
  return { localHash: sha256(stored), contentHash: sha256(stored), place: { kind: "embedded", stored } };
});
const leafHashes = pairs.map(pairLeafHash);
const hash = perfectSubtreeHash(leafHashes);
const before = Address.create(0x55, 0x12, new Uint8Array(32).fill(5));

test("a page is read back, oldest entry first, and names the page before it", () => {
  const bytes = encodePage(pairs, before);
  const page = decodePage(bytes, 4, hash);
  expect(page).toEqual({ pairs, tail: before.bytes });
  expect(leafHashesOf(page)).toEqual(leafHashes);
  expect(leafHashesOf(page)).toBe(leafHashesOf(page));
  expect(decodeRemoteLog(bytes).tail).toEqual(before.bytes);
  expect(decodeRemoteLog(bytes).pairs[0]!.data).toEqual(Uint8Array.of(4));
});

test("the first page names no page before it", () => {
  expect(decodeRemoteLog(encodePage(pairs, undefined)).tail).toEqual(new Uint8Array(0));
});

test("a page that readers would refuse for its size is not encoded", () => {
  const stored = new Uint8Array(LARGEST_PAGE / 4);
  const large = pairs.map((pair): Pair => ({ ...pair, place: { kind: "embedded", stored } }));
  expect(() => encodePage(large, undefined)).toThrow(
    expect.objectContaining({ code: "ERR_TOO_LARGE", operation: "page.encode", limit: LARGEST_PAGE }),
  );
});

test("a page with another number of entries is refused with ERR_MALFORMED, even if its hash fits", () => {
  const bytes = encodePage(pairs, before);
  for (const leafSize of [1, 2, 8]) {
    expect(() => decodePage(bytes, leafSize, hash)).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED" }),
    );
  }
});

test.each<Partial<WireRemoteLog>>([
  { genesis: Uint8Array.of(1) },
  { checkpoint: Uint8Array.of(1) },
  { levels: [{ node: before.bytes, addresses: [], hashes: new Uint8Array(0), peaks: new Uint8Array(0) }] },
  { head: before.bytes },
  { remoteId: new Uint8Array(16) },
])("a page that has a field of a head as well is refused with ERR_MALFORMED (%j)", (field) => {
  const bytes = encodeRemoteLog({ ...decodeRemoteLog(encodePage(pairs, before)), ...field });
  expect(() => decodePage(bytes, 4, hash)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test("a page with other entries than its ref promises is refused with ERR_INTEGRITY", () => {
  const integrity = expect.objectContaining({ code: "ERR_INTEGRITY" });
  expect(() => decodePage(encodePage(pairs, before), 4, new Uint8Array(32))).toThrow(integrity);
  expect(() => decodePage(encodePage(pairs.toReversed(), before), 4, hash)).toThrow(integrity);
});
