// How the index grows: when a node is full, when refs are folded into one, and what the head shows of it.

import { expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { encodeIndexNode } from "../../src/log/index-node.ts";
import type { Ref } from "../../src/log/page.ts";
import { treeShape } from "../../src/log/tree-shape.ts";
import { CompactRange, perfectSubtreeHash } from "../../src/merkle/index.ts";
import {
  addBundle,
  addRef,
  encodeFolded,
  type GrowingLevel,
  headLevel,
  type IndexStep,
  nodeRecords,
  refsToFold,
} from "../../src/writer/index-levels.ts";

const address = (bytes: Uint8Array) => addressOf(bytes, rawSha256);
const pages = await Promise.all(
  Array.from({ length: 40 }, async (_, i): Promise<Ref> => {
    const hash = new Uint8Array(32).fill(i);
    return { hash, address: await address(hash) };
  }),
);

async function grown(count: number, fanOut: number) {
  const levels: GrowingLevel[] = [];
  const steps: IndexStep[] = [];
  for (const ref of pages.slice(0, count)) steps.push(...(await addRef(levels, 0, ref, { fanOut, address })));
  return { levels, steps };
}

test("at every size the levels are those that a reader expects, and every ref was told with its place", async () => {
  for (const fanOut of [2, 4]) {
    for (let count = 1; count <= 40; count++) {
      const { levels, steps } = await grown(count, fanOut);
      const { levels: shape } = treeShape(count + 1, { leafSize: 1, fanOut });
      expect(levels.map(({ first, refs }) => ({ first, refs: refs.length }))).toEqual(
        shape.map(({ first, refs }) => ({ first, refs })),
      );
      const told = new Map<string, Ref>();
      for (const step of steps) if (step.kind === "ref") told.set(`${step.level} ${step.index}`, step.ref);
      levels.forEach(({ first, refs }, level) => {
        refs.forEach((ref, i) => {
          expect(told.get(`${level} ${first + i}`)).toEqual(ref);
        });
      });
      expect(told.size).toBe(steps.filter(({ kind }) => kind === "ref").length);
    }
  }
});

test("a full node is stored before the ref to it, and has the hash of all below it", async () => {
  const { levels, steps } = await grown(5, 4);
  const bytes = encodeIndexNode(pages.slice(0, 4));
  const node = {
    address: await address(bytes),
    hash: perfectSubtreeHash(pages.slice(0, 4).map(({ hash }) => hash)),
  };
  expect(steps.slice(4)).toEqual([
    { kind: "node", bytes, address: node.address },
    { kind: "ref", level: 1, index: 0, ref: node },
    { kind: "ref", level: 0, index: 4, ref: pages[4] },
  ]);
  expect(levels).toEqual([
    { first: 4, refs: [pages[4]] },
    { first: 0, refs: [node] },
  ]);
});

const level = (refs: number, stored?: number): GrowingLevel => ({
  first: 0,
  refs: pages.slice(0, refs),
  ...(stored !== undefined && { node: { address: pages[0]!.address, refs: stored } }),
});

test("once a head would carry more than four refs of the two lowest levels, all but the newest are folded", () => {
  for (const at of [0, 1]) {
    expect([1, 4, 5, 9].map((refs) => refsToFold(at, level(refs)))).toEqual([0, 0, 4, 8]);
    expect([4, 8, 9, 12].map((refs) => refsToFold(at, level(refs, 4)))).toEqual([0, 0, 8, 11]);
  }
  expect([5, 40].map((refs) => refsToFold(2, level(refs)))).toEqual([0, 0]);
});

test("a head shows the refs past the stored node, and the peaks of those in it", () => {
  expect(headLevel(level(3))).toEqual({ refs: pages.slice(0, 3) });
  const range = CompactRange.empty();
  for (const { hash } of pages.slice(0, 6)) range.appendSubtree(hash, 1);
  expect(headLevel(level(8, 6))).toEqual({
    node: { address: pages[0]!.address, refs: 6, peaks: range.hashes() },
    refs: pages.slice(6, 8),
  });
});

/** A bundle of two pages. */
const bundleFrom = (first: number) => ({ first, address: pages[30]!.address, lengths: [5, 6] });

test("refs of pages that are in a bundle are folded, unless the node has them already, or a level above is asked for", () => {
  const bundled = (first: number, from: number, refs: number, stored?: number) => ({
    ...level(refs, stored),
    first,
    bundles: [bundleFrom(from)],
  });
  expect(refsToFold(0, bundled(0, 0, 3))).toBe(2);
  expect(refsToFold(0, bundled(0, 0, 3, 1))).toBe(2);
  expect(refsToFold(0, bundled(0, 0, 3, 2))).toBe(0);
  expect(refsToFold(0, bundled(8, 8, 3, 1))).toBe(2);
  expect(refsToFold(0, bundled(8, 8, 3, 2))).toBe(0);
  expect(refsToFold(0, bundled(8, 10, 5, 2))).toBe(4);
  expect(refsToFold(0, { ...level(5, 3), bundles: [bundleFrom(0), bundleFrom(2)] })).toBe(4);
  expect(refsToFold(2, bundled(0, 0, 3))).toBe(0);
});

test("after a doubt a node is folded as it was stored before, if there are refs enough", () => {
  expect(refsToFold(0, level(4), 2)).toBe(2);
  expect(refsToFold(0, level(4), 3)).toBe(3);
  expect(refsToFold(0, level(4), 4)).toBe(0);
  // One that is stored already stands.
  expect(refsToFold(0, level(4, 1), 3)).toBe(0);
  // The refs past the former node count as they would have then.
  expect(refsToFold(0, level(8), 4)).toBe(4);
  expect(refsToFold(0, level(9), 4)).toBe(8);
});

test("a folded node has the first refs, and the bundles of their pages", () => {
  const growing = { first: 8, refs: pages.slice(0, 6) };
  expect(encodeFolded(growing, 4)).toEqual(encodeIndexNode(pages.slice(0, 4)));
  const bundles = [bundleFrom(8), bundleFrom(10), bundleFrom(12)];
  expect(encodeFolded({ ...growing, bundles }, 4)).toEqual(
    encodeIndexNode(pages.slice(0, 4), bundles.slice(0, 2), 8),
  );
});

test("a bundle is added to the lowest level, after those that are there", () => {
  const levels: GrowingLevel[] = [];
  expect(addBundle(levels, bundleFrom(0))).toEqual({ kind: "bundle", bundle: bundleFrom(0) });
  expect(levels).toEqual([{ first: 0, refs: [], bundles: [bundleFrom(0)] }]);
  levels[0] = { ...level(3, 1), ...levels[0], refs: pages.slice(0, 3) };
  addBundle(levels, bundleFrom(2));
  expect(levels).toEqual([{ ...level(3, 1), bundles: [bundleFrom(0), bundleFrom(2)] }]);
});

test("a full node has its bundles, and the next one begins without any", async () => {
  const { levels } = await grown(4, 4);
  addBundle(levels, bundleFrom(0));
  const [node] = await addRef(levels, 0, pages[4]!, { fanOut: 4, address });
  expect(node).toMatchObject({ bytes: encodeIndexNode(pages.slice(0, 4), [bundleFrom(0)], 0) });
  expect(levels[0]).toEqual({ first: 4, refs: [pages[4]] });
});

test("the journal notes where the node of each level is, and how many refs it has", () => {
  expect(nodeRecords([level(3), level(4, 2)])).toEqual([null, { address: `${pages[0]!.address}`, refs: 2 }]);
});
