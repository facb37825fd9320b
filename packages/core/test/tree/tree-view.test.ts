import { createHash } from "node:crypto";
import { failure } from "@remote-log/test-kit";
import { beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/crypto/sha256.ts";
import { type Address, addressOf, type HashType, rawSha256 } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { leafHashOf, pairLeafHash } from "../../src/log/pair.ts";
import { CompactRange, hashNode } from "../../src/merkle/index.ts";
import { defaultLimits, LARGEST_NODE } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ScriptedStorage } from "../reader/scripted-remote.ts";
import { contents, foldingCuts, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";

const SIZE = 334;
const FOLDED = 84;
const SIZES = [1, 4, 5, 16, 17, 20, 21, 64, 65, 84];
const entries = contents(SIZE);
const leaves = entries.map((entry) => leafHashOf(sha256(entry), sha256(entry)));
const never = new AbortController().signal;
const invalid = { code: "ERR_INVALID_INPUT" };

let log: WrittenLog;
let folded: WrittenLog;

beforeAll(async () => {
  log = await writeLog(entries, { settings: smallCuts, publishAt: SIZES });
  folded = await writeLog(entries.slice(0, FOLDED), {
    settings: foldingCuts,
    publishAt: [10, 30, 50, 70, 79],
  });
});

async function viewOf(written: WrittenLog, head = written.head, options: { closing?: AbortSignal } = {}) {
  const storage = new ScriptedStorage(written.contents);
  const verified = await verifyHead(head, written.logId);
  return { storage, view: new TreeView(verified, storage, defaultLimits, options.closing ?? never) };
}

function rootOf(start: number, end: number): Uint8Array {
  if (end - start === 1) return leaves[start]!;
  const half = 2 ** Math.ceil(Math.log2(end - start) - 1);
  return hashNode(rootOf(start, start + half), rootOf(start + half, end));
}

describe("the tree below a head", () => {
  test("has the size, pages and limits of its log", async () => {
    const { view, storage } = await viewOf(log);
    expect(view.size).toBe(SIZE);
    expect(view.leafSize).toBe(4);
    expect(view.pages).toBe(83);
    expect(view.limits).toBe(defaultLimits);
    expect(view.hashTypes).toBe(storage.capabilities.hashTypes);
  });

  test("gives every ref of every level, with the hash of the entries below it", async () => {
    for (const written of [log, folded]) {
      const { view } = await viewOf(written);
      for (const [level, { first, refs, leavesPerRef }] of view.head.shape.levels.entries()) {
        for (let index = 0; index < first + refs; index++) {
          const { hash } = await view.ref(level, index);
          expect(hash).toEqual(rootOf(index * leavesPerRef, (index + 1) * leavesPerRef));
        }
        expect(await failure(view.ref(level, first + refs))).toMatchObject(invalid);
      }
      expect(await failure(view.ref(view.head.shape.levels.length, 0))).toMatchObject(invalid);
    }
  });

  test("has nodes that are stored before they are full, in one of the two logs of this test", async () => {
    const { view } = await viewOf(folded);
    expect(view.head.levels.some(({ node }) => node !== undefined)).toBe(true);
  });

  test("gives the entries of every page", async () => {
    const { view, storage } = await viewOf(log);
    for (const index of [0, 1, 41, 82]) {
      const page = await view.page(index);
      expect(page.pairs.map(pairLeafHash)).toEqual(leaves.slice(index * 4, index * 4 + 4));
    }
    expect(new Set(storage.limits)).toEqual(new Set([LARGEST_NODE, defaultLimits.pageBytes]));
  });

  test("gives the compact range of its first entries, of any number", async () => {
    for (const written of [log, folded]) {
      const { view } = await viewOf(written);
      const range = CompactRange.empty();
      for (let size = 0; size <= view.size; size++) {
        if (size < 90 || size > SIZE - 6) expect((await view.prefix(size)).hashes()).toEqual(range.hashes());
        if (size < view.size) range.appendLeaf(leaves[size]!);
      }
      expect(await failure(view.prefix(view.size + 1))).toMatchObject(invalid);
    }
  });

  test("reads nothing for first entries that end at a page whose ref is in its head", async () => {
    const { view, storage } = await viewOf(folded, folded.heads.get(79));
    const [{ first, refs, leavesPerRef }, { node }] = [view.head.shape.levels[0]!, view.head.levels[0]!];
    for (let page = first + node!.refs; page <= first + refs; page++) {
      const size = page * leavesPerRef;
      const range = CompactRange.empty();
      for (const leaf of leaves.slice(0, size)) range.appendLeaf(leaf);
      expect((await view.prefix(size)).hashes(), `${size}`).toEqual(range.hashes());
    }
    expect(storage.reads).toEqual([]);
  });

  test.each(SIZES)("gives every perfect subtree of a log of %i entries", async (size) => {
    const { view } = await viewOf(log, log.heads.get(size));
    for (let width = 1; width <= size; width *= 2) {
      for (let start = 0; start + width <= size; start += width) {
        expect(await view.subtree(start, width), `${width} from ${start} on`).toEqual(
          rootOf(start, start + width),
        );
      }
      expect(await failure(view.subtree(Math.ceil((size - width + 1) / width) * width, width))).toMatchObject(
        invalid,
      );
    }
    expect(await failure(view.subtree(1, 2))).toMatchObject(invalid);
  });

  test("reads no page for a subtree that a ref has the hash of", async () => {
    const { view, storage } = await viewOf(log);
    for (const [start, width] of [
      [0, 4],
      [320, 4],
      [328, 4],
      [0, 16],
      [304, 16],
      [192, 64],
    ] as const) {
      expect(await view.subtree(start, width)).toEqual(rootOf(start, start + width));
    }
    expect(storage.limits).not.toContain(defaultLimits.pageBytes);
  });

  test("reads nothing for the entries in its head", async () => {
    const { view, storage } = await viewOf(log);
    expect(await view.subtree(332, 2)).toEqual(rootOf(332, 334));
    expect(storage.reads).toEqual([]);
  });
});

describe("reads are shared", () => {
  test("by all that need one page for a proof, at once and after, until two others were needed", async () => {
    const { view, storage } = await viewOf(log);
    const { address } = await view.ref(0, 0);
    const readsOfPage = () => storage.reads.filter((read) => read === address.toString()).length;
    await Promise.all([view.subtree(0, 1), view.subtree(1, 1), view.subtree(2, 2), view.prefix(3)]);
    expect(readsOfPage()).toBe(1);
    await view.subtree(3, 1);
    await view.page(0);
    expect(readsOfPage()).toBe(1);
    await view.subtree(4, 1);
    await view.subtree(0, 1);
    expect(readsOfPage()).toBe(1);
    for (const start of [4, 8]) await view.subtree(start, 1);
    await view.page(0);
    expect(readsOfPage()).toBe(2);
    // What is read for its entries alone is not kept.
    await view.page(0);
    expect(readsOfPage()).toBe(3);
  });

  test("of a node, by all that come at once, and after", async () => {
    const { view, storage } = await viewOf(log);
    const { address } = await view.ref(1, 0);
    await Promise.all([view.ref(0, 0), view.ref(0, 1), view.ref(0, 0)]);
    await view.ref(0, 2);
    expect(storage.reads.filter((read) => read === address.toString()).length).toBe(1);
  });

  // A node of the lowest level has eight refs, and so has a node above it: reading the first of eight reads both.
  const readNodes = async (view: TreeView, nodes: readonly number[]) => {
    for (const node of nodes) await view.ref(0, node * 8);
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  test.each([
    { count: 39, last: [1, 40], nodes: range(0, 34), reads: 1 },
    { count: 40, last: [0, 320], nodes: range(0, 34), reads: 2 },
    { count: 15, last: [0, 312], nodes: [0, ...range(8, 34), 0, ...range(1, 8), ...range(34, 39)], reads: 1 },
  ] as const)("of a node: after $count others since its last use it is read $reads times", async (tried) => {
    const { view, storage } = await viewOf(await writeLog(contents(800), { settings: foldingCuts }));
    const { address } = await view.ref(1, 0);
    await readNodes(view, tried.nodes);
    await view.ref(tried.last[0], tried.last[1]);
    await readNodes(view, [0]);
    expect(storage.reads.filter((read) => read === address.toString()).length).toBe(tried.reads);
  });

  test("and one that failed is tried again", async () => {
    const { view, storage } = await viewOf(log);
    const cause = new Error("for once");
    storage.before = () => Promise.reject(cause);
    expect(await failure(view.ref(0, 0))).toBe(cause);
    storage.before = () => undefined;
    expect((await view.ref(0, 0)).hash).toEqual(rootOf(0, 4));
  });

  test("and the abort of one caller does not end them for another", async () => {
    const { view } = await viewOf(log);
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = failure(view.ref(0, 0, controller.signal));
    const other = view.ref(0, 1);
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect((await other).hash).toEqual(rootOf(4, 8));
  });

  test("and all of them end when the view closes", async () => {
    const closing = new AbortController();
    const { view, storage } = await viewOf(log, log.head, { closing: closing.signal });
    storage.before = (_address, { signal }) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const reading = [
      view.ref(0, 0),
      view.subtree(0, 1),
      view.object(view.head.levels[0]!.refs[0]!.address, 9, never),
    ];
    const failures = Promise.all(reading.map((read) => failure(read)));
    await Promise.resolve();
    const reason = new Error("closed");
    closing.abort(reason);
    expect(await failures).toEqual([reason, reason, reason]);
  });
});

describe("a ref that is read ahead", () => {
  test("is there when it is needed", async () => {
    const { view, storage } = await viewOf(log);
    view.prefetchRef(0);
    await new Promise((resolve) => setImmediate(resolve));
    const { length } = storage.reads;
    await view.ref(0, 0);
    expect(length).toBeGreaterThan(0);
    expect(storage.reads.length).toBe(length);
  });

  test("is asked for at once, if there is such a page", async () => {
    const { view, storage } = await viewOf(log);
    view.prefetchRef(view.pages);
    await new Promise((resolve) => setImmediate(resolve));
    expect(storage.reads).toEqual([]);
    view.prefetchRef(0);
    await expect.poll(() => storage.reads.length).toBeGreaterThan(0);
  });

  test("may fail without anybody noticing", async () => {
    const { view, storage } = await viewOf(log);
    storage.before = () => Promise.reject(new Error("gone"));
    view.prefetchRef(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(storage.reads.length).toBeGreaterThan(0);
    storage.before = () => undefined;
    expect((await view.ref(0, 0)).hash).toEqual(rootOf(0, 4));
  });
});

describe("a content that is not embedded", () => {
  const rawSha512: HashType = {
    name: "raw sha2-512",
    codec: 0x55,
    hash: 0x13,
    digestBytes: 64,
    digest: (bytes) => new Uint8Array(createHash("sha512").update(bytes).digest()),
  };
  const signed = entries[3]!;

  /** Reads a content from a storage that holds some bytes at their own address. */
  async function contentAt(bytes: Uint8Array, type: HashType) {
    const address: Address = await addressOf(bytes, type);
    const storage = new ScriptedStorage(new Map([[address.toString(), bytes]]));
    Object.assign(storage.capabilities, { hashTypes: [rawSha256, rawSha512] });
    const view = new TreeView(await verifyHead(log.head, log.logId), storage, defaultLimits, never);
    return { storage, content: view.content(address, sha256(signed)) };
  }

  test.each([rawSha256, rawSha512])("is read from an address of the kind $name", async (type) => {
    const { content, storage } = await contentAt(signed, type);
    expect(await content).toEqual(signed);
    expect(storage.limits).toEqual([defaultLimits.contentBytes]);
  });

  test("is refused if it is not the one that was signed, however well it fits its address", async () => {
    const { content } = await contentAt(new TextEncoder().encode("forged"), rawSha512);
    expect(await failure(content)).toMatchObject({ code: "ERR_INTEGRITY" });
  });
});
