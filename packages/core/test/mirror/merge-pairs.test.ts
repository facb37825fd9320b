// What a copy gets of the entries of one page, when several trees show them: of each entry the best.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address, rawSha256 } from "../../src/index.ts";
import type { Pair } from "../../src/log/pair.ts";
import { AnySource } from "../../src/mirror/any-source.ts";
import { ContentCopier } from "../../src/mirror/content-copier.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { mergePairs, type ShownPairs } from "../../src/mirror/merge-pairs.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";

const FIRST = 40;

const contentOf = (at: number): Uint8Array => new TextEncoder().encode(`entry ${at}`);
const sha256 = (bytes: Uint8Array): Uint8Array => rawSha256.digest(bytes) as Uint8Array;
const addressAt = (at: number): Address =>
  Address.create(rawSha256.codec, rawSha256.hash, sha256(contentOf(at)));

const pairAt = (at: number, place: Pair["place"]): Pair => ({
  localHash: new Uint8Array(32).fill(at),
  contentHash: sha256(contentOf(at)),
  place,
});
const embedded = (at: number): Pair => pairAt(at, { kind: "embedded", stored: contentOf(at) });
const pointer = (at: number): Pair => pairAt(at, { kind: "pointer", address: addressAt(at) });
const removed = (at: number): Pair => pairAt(at, { kind: "removed" });
// An address of a kind that no storage here has.
const elsewhere = (at: number): Pair =>
  pairAt(at, { kind: "pointer", address: Address.create(0xfa, 0x1b, sha256(contentOf(at))) });

/** Merges; the source has the contents of some entries, the target those of others. */
function mergerOf(inSource: readonly number[], inTarget: readonly number[] = []) {
  const objects = (ats: readonly number[]): Map<string, Uint8Array> =>
    new Map(ats.map((at) => [`${addressAt(at)}`, contentOf(at)]));
  const { signal } = new AbortController();
  const source = new ScriptedStorage(objects(inSource));
  const held = objects(inTarget);
  const contents = new ContentCopier({
    sources: new AnySource([source]),
    target: new TargetStore(memoryStorage({ contents: held }), { resume: false, retries: 0 }, signal),
    known: new KnownTree(undefined),
    largest: 1000,
    concurrency: 1000,
    stored: () => undefined,
  });
  const asked: number[] = [];
  const merge = async (trees: readonly Partial<ShownPairs>[], unchanged = false) => {
    async function* shown(): AsyncGenerator<ShownPairs, void, undefined> {
      for (const [i, { pairs = [], there = false }] of trees.entries()) {
        asked.push(i);
        yield { pairs, there };
      }
    }
    const { pairs, missing } = await mergePairs(shown(), FIRST, { contents, unchanged, removed: [] }, signal);
    const codes = missing.map(({ at, error }) => [at, (error as { code?: string }).code]);
    return { pairs, missing: codes, errors: missing.map(({ error }) => error) };
  };
  return { merge, asked, source, held };
}

test("of each entry comes the first pair whose content can be had", async () => {
  const { merge, asked, source } = mergerOf([2]);
  const { pairs, missing } = await merge([
    { pairs: [embedded(0), pointer(1), pointer(2), removed(3)] },
    { pairs: [pointer(0), embedded(1), embedded(2), removed(3)] },
    { pairs: [pointer(0), pointer(1), pointer(2), embedded(3)] },
    { pairs: [removed(0), removed(1), removed(2), removed(3)] },
  ]);
  expect(pairs).toEqual([embedded(0), embedded(1), pointer(2), embedded(3)]);
  expect(missing).toEqual([]);
  // Nothing is asked for that is there already: not of a source, and no further tree.
  expect(source.reads).toEqual([`${addressAt(1)}`, `${addressAt(2)}`]);
  expect(asked).toEqual([0, 1, 2]);
});

test("a single entry that is lacking is worth asking the next tree", async () => {
  const { merge, asked } = mergerOf([]);
  const trees = [{ pairs: [embedded(0), pointer(1)] }, { pairs: [embedded(0), embedded(1)] }];
  expect(await merge(trees)).toMatchObject({ pairs: [embedded(0), embedded(1)], missing: [] });
  expect(asked).toEqual([0, 1]);
});

test("a page of one entry is merged as any other", async () => {
  const { merge, source } = mergerOf([]);
  const { pairs } = await merge([
    { pairs: [pointer(0)] },
    { pairs: [elsewhere(0)] },
    { pairs: [embedded(0)] },
  ]);
  expect(pairs).toEqual([embedded(0)]);
  expect(source.reads).toEqual([`${addressAt(0)}`]);
});

test("a tree that ends before an entry, or has another one there, gives nothing for it", async () => {
  const { merge } = mergerOf([]);
  const { pairs, missing } = await merge([
    { pairs: [pointer(0), pointer(1)] },
    { pairs: [embedded(0)] },
    { pairs: [embedded(0), embedded(7)] },
  ]);
  expect(pairs).toEqual([embedded(0), pointer(1)]);
  expect(missing).toEqual([[1, "ERR_NOT_FOUND"]]);
});

test("why an entry is missing says the gravest answer of all, and which entry it is", async () => {
  const { merge } = mergerOf([]);
  const { missing, errors } = await merge([
    { pairs: [pointer(0), elsewhere(1), removed(2), removed(3)] },
    { pairs: [removed(0), pointer(1), pointer(2), removed(3)] },
    { pairs: [pointer(0), pointer(1), pointer(2), removed(3)] },
  ]);
  expect(missing).toEqual([
    [0, "ERR_WITHHELD"],
    [1, "ERR_INTEGRITY"],
    [2, "ERR_WITHHELD"],
    [3, "ERR_WITHHELD"],
  ]);
  expect(errors[3]).toMatchObject({ sequence: FIRST + 3 });
});

test("an address is kept rather than nothing, and the first one rather than a later one", async () => {
  const { merge } = mergerOf([]);
  const { pairs } = await merge([
    { pairs: [removed(0), elsewhere(1)] },
    { pairs: [pointer(0), pointer(1)] },
    { pairs: [elsewhere(0), removed(1)] },
  ]);
  expect(pairs).toEqual([pointer(0), elsewhere(1)]);
});

test("a content that all trees call removed is found by its hash, in a source or in the target", async () => {
  const { merge, source } = mergerOf([0], [1]);
  const { pairs, missing } = await merge([{ pairs: [removed(0), removed(1), removed(2)] }]);
  expect(pairs).toEqual([pointer(0), pointer(1), removed(2)]);
  expect(missing).toEqual([[2, "ERR_WITHHELD"]]);
  expect(source.reads).not.toContain(`${addressAt(1)}`);
});

test("a tree that is copied as it is keeps what it calls removed", async () => {
  const { merge, source } = mergerOf([0], [1]);
  const { pairs, missing } = await merge([{ pairs: [removed(0), removed(1)] }], true);
  expect(pairs).toEqual([removed(0), removed(1)]);
  expect(missing.map(([at]) => at)).toEqual([0, 1]);
  expect(source.reads).toEqual([]);
});

test("what the target itself shows is looked for there", async () => {
  const { merge, source } = mergerOf([], [0]);
  const { pairs, missing } = await merge([{ pairs: [pointer(0)] }, { pairs: [pointer(0)], there: true }]);
  expect([pairs, missing]).toEqual([[pointer(0)], []]);
  expect(source.reads).toHaveLength(1);
});

test("64 contents are copied at once, in the order of the entries", async () => {
  const ats = Array.from({ length: 70 }, (_, at) => at);
  const { merge, source } = mergerOf(ats);
  source.before = () => new Promise((resolve) => setImmediate(() => resolve(undefined)));
  expect(await merge([{ pairs: ats.map(pointer) }])).toMatchObject({ pairs: ats.map(pointer), missing: [] });
  expect(source.mostInFlight).toBe(64);
});

test("a fault of the program is no missing entry", async () => {
  const bug = new TypeError("not a function");
  for (const pair of [pointer(0), removed(0)]) {
    const { merge, source } = mergerOf([0]);
    source.before = () => Promise.reject(bug);
    expect(await failure(merge([{ pairs: [pair] }]))).toBe(bug);
  }
});
