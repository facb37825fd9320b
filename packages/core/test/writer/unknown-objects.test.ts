// What a cut publish may have stored of pages that are bundled, and is noted before what it holds is removed.

import { expect, test } from "vitest";
import { addressesOf, rangesOf, World, without } from "./rewritten-pages.ts";

/** A remote that has the pages of the first entries, each by itself; a bundle is four of them. */
async function cutAt(stored: number, entries = 19): Promise<World> {
  const world = await World.of(4, entries, 1, true);
  for (let size = 3; size <= stored; size += 2) await world.store(size);
  return world;
}

/** What a publish of this many entries would store now. */
async function storedBy(world: World, size: number): Promise<string[]> {
  const whole = await world.copy();
  await whole.store(size);
  return without([...whole.contents.keys()], [...world.contents.keys()]);
}

/** What is noted if entries are removed, with the objects of pages and bundles in the order in which they are stored. */
async function notedBy(world: World, removed: readonly number[], entries = 19) {
  const own = await world.copy();
  await own.tree.rewriter.noteUnknown(rangesOf(removed), entries);
  return own.old();
}

test("of a run that is begun: the bundle, and of its pages those that are missing, if they hold what is removed", async () => {
  const world = await cutAt(7);
  expect(world.tree.pages).toBe(3);
  // The fourth page by itself, and the bundle that a publish with a fifth one makes; content 6 is stored on its own.
  const own = await addressesOf([6]);
  const [alone, ...more] = without(await storedBy(world, 9), own);
  expect(more).toEqual([]);
  const { tree, contents } = await notedBy(world, [1]);
  expect([tree.length, contents]).toEqual([1, []]);
  expect(await storedBy(await cutAt(9), 11)).toContain(tree[0]);
  const both = [alone!, ...tree].sort();
  expect(await notedBy(world, [6])).toEqual({ tree: both, contents: own });
  expect((await notedBy(world, [0, 7])).tree).toEqual(both);
});

test("of a run whose pages are all stored: the bundle alone", async () => {
  const world = await cutAt(9);
  expect([world.tree.pages, world.tree.nextRun]).toEqual([4, 0]);
  const { tree, contents } = await notedBy(world, [1]);
  expect([tree.length, contents]).toEqual([1, []]);
  expect(await storedBy(world, 11)).toContain(tree[0]);
  // Once the journal knows it, nothing is unknown.
  await world.store(11);
  expect(await notedBy(world, [1])).toEqual({ tree: [], contents: [] });
});

test("of a run that was not begun: its pages, after the bundle before it, and nothing of other runs", async () => {
  const world = await cutAt(7, 19);
  const fifth = await World.of(4, 19, 11, true);
  const { address } = (await fifth.records.loadRef(0, 4))!;
  const first = (await notedBy(world, [7])).tree;
  const second = (await notedBy(world, [8])).tree;
  // Four pages, and their bundle.
  expect([first.length, second.length]).toEqual([2, 5]);
  expect(second).toContain(`${address}`);
  expect(second.filter((text) => first.includes(text))).toEqual([]);
  // Entries beside a run are not in it: the last one before it, and the first one after it.
  const third = (await notedBy(world, [16])).tree;
  expect(third).toHaveLength(1);
  expect((await notedBy(world, [7, 16])).tree).toEqual([...first, ...third].sort());
  expect((await notedBy(world, [7, 8])).tree).toEqual([...first, ...second].sort());
});

test("contents on their own: also those that are embedded now, and were not by other settings", async () => {
  for (const [leastEmbedded, alone] of [
    [16, [15]],
    [10, [15]],
    [9, [10, 11, 15]],
    [8, [7, 10, 11, 15]],
  ] as const) {
    const world = await cutAt(7);
    const form = { bundles: true, largestEmbedded: 16, leastEmbedded };
    await world.journal.write([world.records.formOperation(form)], true);
    await world.open();
    await world.tree.noteForm(19);
    await world.tree.rewriter.noteUnknown(rangesOf([1, 7, 10, 11, 15]), 19);
    expect((await world.old()).contents).toEqual(await addressesOf(alone));
  }
});

test("a page that is still in the head is none, and was stored by nobody", async () => {
  const world = await cutAt(7, 18);
  expect(await notedBy(world, [16, 17], 18)).toEqual({ tree: [], contents: [] });
  // The last page before it; no page follows its run.
  expect((await notedBy(world, [14], 18)).tree).toHaveLength(4);
});

test("what other settings left is noted without contents: until their entries are removed they may be needed", async () => {
  const world = await cutAt(7);
  await world.tree.noteForm(19);
  const other = new World(4, world.database.afterPowerCut(world.database.unsynced), world.contents, false);
  await other.open();
  await other.tree.noteForm(19);
  const { tree, contents } = await other.old();
  // Of the first run a page and the bundle, of the second four pages and the bundle, and one more page.
  expect([tree.length, contents]).toEqual([8, []]);
});
