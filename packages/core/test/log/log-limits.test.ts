import { describe, expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { rawSha256 } from "../../src/address/hash-type.ts";
import { encodeIndexNode } from "../../src/log/index-node.ts";
import {
  addressForm,
  bytesForPair,
  capacityOf,
  checkNewLog,
  checkReadable,
  LARGEST_CONTENT,
  LARGEST_PAGE,
  LEAST_CAPACITY,
  largestEmbeddedIn,
  nodeBytes,
  pointerPairBytes,
} from "../../src/log/log-limits.ts";
import { type Pair, pairToWire } from "../../src/log/pair.ts";
import { encodeRemoteLog } from "../../src/wire/remote-log-message.ts";

const none = new Uint8Array(0);
const hash = new Uint8Array(32).fill(7);
const smallest = { leafSize: 1, fanOut: 2 };
const settings = expect.objectContaining({ code: "ERR_INVALID_INPUT", reason: "settings" });

/** Addresses of the lengths at which the bytes of a page change, with and without the content's hash. */
const hashTypes = [
  rawSha256,
  { ...rawSha256, codec: 0x56 },
  { ...rawSha256, hash: 0x13 },
  { ...rawSha256, digestBytes: 31 },
  { ...rawSha256, digestBytes: 64, codec: 2 ** 50, hash: 2 ** 50 },
];

/** What an entry takes in a page, by the encoder itself. */
function bytesInPage(place: Pair["place"]): number {
  const pair = pairToWire({ localHash: hash, contentHash: hash, place });
  const rest = { tail: none, genesis: none, checkpoint: none, levels: [], head: none };
  return encodeRemoteLog({ ...rest, pairs: [pair] }).length;
}

const embeddedBytes = (content: number): number =>
  bytesInPage({ kind: "embedded", stored: new Uint8Array(content) });

test("readers accept pages of 4 MiB and contents of 16 MiB, and a new log holds 2^40 entries", () => {
  expect(LARGEST_PAGE).toBe(4_194_304);
  expect(LARGEST_CONTENT).toBe(16_777_216);
  expect(LEAST_CAPACITY).toBe(1_099_511_627_776);
});

test.each(hashTypes)("an entry and an index node take the bytes that the encoder writes (%j)", (type) => {
  const address = Address.create(type.codec, type.hash, new Uint8Array(type.digestBytes));
  const form = addressForm(type);
  expect(form.bytes).toBe(address.bytes.length);
  expect(pointerPairBytes(form)).toBe(bytesInPage({ kind: "pointer", address }));
  for (const fanOut of [2, 4, 256]) {
    const refs = Array.from({ length: fanOut }, () => ({ address, hash }));
    expect(nodeBytes({ ...smallest, fanOut }, form)).toBe(encodeIndexNode(refs).length);
  }
});

test("the largest content that a share of a page embeds fits into it, and one byte more does not", () => {
  // Around 0, 127 and 16,383 bytes, at which a length takes a byte more.
  const shares = [...Array(200).keys(), ...Array.from({ length: 60 }, (_, more) => 16_380 + more)];
  for (const share of shares) {
    const largest = largestEmbeddedIn(share);
    expect(largest).toBeGreaterThanOrEqual(-1);
    if (largest >= 0) expect(embeddedBytes(largest), `${share}`).toBeLessThanOrEqual(share);
    expect(embeddedBytes(largest + 1), `${share}`).toBeGreaterThan(share);
  }
});

test("a log holds what a head of 16 levels shows, and no more than numbers count exactly", () => {
  expect(capacityOf(smallest)).toBe(131_071);
  expect(capacityOf({ leafSize: 4, fanOut: 2 })).toBe(4 * 131_071);
  expect(capacityOf({ leafSize: 1024, fanOut: 256 })).toBe(Number.MAX_SAFE_INTEGER);
});

describe("each entry has the same share", () => {
  const form = { bytes: 36, holdsHash: true };
  const ample = 2 ** 24;

  test("of what a page holds besides the address of the page before it", () => {
    const page = 1000;
    expect(bytesForPair(smallest, form, { page, head: ample })).toBe(1000 - 38);
    expect(bytesForPair({ leafSize: 4, fanOut: 2 }, form, { page, head: ample })).toBe(240);
    expect(bytesForPair({ leafSize: 1, fanOut: 2 }, form, { page: 10, head: ample })).toBeLessThan(0);
  });

  test("of what a head holds besides 2,048 bytes for itself, and 512 for each of its levels with the refs", () => {
    const levels = 16 * (512 + nodeBytes(smallest, form));
    const head = 2048 + levels + 1000;
    expect(bytesForPair(smallest, form, { page: ample, head })).toBe(1000);
    expect(bytesForPair({ leafSize: 16, fanOut: 2 }, form, { page: ample, head })).toBe(62);
    expect(bytesForPair(smallest, form, { page: ample, head: 0 })).toBeLessThan(0);
  });
});

describe("a new log", () => {
  test("has to hold at least as many entries as are asked for, by default 2^40", () => {
    checkNewLog(smallest, 131_071);
    checkNewLog(smallest, 1);
    expect(() => checkNewLog(smallest, 131_072)).toThrow(settings);
    expect(() => checkNewLog(smallest)).toThrow(settings);
    checkNewLog({ leafSize: 1024, fanOut: 256 });
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("can't be asked to hold %d entries", (capacity) => {
    expect(() => checkNewLog({ leafSize: 1024, fanOut: 256 }, capacity)).toThrow(settings);
  });

  test("has pages that fit with all of their addresses, of any storage", () => {
    const longest = { bytes: 128, holdsHash: false };
    const limits = { page: LARGEST_PAGE, head: LARGEST_PAGE };
    // Between the powers of two lies the leaf size at which the address of an entry fits to the byte.
    let leafSize = 20_000;
    for (; bytesForPair({ leafSize, fanOut: 2 }, longest, limits) > pointerPairBytes(longest); leafSize++);
    expect(bytesForPair({ leafSize, fanOut: 2 }, longest, limits)).toBe(pointerPairBytes(longest));
    checkNewLog({ leafSize, fanOut: 2 }, 1);
    for (; bytesForPair({ leafSize, fanOut: 2 }, longest, limits) === pointerPairBytes(longest); leafSize++);
    expect(() => checkNewLog({ leafSize, fanOut: 2 }, 1)).toThrow(settings);
    checkNewLog({ leafSize: 16_384, fanOut: 256 });
    expect(() => checkNewLog({ leafSize: 32_768, fanOut: 256 })).toThrow(settings);
  });
});

test.each(["page", "head"] as const)("a %s of 4 MiB is published, and none with a byte more", (what) => {
  const bytes = new Uint8Array(LARGEST_PAGE + 1);
  checkReadable(what, bytes.subarray(1));
  expect(() => checkReadable(what, bytes)).toThrow(
    expect.objectContaining({ code: "ERR_TOO_LARGE", operation: `${what}.encode`, limit: LARGEST_PAGE }),
  );
});
