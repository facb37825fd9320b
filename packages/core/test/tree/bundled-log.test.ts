// A log whose pages are in bundles, read below its head.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { readBundle } from "../../src/tree/read-bundle.ts";
import { readEntries } from "../../src/tree/read-entries.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { encodeWireBundle } from "../../src/wire/bundle-message.ts";
import { decodeIndexNode, encodeIndexNode } from "../../src/wire/index-node-message.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const SIZE = 150;
const entries = contents(SIZE);
const never = new AbortController().signal;

/** Appended at once: older pages are in bundles of four pages alone. */
let imported: WrittenLog;
/** Published again and again: pages are stored by themselves as well. */
let grown: WrittenLog;

beforeAll(async () => {
  imported = await writeLog(entries, { settings: smallCuts, bundles: "writer" });
  grown = await writeLog(entries, {
    settings: smallCuts,
    bundles: "writer",
    publishAt: Array.from({ length: 37 }, (_, i) => 4 * i + 1),
  });
});

async function viewOf(written: WrittenLog, requestBytes?: number) {
  const storage = new ScriptedStorage(written.contents);
  if (requestBytes !== undefined)
    Object.assign(storage, { capabilities: { ...storage.capabilities, requestBytes } });
  const head = await verifyHead(written.head, written.logId);
  const view = new TreeView(head, storage, defaultLimits, never);
  const pageReads = () => storage.limits.filter((limit) => limit === defaultLimits.pageBytes).length;
  return { storage, view, pageReads };
}

async function read(view: TreeView, from = 0, to = SIZE): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const { content } of readEntries(view, { from, to }, { limits: defaultLimits }))
    found.push(content);
  return found;
}

test("every stretch is read, whatever form its pages are stored in", async () => {
  for (const written of [imported, grown]) {
    for (let from = 0; from < SIZE; from += 7) {
      for (const to of [from + 1, from + 3, from + 16, from + 40, SIZE]) {
        const { view } = await viewOf(written);
        const end = Math.min(to, SIZE);
        expect(await read(view, from, end), `${from} to ${end}`).toEqual(entries.slice(from, end));
      }
    }
  }
});

test("of a bundle of which a page is passed over, the entries keep their numbers", async () => {
  for (const written of [imported, grown]) {
    for (const [first, count] of [
      [4, 4],
      [4, 8],
      [20, 4],
      [0, 4],
    ] as const) {
      const { view, pageReads } = await viewOf(written, 16_384);
      const removals = { firstKept: 0, removed: [{ first, count }] };
      const options = { limits: defaultLimits, removals, skipsRemoved: true };
      const found: [number, Uint8Array][] = [];
      for await (const { sequence, content } of readEntries(view, { from: 0, to: 32 }, options))
        found.push([sequence, content]);
      const kept = [...entries.slice(0, 32).entries()].filter(([at]) => at < first || at >= first + count);
      expect(found).toEqual(kept);
      expect(pageReads()).toBe(2);
    }
  }
});

test("all of it takes one read for each bundle, and few pages", async () => {
  for (const [written, most] of [
    [imported, 9 + 4],
    [grown, 9 + 4],
  ] as const) {
    const { view, pageReads } = await viewOf(written);
    await read(view);
    expect(pageReads()).toBeLessThanOrEqual(most);
  }
});

test("a request that costs next to nothing has pages read that are stored by themselves", async () => {
  const { view, pageReads } = await viewOf(grown, 1);
  expect(view.requestBytes).toBe(1);
  await read(view, 0, 12);
  expect(pageReads()).toBe(3);
  expect((await viewOf(grown)).view.requestBytes).toBe(2048);
  const other = await viewOf(grown, 16_384);
  await read(other.view, 0, 12);
  expect(other.pageReads()).toBe(1);
});

test("a page that is in a bundle alone comes from there, and its neighbours without another read", async () => {
  const { view, pageReads } = await viewOf(imported);
  for (const page of [5, 4, 7, 6]) {
    const { pairs } = await view.page(page);
    expect(pairs.length).toBe(4);
    expect(pairs[0]!.contentHash).toEqual(rawSha256.digest(entries[page * 4]!));
  }
  expect(pageReads()).toBe(1);
  // Four bundles are kept.
  for (const page of [8, 12, 16, 20]) await view.page(page);
  expect(pageReads()).toBe(5);
  await view.page(8);
  expect(pageReads()).toBe(5);
  await view.page(4);
  expect(pageReads()).toBe(6);
});

test("a page that is stored by itself as well comes from there", async () => {
  const { view, storage } = await viewOf(grown);
  const { bundles } = await view.neighbours(5);
  const { address } = await view.ref(0, 5);
  await view.page(5);
  expect(storage.reads).toContain(`${address}`);
  expect(storage.reads).not.toContain(`${bundles[0]!.address}`);
});

test("neighbours share one node, and the newest are in the head, which shows no bundles", async () => {
  const { view } = await viewOf(imported);
  expect(view.pages).toBe(37);
  const bundleOf = async (page: number) => {
    const { end, bundles } = await view.neighbours(page);
    return [end, ...bundles.map(({ first, lengths }) => [first, lengths.length])];
  };
  expect(await bundleOf(0)).toEqual([4, [0, 4]]);
  expect(await bundleOf(3)).toEqual([4, [0, 4]]);
  expect(await bundleOf(4)).toEqual([8, [4, 4]]);
  expect(await bundleOf(35)).toEqual([36, [32, 4]]);
  expect(await bundleOf(36)).toEqual([37]);
});

test("bundles of a node that is begun are found below the head, which carries its newest ref itself", async () => {
  const settings = { leafSize: 64, fanOut: 16 };
  const written = await writeLog(contents(64 * 6 + 1), { settings, bundles: "writer" });
  const { view, pageReads } = await viewOf(written);
  expect(await view.neighbours(0)).toMatchObject({ end: 5, bundles: [{ first: 0 }] });
  expect(await view.neighbours(4)).toMatchObject({ end: 5, bundles: [{ first: 0 }] });
  expect(await view.neighbours(5)).toEqual({ end: 6, bundles: [] });
  expect(await read(view, 0, 64 * 6 + 1)).toEqual(contents(64 * 6 + 1));
  expect(pageReads()).toBe(3);
});

test("a bundle with other entries, or under an address of another, is refused", async () => {
  const { view, storage } = await viewOf(imported);
  const [bundle] = (await view.neighbours(0)).bundles;
  const first = bundle!.address;
  const [second] = (await view.neighbours(4)).bundles;
  storage.before = async (address) =>
    address.equals(first) ? imported.contents.get(`${second!.address}`) : undefined;
  expect(await failure(view.page(0))).toMatchObject({ code: "ERR_INTEGRITY" });
  expect(
    await failure(readBundle(view, { first: 0, lengths: [1, 1, 1, 1], address: second!.address }, never)),
  ).toMatchObject({ code: "ERR_INTEGRITY", operation: "bundle.verify" });
  storage.before = () => undefined;
  expect((await view.page(0)).pairs.length).toBe(4);
});

test("lengths that are not true change nothing that is read", async () => {
  const { view } = await viewOf(imported);
  const [bundle] = (await view.neighbours(0)).bundles;
  const pages = await readBundle(view, { ...bundle!, lengths: [1, 70_000, 0, 9] }, never);
  expect(pages.map(({ pairs }) => pairs.length)).toEqual([4, 4, 4, 4]);
});

test("a subtree and a prefix within a bundle have the hashes of the entries in it", async () => {
  for (const start of [0, 5, 66]) {
    const [one, other] = [
      await viewOf(imported),
      await viewOf(await writeLog(entries, { settings: smallCuts })),
    ];
    expect(await one.view.subtree(start, 1)).toEqual(await other.view.subtree(start, 1));
    expect((await one.view.prefix(start)).root()).toEqual((await other.view.prefix(start)).root());
  }
});

test("a node whose refs lead to other nodes has no bundles, whatever storage shows", async () => {
  const { view, storage } = await viewOf(imported);
  const { head } = view;
  const [first, ...rest] = head.levels[2]!.refs;
  const node = decodeIndexNode(imported.contents.get(`${first!.address}`)!);
  const bundle = encodeWireBundle({ first: 0, address: first!.address.bytes, lengths: [1, 1] });
  const bytes = encodeIndexNode({ ...node, bundles: [bundle] });
  const address = await addressOf(bytes, rawSha256);
  storage.before = async (asked) => (asked.equals(address) ? bytes : undefined);
  const levels = [...head.levels.slice(0, 2), { refs: [{ ...first!, address }, ...rest] }];
  const other = new TreeView({ ...head, levels }, storage, defaultLimits, never);
  expect(await failure(other.ref(1, 0))).toMatchObject({ code: "ERR_MALFORMED", operation: "index.decode" });
});
