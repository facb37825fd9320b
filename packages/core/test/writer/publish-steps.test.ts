// Where the name of a long backlog moves on the way: by hand, for backlogs of which the costs are easily counted.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import type { JournalEntry } from "../../src/journal/journal.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { planSteps } from "../../src/writer/publish-steps.ts";

const hash = new Uint8Array(32);
const leaf = leafHashOf(hash, hash);

function treeOf(size: number): CompactRange {
  const tree = CompactRange.empty();
  for (let i = 0; i < size; i++) tree.appendLeaf(leaf);
  return tree;
}

interface Backlog {
  readonly from?: number;
  readonly to: number;
  /** Length of each content, in units of 65,536 bytes, each of which counts as one object. */
  readonly units: number;
  readonly leafSize?: number;
  readonly fanOut?: number;
  readonly largestEmbedded?: number;
  readonly signal?: AbortSignal;
  readonly claimed?: CompactRange;
}

async function steps({
  from = 0,
  to,
  units,
  leafSize = 1,
  fanOut = 4,
  largestEmbedded = 0,
  signal,
  claimed,
}: Backlog): Promise<number[]> {
  const stored = { length: units * 65_536 } as Uint8Array;
  async function* entries(): AsyncGenerator<JournalEntry> {
    for (let sequence = from; sequence < to; sequence++)
      yield { sequence, content: stored, stored, id: hash, localHash: hash, contentHash: hash };
  }
  const settings = { leafSize, fanOut };
  const backlog = {
    from: treeOf(from),
    to: claimed ?? treeOf(to),
    entries: entries(),
    settings,
    largestEmbedded,
  };
  const planned = await planSteps(backlog, signal ?? new AbortController().signal);
  // The larger ones take long to compute.
  for (const tree of planned.filter(({ size }) => size < 100))
    expect(tree.root()).toEqual(treeOf(tree.size).root());
  return planned.map(({ size }) => size);
}

test("the first step takes 1,024 objects, each further one twice as many, and none more than 16,384", async () => {
  // An entry is an object of 30 units, a page, and a third of a node: 32 1/3; the first has no page yet.
  expect(await steps({ to: 1500, units: 30 })).toEqual([32, 96, 223, 477, 984, 1491]);
  // Embedded, it is no object of its own.
  expect(await steps({ to: 60, units: 30, largestEmbedded: 30 * 65_536 })).toEqual([33]);
  expect(await steps({ to: 60, units: 30, largestEmbedded: 30 * 65_536 - 1 })).toEqual([32]);
});

test("a step ends with the very entry that makes it large enough", async () => {
  // With nodes of two refs, each page counts as two objects: 27 for an entry of 24 units, and two less for the first.
  expect(await steps({ to: 80, units: 24, fanOut: 2 })).toEqual([38]);
  // 41 entries are 1,023 objects, and need one more.
  expect(await steps({ to: 80, units: 22, fanOut: 2 })).toEqual([42]);
  // 89 further entries are 2,047.
  expect(await steps({ to: 180, units: 20, fanOut: 2 })).toEqual([45, 135]);
  // Steps of 64, 128, 256, and from then on 512 entries.
  expect(await steps({ to: 1600, units: 29, fanOut: 2 })).toEqual([33, 97, 225, 481, 993, 1505]);
  // In pages of two: 31 entries of 32 objects, and 15 pages of two.
  expect(await steps({ to: 60, units: 31, leafSize: 2, fanOut: 2 })).toEqual([33]);
});

test("no step ends a moment before the whole", async () => {
  // 256 objects are worth a step: eight entries more than the last one.
  expect(await steps({ to: 39, units: 30 })).toEqual([]);
  expect(await steps({ to: 40, units: 30 })).toEqual([32]);
});

test("a step continues to where the head carries the refs itself, if that is near", async () => {
  // After 32 entries, the node that is begun holds seven refs; with the 34th, a new one is begun.
  expect(await steps({ to: 60, units: 30, fanOut: 8 })).toEqual([34]);
  // In pages of two, after 15 pages the node holds seven refs; with the 17th page it is a new one.
  expect(await steps({ to: 60, units: 32, leafSize: 2, fanOut: 8 })).toEqual([35]);
  // 1,280 objects are too far: with contents of 140 units the tenth entry is near enough, with 145 it is not.
  expect(await steps({ to: 14, units: 140, fanOut: 8 })).toEqual([10]);
  expect(await steps({ to: 14, units: 145, fanOut: 8 })).toEqual([9]);
});

test("a step ends one entry after a full page, wherever the backlog begins", async () => {
  for (const from of [0, 1, 2, 3, 5]) {
    const sizes = await steps({ from, to: 120, units: 30, leafSize: 4 });
    expect(sizes.length).toBeGreaterThan(0);
    for (const size of sizes) expect(size % 4).toBe(1);
  }
  expect(await steps({ from: 32, to: 100, units: 30 })).toEqual([64]);
});

test("entries that do not give the tree are never signed on the way", async () => {
  for (const claimed of [treeOf(39), treeOf(41), CompactRange.fromHashes(40, [leaf, hash])])
    expect(await failure(steps({ to: 40, units: 30, claimed }))).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
    });
});

test("an abort ends the planning with its reason", async () => {
  expect(await failure(steps({ to: 40, units: 30, signal: AbortSignal.abort("gave up") }))).toBe("gave up");
});
