// What an earlier mirroring left in the target: just what was whole there counts as known.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { type Address, ClosedError, NotFoundError } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { KnownTree, refOf } from "../../src/mirror/known-tree.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, foldedSize, foldingCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const { signal } = new AbortController();
let log: WrittenLog;

beforeAll(async () => {
  // In the head: one page's worth of newest entries less one, every content an object of its own.
  log = await writeLog(contents(foldedSize + 1), { settings: foldingCuts, largestEmbedded: 0 });
});

async function viewOf(storage = new ScriptedStorage(log.contents)): Promise<TreeView> {
  return new TreeView(await verifyHead(log.head, log.logId), storage, defaultLimits, signal);
}

test("nothing is known of a target to which nothing was mirrored", async () => {
  const known = new KnownTree(undefined);
  const { head } = await viewOf();
  const edge = head.levels.findIndex(({ node }) => node !== undefined);
  expect(await known.child(0, 0, signal)).toBeUndefined();
  expect(known.hasEdge(edge, head.levels[edge]!.node!.address)).toBe(false);
  expect(known.hasContent(pointersOf(head)[0]!)).toBe(false);
});

function pointersOf({ pairs }: TreeView["head"]): Address[] {
  return pairs.flatMap(({ place }) => (place.kind === "pointer" ? [place.address] : []));
}

test("every page and node is known up to the last, and none behind it", async () => {
  const view = await viewOf();
  const known = new KnownTree(view);
  for (const [level, { first, refs }] of view.head.shape.levels.entries()) {
    const last = first + refs - 1;
    expect(await known.child(level, last, signal)).toEqual(await view.ref(level, last));
    expect(await known.child(level, last + 1, signal)).toBeUndefined();
    expect(await refOf(view, level, last, signal)).toEqual(await view.ref(level, last));
    expect(await refOf(view, level, last + 1, signal)).toBeUndefined();
  }
  const above = view.head.shape.levels.length;
  expect(await known.child(above, 0, signal)).toBeUndefined();
  expect(await refOf(view, above, 0, signal)).toBeUndefined();
});

test("what has a gap is not known: neither the page nor any node above it, and all beside it is", async () => {
  const view = await viewOf();
  const { leafSize, fanOut } = foldingCuts as { leafSize: number; fanOut: number };
  const page = fanOut + 1;
  for (const at of [page * leafSize, (page + 1) * leafSize - 1]) {
    const known = new KnownTree(view, [{ from: at, to: at + 1 }]);
    const isKnown = async (level: number, index: number): Promise<boolean> =>
      (await known.child(level, index, signal)) !== undefined;
    expect([await isKnown(0, page - 1), await isKnown(0, page), await isKnown(0, page + 1)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([await isKnown(1, 0), await isKnown(1, 1), await isKnown(1, 2)]).toEqual([true, false, true]);
  }
});

test("a node of the right edge is known by its address, unless there is a gap below it", async () => {
  const view = await viewOf();
  const edges = view.head.levels.flatMap(({ node }, level) => (node === undefined ? [] : [{ node, level }]));
  expect(edges.length).toBeGreaterThan(1);
  const bare = view.head.levels.findIndex(({ node }) => node === undefined);
  for (const { node, level } of edges) {
    const { first, leavesPerRef } = view.head.shape.levels[level]!;
    const [from, to] = [first * leavesPerRef, (first + node.refs) * leavesPerRef];
    expect(new KnownTree(view).hasEdge(level, node.address)).toBe(true);
    expect(new KnownTree(view).hasEdge(level, pointersOf(view.head)[0]!)).toBe(false);
    if (bare >= 0) expect(new KnownTree(view).hasEdge(bare, node.address)).toBe(false);
    const has = (gap: number): boolean =>
      new KnownTree(view, [{ from: gap, to: gap + 1 }]).hasEdge(level, node.address);
    expect([has(from), has(to - 1), has(to)]).toEqual([false, false, true]);
    if (from > 0) expect(has(from - 1)).toBe(true);
  }
});

test("contents that the head points at are known, each unless it is missing", async () => {
  // A page of four entries, and three entries in the head.
  const short = await writeLog(contents(7), { largestEmbedded: 0 });
  const head = await verifyHead(short.head, short.logId);
  const view = new TreeView(head, new ScriptedStorage(short.contents), defaultLimits, signal);
  const pointers = pointersOf(head);
  expect(pointers).toHaveLength(3);
  for (const gap of [undefined, 3, 4, 5, 6]) {
    const known = new KnownTree(view, gap === undefined ? [] : [{ from: gap, to: gap + 1 }]);
    expect(pointers.map((address) => known.hasContent(address))).toEqual([4, 5, 6].map((at) => at !== gap));
  }
});

test("what the target does not show is not known; an abort and a fault of the program are no answer", async () => {
  const storage = new ScriptedStorage(log.contents);
  const view = await viewOf(storage);
  const { first } = view.head.shape.levels[0]!;
  expect(first).toBeGreaterThan(0);
  storage.before = () => Promise.reject(new NotFoundError("no", { operation: "storage.get" }));
  expect(await refOf(view, 0, 0, signal)).toBeUndefined();
  const bug = new TypeError("not a function");
  storage.before = () => Promise.reject(bug);
  expect(await failure(refOf(view, 0, 0, signal))).toBe(bug);
  const controller = new AbortController();
  // It looks like an error of a remote.
  const closed = new ClosedError("Closed.", { operation: "test" });
  storage.before = () => {
    controller.abort(closed);
    return Promise.reject(new NotFoundError("no", { operation: "storage.get" }));
  };
  expect(await failure(refOf(view, 0, 0, controller.signal))).toBe(closed);
});
