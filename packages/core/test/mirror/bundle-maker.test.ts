// Bundles of pages that a target has by themselves.

import { memoryStorage } from "@remote-log/memory";
import { beforeAll, expect, test } from "vitest";
import { Address } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import type { Ref } from "../../src/log/page.ts";
import { BundleMaker } from "../../src/mirror/bundle-maker.ts";
import { KnownTree } from "../../src/mirror/known-tree.ts";
import { TargetStore } from "../../src/mirror/target-store.ts";
import type { TreeCopy } from "../../src/mirror/tree-copy.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { makeTarget, mirrorFrom } from "./target.ts";

/** Four runs of four pages in a node, and some more. */
const settings = { leafSize: 64, fanOut: 16 };
const SIZE = 64 * 18 + 5;
const before = Address.create(0x55, 0x12, new Uint8Array(32).fill(9));
const { signal } = new AbortController();

let log: WrittenLog;
let refs: readonly Ref[];

const viewOf = async (objects: ReadonlyMap<string, Uint8Array>, head: Uint8Array): Promise<TreeView> =>
  new TreeView(await verifyHead(head, log.logId), new ScriptedStorage(objects), defaultLimits, signal);

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { settings, bundles: "off" });
  const view = await viewOf(log.contents, log.head);
  refs = await Promise.all(Array.from({ length: 18 }, (_, page) => view.ref(0, page)));
});

/** A maker, and what it reads and stores. */
async function makerOf({
  keeps = false,
  largest = 2 ** 20,
  known = new KnownTree(undefined),
  ...copy
}: Partial<TreeCopy> & { readonly keeps?: boolean; readonly largest?: number } = {}) {
  const reads: string[] = [];
  const stored: Uint8Array[] = [];
  const storage = memoryStorage({ contents: new Map(log.contents) });
  const target = new TargetStore(
    {
      ...storage,
      capabilities: { ...storage.capabilities, largestContent: largest },
      get: (address, options) => {
        reads.push(`${address}`);
        return storage.get(address, options);
      },
    },
    { resume: false, retries: 0 },
    signal,
  );
  const views = [await viewOf(log.contents, log.head)];
  const parts = { views, target, known, bundles: "made", unchanged: false, ...copy } as unknown as TreeCopy;
  const pages = {
    bytesOf: (address: Address) => (keeps ? log.contents.get(`${address}`) : undefined),
    store: async (bytes: Uint8Array) => void stored.push(bytes),
  };
  return { maker: new BundleMaker(parts, pages, signal), reads, stored };
}

test("whole runs within a node are made, if the copy makes any and may differ from its source", async () => {
  const { maker } = await makerOf();
  expect(maker.run).toBe(4);
  const cases = [0, 4, 12].map((page) => [page, page + 4] as const);
  for (const [page, end] of cases) {
    expect(maker.makes(page, end)).toBe(true);
    expect(maker.makes(page, end + 3)).toBe(true);
    expect(maker.makes(page, end - 1)).toBe(false);
    expect(maker.makes(page + 1, end + 1)).toBe(false);
    expect((await makerOf({ bundles: "copied" })).maker.makes(page, end)).toBe(false);
    expect((await makerOf({ bundles: undefined })).maker.makes(page, end)).toBe(false);
    expect((await makerOf({ unchanged: true })).maker.makes(page, end)).toBe(false);
  }
});

test("a bundle has the entries of its pages, which are read if they are not at hand", async () => {
  for (const keeps of [true, false]) {
    const { maker, reads, stored } = await makerOf({ keeps });
    const made = await maker.make(4, refs.slice(4, 8), before);
    expect(made).toMatchObject([{ first: 4, lengths: { length: 4 } }]);
    expect(stored).toHaveLength(1);
    const { pairs, tail } = decodeRemoteLog(stored[0]!);
    expect([pairs.length, Address.fromBytes(tail)]).toEqual([256, before]);
    expect(reads).toEqual(keeps ? [] : refs.slice(4, 8).map(({ address }) => `${address}`));
  }
  const first = await makerOf();
  await first.maker.make(0, refs.slice(0, 4), undefined);
  expect(decodeRemoteLog(first.stored[0]!).tail).toHaveLength(0);
});

test("what does not fit into the target is divided", async () => {
  const [one] = await (await makerOf()).maker.make(4, refs.slice(4, 8), before);
  const [, , third, fourth] = one!.lengths;
  const { maker, stored } = await makerOf({ largest: third! + fourth! + 80 });
  const made = await maker.make(4, refs.slice(4, 8), before);
  expect(made.map(({ first, lengths }) => [first, lengths.length])).toEqual([
    [4, 2],
    [6, 2],
  ]);
  expect(stored).toHaveLength(2);
});

test("of a run with a page that is not there nothing is made", async () => {
  const { maker, stored } = await makerOf();
  const gone = { ...refs[6]!, address: before };
  expect(await maker.make(4, [refs[4]!, refs[5]!, gone, refs[7]!], before)).toEqual([]);
  expect(stored).toEqual([]);
});

test("what an earlier mirroring made of the same pages is taken over", async () => {
  const target = makeTarget();
  const { head } = await mirrorFrom(log, target, { bundles: "made" });
  const view = await viewOf(target.contents, head);
  const known = new KnownTree(view);
  for (const first of [0, 4, 8, 12]) {
    const { maker, reads, stored } = await makerOf({ known });
    const made = await maker.make(first, refs.slice(first, first + 4), before);
    expect(made).toEqual((await view.neighbours(first)).bundles.filter((one) => one.first === first));
    expect(made).toHaveLength(1);
    expect([reads, stored]).toEqual([[], []]);
  }
  // One of them was written anew since.
  const other = await makerOf({ known });
  const rewritten = { ...refs[7]!, address: refs[8]!.address };
  expect(await other.maker.make(4, [...refs.slice(4, 7), rewritten], before)).toEqual([]);
  expect(other.reads.length).toBeGreaterThan(0);
  // That mirroring could not get all of them.
  const gaps = await makerOf({ known: new KnownTree(view, [{ from: 64 * 5, to: 64 * 5 + 1 }]) });
  expect(await gaps.maker.make(4, refs.slice(4, 8), before)).toHaveLength(1);
  expect(gaps.stored).toHaveLength(1);
});
