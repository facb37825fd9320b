// Copying a tree whose pages are in bundles: what is stored, counted, left out, and how its objects lead to each other.

import { beforeAll, expect, test } from "vitest";
import { Address, addressOf, rawSha256 } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { kindsOf } from "../reader/forger.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { bundleIn as bundleInLog } from "./copied-bundles.ts";
import { type Copy, copyTrees, readableBelow, without } from "./copied-tree.ts";
import { logAt } from "./target.ts";

/** Four bundles of eight pages of two, a page, and an entry. */
const SIZE = 67;
const settings = { leafSize: 2, fanOut: 8 };
const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

/** Its pages are in bundles alone; every content is an object. */
let imported: WrittenLog;
/** Its pages are stored by themselves as well. */
let grown: WrittenLog;
/** Without bundles; every content is embedded. */
let embedded: WrittenLog;

beforeAll(async () => {
  const common = { seed: new Uint8Array(32).fill(3), settings, largestEmbedded: 0 };
  const entries = contents(SIZE);
  imported = await writeLog(entries, { ...common, bundles: "writer" });
  const publishAt = upTo(33).map((page) => 2 * page + 1);
  grown = await writeLog(entries, { ...common, bundles: "writer", publishAt });
  embedded = await writeLog(entries, { ...common, bundles: "off", largestEmbedded: 1000 });
});

const copy = (of: Copy) => copyTrees(imported.logId, of);
const readable = (head: Uint8Array, stored: ReadonlyMap<string, Uint8Array>) =>
  readableBelow(imported.logId, head, stored);
const nodeOf = async (log: WrittenLog, page: number) => {
  const { signal } = new AbortController();
  const storage = new ScriptedStorage(log.contents);
  return new TreeView(await verifyHead(log.head, log.logId), storage, defaultLimits, signal).neighbours(page);
};
const bundleIn = (log: WrittenLog, first: number) => bundleInLog(log.logId, log, first);

test.each([true, false])(
  "bundles and pages are stored as they are, once, and counted (unchanged: %s)",
  async (unchanged) => {
    for (const log of [imported, grown]) {
      const { result, stored, puts, sources, counts } = await copy({ views: [log], unchanged });
      const { head, progress, missing } = await result;
      expect([head, missing]).toEqual([log.head, []]);
      expect([...puts].sort()).toEqual([...kindsOf(log).keys()].sort());
      expect(await readable(head, stored)).toEqual(upTo(SIZE));
      const kinds = [...kindsOf(log).values()];
      const count = (kind: string): number => kinds.filter((one) => one === kind).length;
      expect(count("page")).toBe(log === imported ? 4 + 1 : 4 + 33);
      expect(progress).toEqual({
        ...{ size: SIZE, entries: SIZE, contents: SIZE, pages: count("page"), nodes: count("node") },
        bytes: [...stored.values()].reduce((sum, { length }) => sum + length, 0),
      });
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      const objects = sources[0]!.reads.filter((text) => kindsOf(log).get(text) !== "node");
      expect(new Set(objects).size).toBe(objects.length);
    }
  },
);

test("what the target is known to have is neither read nor stored", async () => {
  for (const log of [imported, grown]) {
    const { result, puts, sources } = await copy({ views: [log], has: log.contents, known: log });
    expect(await result).toMatchObject({ head: log.head, progress: { entries: SIZE, pages: 0, nodes: 0 } });
    expect([puts, sources[0]!.reads]).toEqual([[], []]);
  }
});

test.each([16, 20, 31])(
  "a bundle of which entry %i was missing is copied again, and no other",
  async (from) => {
    const missing = [{ from, to: from + 1 }];
    const { result, puts } = await copy({
      views: [imported],
      has: imported.contents,
      known: imported,
      missing,
    });
    expect(await result).toMatchObject({ head: imported.head, missing: [], progress: { entries: SIZE } });
    const pages = puts.filter((text) => kindsOf(imported).get(text) === "page");
    expect(pages).toEqual([`${(await bundleIn(imported, 8)).bundle.address}`]);
  },
);

test("of the bundles in one node, those that the target has are passed over, and counted", async () => {
  // Two bundles of two pages in each node, and a page.
  const size = 128 * 5 + 1;
  const cuts = { leafSize: 128, fanOut: 4 };
  const log = await writeLog(contents(size), { settings: cuts, bundles: "writer", largestEmbedded: 100 });
  const { bundles } = await nodeOf(log, 0);
  expect(bundles.map(({ first }) => first)).toEqual([0, 2]);
  for (const [from, at] of [
    [300, 1],
    [100, 0],
  ] as const) {
    const given = { has: log.contents, known: log, missing: [{ from, to: from + 1 }] };
    const { result, puts, sources } = await copyTrees(log.logId, { views: [log], ...given });
    expect(await result).toMatchObject({
      head: log.head,
      missing: [],
      progress: { entries: size, pages: 1 },
    });
    expect(puts).toContain(`${bundles[at]!.address}`);
    expect(sources[0]!.reads).not.toContain(`${bundles[1 - at]!.address}`);
  }
});

test("pages that the target has are bundled there without them, and without their contents", async () => {
  // The second bundle was not made yet.
  const before = logAt(grown, 33);
  const has = new Map([...kindsOf(before).keys()].map((text) => [text, grown.contents.get(text)!]));
  const { result, stored, puts } = await copy({ views: [grown], has, known: before });
  const { head, progress } = await result;
  expect([head, progress.entries]).toEqual([grown.head, SIZE]);
  const news = [...kindsOf(grown).keys()].filter((text) => !has.has(text));
  expect([...puts].sort()).toEqual(news.sort());
  expect(news).toContain(`${(await bundleIn(grown, 8)).bundle.address}`);
  expect(await readable(head, stored)).toEqual(upTo(SIZE));
});

test("a bundle that nobody shows is not named by the copy, if its pages are there by themselves", async () => {
  const { bundle, refs } = await bundleIn(grown, 8);
  const lost = without(grown, [bundle.address, refs[5]!.address].map(String));
  for (const unchanged of [false, true]) {
    const { result, stored, puts } = await copy({ views: [lost], unchanged });
    const { head, missing, progress } = await result;
    expect(missing).toMatchObject([{ from: 26, to: 28, error: { code: "ERR_NOT_FOUND" } }]);
    expect(progress.entries).toBe(SIZE - 2);
    expect(await readable(head, stored)).toEqual(upTo(SIZE).filter((i) => i !== 26 && i !== 27));
    // The nodes above it are made anew without it, unless the tree is copied as it is.
    const news = puts
      .filter((text) => !grown.contents.has(text))
      .map((text) => Buffer.from(stored.get(text)!));
    expect(news.length > 0).toBe(!unchanged);
    expect(news.filter((bytes) => bytes.includes(Buffer.from(bundle.address.bytes)))).toEqual([]);
    expect(Buffer.compare(head, grown.head) === 0).toBe(unchanged);
  }
});

test("what lies in a bundle that nobody shows is told, and the rest is copied", async () => {
  const { bundle } = await bundleIn(imported, 8);
  const { result, stored } = await copy({ views: [without(imported, [`${bundle.address}`])] });
  const { head, missing, missingCount, progress } = await result;
  expect(missing).toMatchObject([{ from: 16, to: 32, error: { code: "ERR_NOT_FOUND" } }]);
  expect([missingCount, progress.entries]).toEqual([16, SIZE - 16]);
  expect(head).toEqual(imported.head);
  expect(await readable(head, stored)).toEqual(upTo(SIZE).filter((i) => i < 16 || i >= 32));
});

test("if a bundle changes, all that comes after it leads to it", async () => {
  // One content of the first bundle, which another tree embeds, is lost as an object.
  const text = `${await addressOf(imported.entries[5]!, rawSha256)}`;
  for (const log of [imported, grown]) {
    const { result, stored } = await copy({ views: [without(log, [text]), embedded] });
    const { head, missing } = await result;
    expect(missing).toEqual([]);
    expect(await readable(head, stored)).toEqual(upTo(SIZE));
    const at = (bytes: Uint8Array) => stored.get(`${Address.fromBytes(bytes)}`)!;
    const found: Uint8Array[] = [];
    for (let object = decodeRemoteLog(head); ; object = decodeRemoteLog(at(object.tail))) {
      for (const { remoteHash, data } of object.pairs)
        found.unshift(remoteHash.length > 0 ? at(remoteHash) : data);
      if (object.tail.length === 0) break;
    }
    expect(found).toEqual(imported.entries);
  }
});
