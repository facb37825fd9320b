// A bundle that is written anew without the contents that were removed.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { addressOf, rawSha256 } from "../../src/address/hash-type.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  DeniedError,
  IntegrityError,
  NotFoundError,
  NotPropagatedError,
  type StorageBackend,
  TooLargeError,
} from "../../src/index.ts";
import { type Bundle, encodeBundle, encodeBundlePart } from "../../src/log/bundle.ts";
import { LARGEST_PAGE } from "../../src/log/log-limits.ts";
import type { Ref } from "../../src/log/page.ts";
import { type Pair, pairLeafHash } from "../../src/log/pair.ts";
import { perfectSubtreeHash } from "../../src/merkle/index.ts";
import { readStored, replaceBundles, rewriteBundle } from "../../src/writer/bundle-rewriter.ts";
import type { Sink } from "../../src/writer/page-runs.ts";

const { signal } = new AbortController();
const leafSize = 2;
/** A content that has an object of its own, and stays. */
const CONTENT = Uint8Array.of(9, 9);
const FIRST = 4;
const addressAt = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));
const pairOf = (sequence: number): Pair => {
  const stored = new TextEncoder().encode(`entry ${sequence}`);
  return { localHash: sha256(stored), contentHash: sha256(stored), place: { kind: "embedded", stored } };
};
/** Entries 8 to 15: pages 4 to 7. */
const pairs = Array.from({ length: 8 }, (_, i) => pairOf(2 * FIRST + i));
const pagesOf = (all: readonly Pair[]): Pair[][] => [0, 2, 4, 6].map((at) => all.slice(at, at + 2));
const partsOf = (all: readonly Pair[]): Uint8Array[] => pagesOf(all).map(encodeBundlePart);
const formerBytes = encodeBundle(partsOf(pairs), addressAt(1));
const former: Bundle = {
  first: FIRST,
  address: await addressOf(formerBytes, rawSha256),
  lengths: partsOf(pairs).map(({ length }) => length),
};
const refs: readonly Ref[] = pagesOf(pairs).map((page) => ({
  address: former.address,
  hash: perfectSubtreeHash(page.map(pairLeafHash)),
}));
const gone =
  (...sequences: readonly number[]) =>
  (pair: Pair, sequence: number): Pair =>
    sequences.includes(sequence) ? { ...pair, place: { kind: "removed" } } : pair;

/** Writes the bundle anew: what came of it, and all that was read and put. */
async function rewritten({
  stored = formerBytes,
  removed = [],
  before,
}: {
  readonly stored?: Uint8Array | Error;
  readonly removed?: readonly number[];
  readonly before?: Bundle;
}) {
  const limits: unknown[] = [];
  const fromJournal: (readonly [number, number])[] = [];
  const puts: (readonly [string, Uint8Array])[] = [];
  const contentsPut: Uint8Array[] = [];
  const storage = {
    name: "one",
    capabilities: { hashTypes: [rawSha256], largestContent: 2 ** 24, readYourWrites: true },
    get: async (_address: Address, options: { readonly maxBytes?: number }) => {
      limits.push(options.maxBytes);
      if (stored instanceof Error) throw stored;
      return stored;
    },
  } as unknown as StorageBackend;
  const tree = {
    runs: { endOf: async (page: number) => addressAt(page) },
    pairs: async (from: number, to: number, contents: Sink) => {
      fromJournal.push([from, to]);
      await contents.put(CONTENT, addressAt(7));
      return pairs.slice(from - 2 * FIRST, to - 2 * FIRST);
    },
  };
  const uploads: Sink = {
    address: (content) => addressOf(content, rawSha256),
    put: async (content, at) => void puts.push([`${at}`, content]),
    settled: async () => undefined,
  };
  const contents: Sink = { ...uploads, put: async (content) => void contentsPut.push(content) };
  const address = stored instanceof Uint8Array ? await addressOf(stored, rawSha256) : former.address;
  const change = { bundle: { ...former, address }, refs, without: gone(...removed), before };
  const place = { genesis: { leafSize, fanOut: 8 }, storage, tree };
  const result = await rewriteBundle(change, place, { contents, bundles: uploads }, signal);
  // What is not part of the bundle never goes where old objects are noted.
  expect(contentsPut).toEqual(fromJournal.map(() => CONTENT));
  return { result, limits, fromJournal, puts };
}

/** The bundle without some contents, and what it follows. */
async function expected(removed: readonly number[], tail: Address) {
  const parts = partsOf(pairs.map((pair, i) => gone(...removed)(pair, 2 * FIRST + i)));
  const bytes = encodeBundle(parts, tail);
  const address = await addressOf(bytes, rawSha256);
  const result = { first: FIRST, address, lengths: parts.map(({ length }) => length) };
  return { result, puts: [[`${address}`, bytes]], limits: [LARGEST_PAGE] };
}

test("it is written without the contents, and told with its lengths; the journal is not asked for the rest", async () => {
  for (const removed of [[8], [11, 12], [8, 9, 10, 11, 12, 13, 14, 15]]) {
    const found = await rewritten({ removed });
    expect(found).toEqual({ ...(await expected(removed, addressAt(FIRST))), fromJournal: [] });
  }
});

test("one that has none of the contents is left as it is", async () => {
  for (const removed of [[], [7, 16]])
    expect(await rewritten({ removed })).toEqual({
      result: undefined,
      puts: [],
      limits: [LARGEST_PAGE],
      fromJournal: [],
    });
  const stripped = encodeBundle(partsOf(pairs.map((pair) => gone(0)(pair, 0))), undefined);
  expect(stripped).not.toEqual(formerBytes);
  expect((await rewritten({ stored: stripped, removed: [9] })).result).toBeUndefined();
});

test("it follows the one that was written anew before it, if that ends where it begins", async () => {
  const before = { first: 0, address: addressAt(9), lengths: [1, 1, 1, 1] };
  for (const [one, tail] of [
    [before, addressAt(9)],
    [{ ...before, lengths: [1, 1] }, addressAt(FIRST)],
    [{ ...before, first: 2 }, addressAt(FIRST)],
  ] as const)
    expect(await rewritten({ removed: [8], before: one })).toMatchObject(await expected([8], tail));
});

test.each([
  ["gone", new NotFoundError("It is not there.", { operation: "storage.get" })],
  ["not there yet", new NotPropagatedError("It is not there yet.", { operation: "storage.get" })],
  ["damaged", new IntegrityError("It is something else.", { operation: "storage.get" })],
  ["too large", new TooLargeError("It is too large.", { operation: "storage.get", limit: 1 })],
  ["another one", encodeBundle(partsOf([...pairs].reverse()), undefined)],
])(
  "if what the remote has is %s, it is made of the journal's entries, whatever was removed",
  async (_, stored) => {
    for (const removed of [[9], []])
      expect(await rewritten({ stored, removed })).toMatchObject({
        ...(await expected(removed, addressAt(FIRST))),
        fromJournal: [[8, 16]],
      });
  },
);

test("a remote that can't be asked is no remote that has lost it", async () => {
  const denied = new DeniedError("Not for you.", { operation: "storage.get" });
  expect(await failure(rewritten({ stored: denied }))).toBe(denied);
});

test("what is read is decoded, and an abort ends it", async () => {
  const bytes = Uint8Array.of(1, 2);
  const address = await addressOf(bytes, rawSha256);
  const given: unknown[] = [];
  const storage = {
    capabilities: { hashTypes: [rawSha256], readYourWrites: true },
    get: async (_address: Address, options: unknown) => {
      given.push(options);
      return bytes;
    },
  } as unknown as StorageBackend;
  expect(await readStored(storage, address, ([one]) => one, signal)).toBe(1);
  expect(given).toMatchObject([{ signal }]);
});

test("those that were written anew take the place of those with the same first page", () => {
  const bundle = (first: number, byte: number): Bundle => ({
    first,
    address: addressAt(byte),
    lengths: [1, 1],
  });
  const before = [bundle(0, 1), bundle(2, 2), bundle(4, 3)];
  expect(replaceBundles(before, [bundle(2, 7), bundle(8, 9)])).toEqual([
    bundle(0, 1),
    bundle(2, 7),
    bundle(4, 3),
  ]);
  expect(replaceBundles(before, [])).toEqual(before);
});
