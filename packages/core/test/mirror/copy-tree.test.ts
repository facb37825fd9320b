// Copying a tree below a head: what is stored, what is left out, and what refuses the copy, without a reader in between.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { addressOf, ClosedError, generateSeed, rawSha256 } from "../../src/index.ts";
import { encodeHead, verifyHead } from "../../src/log/head.ts";
import type { Pair } from "../../src/log/pair.ts";
import type { CopiedTree } from "../../src/mirror/copy-tree.ts";
import { kindsOf } from "../reader/forger.ts";
import { contents, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { type Copy, copyTrees, readableBelow, type Tree, without } from "./copied-tree.ts";
import { rewritten } from "./rewritten-log.ts";
import { logAt } from "./target.ts";

/** 22 pages: two full nodes of eight, then a node that is begun with five, then a page; and one entry in the head. */
const SIZE = 45;

let log: WrittenLog;
/** The same log with every content an object of its own. */
let pointing: WrittenLog;
/** Another history with the same key. */
let fork: WrittenLog;

beforeAll(async () => {
  const seed = generateSeed();
  const options = { seed, settings: foldingCuts, publishAt: [16, 17, 33] };
  log = await writeLog(contents(SIZE), options);
  pointing = await writeLog(contents(SIZE), { ...options, largestEmbedded: 0 });
  fork = await writeLog(contents(SIZE, " elsewhere"), options);
});

/** A pair whose content was removed. */
const removed = (pair: Pair): Pair => ({ ...pair, place: { kind: "removed" } });
const copy = (of: Copy) => copyTrees(log.logId, of);
const readable = (tree: Pick<CopiedTree, "head">, stored: ReadonlyMap<string, Uint8Array>) =>
  readableBelow(log.logId, tree.head, stored);

const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
const nodesOf = (tree: WrittenLog): string[] =>
  [...kindsOf(tree)].filter(([, kind]) => kind === "node").map(([text]) => text);

/** The address of the full node `index`, or of the one that is begun. */
async function nodeOf(tree: Tree, index: number | "begun"): Promise<string> {
  const { levels } = await verifyHead(tree.head, log.logId);
  return `${index === "begun" ? levels[0]!.node!.address : levels[1]!.refs[index]!.address}`;
}

/** The same tree with other nodes, which the head points at. */
async function withNodes(tree: Tree, change: (bytes: Uint8Array) => Uint8Array): Promise<Tree> {
  const head = await verifyHead(tree.head, log.logId);
  const objects = new Map(tree.contents);
  const changed = async (address: { toString(): string }) => {
    const bytes = change(objects.get(`${address}`)!);
    const at = await addressOf(bytes, rawSha256);
    objects.set(`${at}`, bytes);
    return at;
  };
  const [low, high] = [head.levels[0]!, head.levels[1]!];
  const levels = [
    { ...low, node: { ...low.node!, address: await changed(low.node!.address) } },
    {
      refs: await Promise.all(
        high.refs.map(async (ref) => ({ ...ref, address: await changed(ref.address) })),
      ),
    },
  ];
  return { contents: objects, head: encodeHead({ ...head, levels }) };
}

test.each([true, false])(
  "everything below a head is stored as it is, once, and counted (unchanged: %s)",
  async (unchanged) => {
    const { result, stored, puts, sources, counts } = await copy({ views: [log], unchanged });
    const { head, progress, missing, missingCount } = await result;
    expect(head).toEqual(log.head);
    expect([missing, missingCount]).toEqual([[], 0]);
    expect([...puts].sort()).toEqual([...kindsOf(log).keys()].sort());
    expect(await readable({ head }, stored)).toEqual(upTo(SIZE));
    const kinds = [...kindsOf(log).values()];
    const count = (kind: string): number => kinds.filter((one) => one === kind).length;
    expect([count("page"), count("node")]).toEqual([22, 3]);
    expect(progress).toEqual({
      ...{ size: SIZE, entries: SIZE, contents: count("content"), pages: 22, nodes: 3 },
      bytes: [...stored.values()].reduce((sum, { length }) => sum + length, 0),
    });
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    // Nothing is read twice.
    expect(new Set(sources[0]!.reads).size).toBe(sources[0]!.reads.length);
  },
);

test("what the target is known to have is neither read nor stored: nodes of the right edge, too", async () => {
  const { result, puts, sources } = await copy({ views: [log], has: log.contents, known: log });
  expect(await result).toMatchObject({
    head: log.head,
    progress: { entries: SIZE, pages: 0, nodes: 0 },
    missing: [],
  });
  expect([puts, sources[0]!.reads]).toEqual([[], []]);
});

test("of a state that grows, what is new is stored", async () => {
  const before = logAt(log, 33);
  const { result, puts } = await copy({ views: [log], has: log.contents, known: before });
  expect(await result).toMatchObject({ head: log.head, progress: { entries: SIZE } });
  const held = kindsOf(before);
  expect([...puts].sort()).toEqual([...kindsOf(log).keys()].filter((text) => !held.has(text)).sort());
});

test.each([
  ["in two pages of a node, with a known one between them", [4, 8]],
  ["before the node that is begun, and in the page after it", [30, 42]],
  ["within the node that is begun", [36]],
  ["in the last page of a node, and the first of the next", [15, 16]],
])("what was missing is copied into the same tree: %s", async (_what, gaps) => {
  const missing = gaps.map((from) => ({ from, to: from + 1 }));
  const { result, stored, puts } = await copy({ views: [log], has: log.contents, known: log, missing });
  expect(await result).toMatchObject({ head: log.head, missing: [], progress: { entries: SIZE } });
  // The pages, and the nodes above them; each page leads to the one before it, so no other one came to be.
  expect(puts.every((text) => log.contents.has(text))).toBe(true);
  expect(puts.filter((text) => kindsOf(log).get(text) === "page")).toHaveLength(gaps.length);
  expect(await readable({ head: log.head }, stored)).toEqual(upTo(SIZE));
});

test.each([0, 1, "begun"] as const)(
  "what lies below a node that nobody shows is told, and the rest is copied: %s",
  async (which) => {
    for (const unchanged of [true, false]) {
      const { result, stored } = await copy({ views: [without(log, [await nodeOf(log, which)])], unchanged });
      const { head, missing, missingCount, progress } = await result;
      const [from, to] = which === "begun" ? [32, 42] : [16 * which, 16 * which + 16];
      expect(missing).toMatchObject([{ from, to, error: { code: "ERR_NOT_FOUND" } }]);
      expect([missingCount, progress.entries]).toEqual([to - from, SIZE - to + from]);
      // The pages behind the gap keep what they lead to.
      expect(head).toEqual(log.head);
      expect(await readable({ head }, stored)).toEqual(upTo(SIZE).filter((i) => i < from || i >= to));
    }
  },
);

test("a node that no source shows is made anew from a tree that the target holds", async () => {
  const before = logAt(log, 33);
  const views = [without(log, [await nodeOf(log, 0)])];
  const { result, stored } = await copy({ views, has: before.contents, held: [before] });
  expect(await result).toMatchObject({ head: log.head, missing: [] });
  expect(await readable({ head: log.head }, stored)).toEqual(upTo(SIZE));
});

test("a copy that would lose what the target can read is refused, and one that loses nothing of it is not", async () => {
  const views = [without(log, [await nodeOf(log, 1)])];
  for (const [size, refuses] of [
    [16, false],
    [17, true],
  ] as const) {
    const before = { ...logAt(log, size), contents: without(log, nodesOf(log)).contents };
    const of = { views, has: before.contents, held: [before] };
    const { result } = await copy(of);
    if (refuses) expect(await failure(result)).toMatchObject({ code: "ERR_NOT_FOUND" });
    else expect(await result).toMatchObject({ missing: [{ from: 16, to: 32 }] });
    // One tree as it is takes nothing away: its head is not named here.
    expect(await (await copy({ ...of, unchanged: true })).result).toMatchObject({
      missing: [{ from: 16, to: 32 }],
    });
  }
});

test("a tree that the target has is kept, whatever of another one a source withholds", async () => {
  const tree = await rewritten(log, removed);
  const views = [without(tree, [await nodeOf(tree, 0), await nodeOf(tree, 1)])];
  const { result, stored, puts } = await copy({ views, has: log.contents, known: log });
  const { head, missing, progress } = await result;
  expect(missing).toEqual([]);
  expect(await readable({ head }, stored)).toEqual(upTo(SIZE));
  // Its nodes are those that are there.
  expect(puts.filter((text) => nodesOf(log).includes(text))).toEqual([]);
  expect(progress.nodes).toBe(0);
});

test("one tree as it is is not mended with what the target is known to have", async () => {
  const tree = await rewritten(log, removed);
  const lacking = without(tree, [await nodeOf(tree, 0)]);
  const { result } = await copy({ views: [lacking], has: log.contents, known: log, unchanged: true });
  const { head, missing } = await result;
  expect(head).toEqual(tree.head);
  expect(missing[0]).toMatchObject({ from: 0, to: 16, error: { code: "ERR_NOT_FOUND" } });
});

test("one tree as it is is the first, and takes nothing from the others", async () => {
  const lacking = without(pointing, [await nodeOf(pointing, 0)]);
  const { result, puts } = await copy({ views: [lacking, log], unchanged: true });
  const { head, missing } = await result;
  expect([head, missing.length]).toEqual([pointing.head, 1]);
  expect(missing[0]).toMatchObject({ from: 0, to: 16, error: { code: "ERR_NOT_FOUND" } });
  expect(puts.filter((text) => !pointing.contents.has(text))).toEqual([]);
});

test("if a source shows what the target has, that is not copied, whatever comes before it", async () => {
  const stripped = await rewritten(log, removed);
  const { result, puts } = await copy({ views: [stripped, log], has: log.contents, known: log });
  expect(await result).toMatchObject({ missing: [], progress: { entries: SIZE, pages: 0, nodes: 0 } });
  expect(puts).toEqual([]);
});

test("a second tree is not read where the first one shows everything", async () => {
  const stripped = await rewritten(log, removed);
  const own = [...stripped.contents.keys()].filter((text) => !log.contents.has(text));
  const { result, sources } = await copy({ views: [log, stripped] });
  await result;
  expect(sources.flatMap(({ reads }) => reads).filter((text) => own.includes(text))).toEqual([]);
});

test("of trees that the target does not have the first is taken", async () => {
  const stripped = await rewritten(log, removed);
  const has = new Map([...stripped.contents]);
  const { result } = await copy({ views: [log, pointing], has, known: stripped });
  expect(await result).toMatchObject({ head: log.head, missing: [] });
});

test("the newest entries are the best of what the heads show", async () => {
  const whole = await verifyHead(log.head, log.logId);
  const headless = { ...log, head: encodeHead({ ...whole, pairs: whole.pairs.map(removed) }) };
  for (const views of [
    [headless, log],
    [log, headless],
  ]) {
    const { result, stored } = await copy({ views });
    const { head, missing } = await result;
    expect(missing).toEqual([]);
    expect(await readable({ head }, stored)).toEqual(upTo(SIZE));
    expect(head).toEqual(log.head);
  }
  const alone = await copy({ views: [headless], unchanged: true });
  const { head, missing } = await alone.result;
  expect([head, missing.length]).toEqual([headless.head, 1]);
});

test.each([0, 1, "begun"] as const)(
  "what the target and the source show of two histories is never made one tree: node %s",
  async (which) => {
    const views = [without(log, [await nodeOf(log, which)])];
    const { result } = await copy({ views, has: fork.contents, known: fork });
    expect(await failure(result)).toMatchObject({
      code: "ERR_INTEGRITY",
      message: expect.stringContaining("not one tree"),
    });
  },
);

test("nodes with fields that this version does not know are carried as they are, or made anew", async () => {
  const tree = await withNodes(log, (bytes) => Uint8Array.of(...bytes, 0x98, 0x06, 0x01));
  const unchanged = await copy({ views: [tree], unchanged: true });
  expect((await unchanged.result).head).toEqual(tree.head);
  expect(await readable({ head: tree.head }, unchanged.stored)).toEqual(upTo(SIZE));
  expect([...unchanged.puts].sort()).not.toEqual([...kindsOf(log).keys()].sort());
  const merged = await copy({ views: [tree] });
  expect((await merged.result).head).toEqual(log.head);
  expect([...merged.puts].sort()).toEqual([...kindsOf(log).keys()].sort());
});

test("no more pages are under way than are allowed", async () => {
  let [pages, most] = [0, 0];
  const { result } = await copy({
    views: [log],
    concurrency: 1,
    before: async (address) => {
      if (kindsOf(log).get(`${address}`) !== "page") return undefined;
      most = Math.max(most, ++pages);
      await new Promise((resolve) => setImmediate(resolve));
      pages--;
      return undefined;
    },
  });
  await result;
  expect(most).toBe(1);
});

test("a fault of the program is no gap in a log, nor is an abort", async () => {
  const bug = new TypeError("not a function");
  const nodes = nodesOf(log);
  const { result } = await copy({
    views: [log],
    before: (address) => (nodes.includes(`${address}`) ? Promise.reject(bug) : undefined),
  });
  expect(await failure(result)).toBe(bug);
  // The signal of a reader that was closed tells so with an error that looks like one of a source.
  const controller = new AbortController();
  const closed = new ClosedError("Closed.", { operation: "test" });
  const ended = await copy({
    views: [log],
    signal: controller.signal,
    before: (address) => {
      if (nodes.includes(`${address}`)) controller.abort(closed);
      return undefined;
    },
  });
  expect(await failure(ended.result)).toBe(closed);
});

test("what nobody shows of a node that is begun, and new, refuses the copy if the target has a part of it", async () => {
  const before = logAt(log, 33);
  const views = [without(log, [await nodeOf(log, "begun")])];
  const { result } = await copy({ views, has: before.contents, known: before });
  expect(await failure(result)).toMatchObject({ code: "ERR_NOT_FOUND", operation: "storage.get" });
});
