// Pages that are written anew without what was removed: the whole tree fits together afterwards, wherever it was cut, and what
// no head leads to any more is noted.

import { expect, test } from "vitest";
import { addressesOf, isAlone, rangesOf, signal, World, without } from "./rewritten-pages.ts";

/** Logs with folded nodes at the edge of two levels, and with three levels; their last entry is in no page. */
const logs = [
  { fanOut: 8, entries: 125, removed: [0, 5, 6, 7, 36, 38, 60, 61, 111, 117, 123, 124] },
  { fanOut: 4, entries: 75, removed: [3, 4, 5, 6, 7, 8, 9, 30, 31, 32, 33, 72, 73, 74] },
  { fanOut: 4, entries: 75, removed: [9] },
] as const;

test.each(logs)(
  "a tree ($fanOut, $entries) is written anew as it was, without what was removed",
  async (log) => {
    const { fanOut, entries, removed } = log;
    const world = await World.of(fanOut, entries);
    const before = await world.reachable([]);
    const { rewriter } = world.tree;
    expect([rewriter.unshown, rewriter.shows([]), rewriter.shows(rangesOf(removed))]).toEqual([
      false,
      true,
      false,
    ]);
    const ranges = await world.remove(removed);
    await world.tree.rewrite(ranges, false, signal);
    const after = await world.reachable(removed);
    const old = await world.old();
    // Also what was made for one group of pages, and replaced for the next.
    const all = without([...world.contents.keys()], [...after.pages, ...after.nodes]);
    expect(old.tree).toEqual(without(all, [...before.contents]));
    // Also what lies in the head: it may have been stored on its own.
    const pages = world.tree.pages * 2;
    const gone = removed.filter((sequence) => sequence >= pages || isAlone(sequence));
    expect(old.contents).toEqual(await addressesOf(gone));
    // Every rewritten page leads to the one before it as it is now.
    for (const [i, page] of after.pages.entries()) {
      if (i > 0 && !before.pages.includes(page)) expect(await world.tailOf(i)).toBe(after.pages[i - 1]);
    }
    expect([rewriter.unshown, rewriter.shows(ranges)]).toEqual([true, false]);
    // The next process knows it, and does nothing again.
    const next = await world.copy();
    const count = next.contents.size;
    await next.tree.rewrite(ranges, true, signal);
    expect(next.contents.size).toBe(count);
    expect(await next.reachable(removed)).toEqual(after);
    expect(await next.old()).toEqual(old);
    expect(next.tree.rewriter.unshown).toBe(true);
    const steps = await next.tree.rewriter.shownOperations(ranges);
    await next.journal.write(steps!, true);
    next.tree.rewriter.shown();
    expect(next.tree.rewriter.shows(ranges)).toBe(true);
    const later = await next.copy();
    expect(later.tree.rewriter.shows(ranges)).toBe(true);
    for await (const { shownAt } of later.records.oldObjects.load())
      expect(shownAt).toEqual(expect.any(Number));
    // And the log continues from these pages.
    await later.store(entries);
    expect(await later.reachable(removed)).toEqual(after);
  },
);

test("a rewriting that was cut continues with the next group of pages, wherever that was", async () => {
  const { fanOut, entries, removed } = logs[1];
  const whole = await World.of(fanOut, entries);
  const begun = await whole.copy();
  const ranges = await whole.remove(removed);
  await begun.remove(removed);
  await whole.tree.rewrite(ranges, true, signal);
  const expected = await whole.reachable(removed);
  const old = await whole.old();
  for (let cut = 1; ; cut++) {
    const world = await begun.copy();
    const before = world.contents.size;
    let writes = 0;
    world.database.onWrite = (operations) => {
      const isRecord = operations.some(({ key }) => String.fromCharCode(...key).endsWith("removed"));
      if (isRecord && ++writes === cut) throw new Error("cut");
    };
    const failed = await world.tree.rewrite(ranges, true, signal).then(
      () => false,
      () => true,
    );
    if (!failed) {
      // Entries 3 to 9, 30 to 33, and 72 and 73, in four groups of pages; then the head.
      expect(cut).toBe(7);
      break;
    }
    const first = world.contents.size - before;
    const { removed: done, unshown } = await world.records.loadRewrite();
    expect(unshown).toBe(cut > 1);
    expect(done).toEqual(
      [
        [],
        [{ first: 3, count: 5 }],
        [{ first: 3, count: 7 }],
        [
          { first: 3, count: 7 },
          { first: 30, count: 2 },
        ],
        [
          { first: 3, count: 7 },
          { first: 30, count: 4 },
        ],
        [
          { first: 3, count: 7 },
          { first: 30, count: 4 },
          { first: 72, count: 2 },
        ],
      ][cut - 1],
    );
    const next = await world.copy();
    expect(next.tree.rewriter.unshown).toBe(cut > 1);
    await next.tree.rewrite(ranges, true, signal);
    expect(await next.reachable(removed)).toEqual(expected);
    // What was noted before it was sent is not old if the log leads to it now.
    const noted = await next.old();
    const edge = next.tree.levels.flatMap(({ node }) => (node ? [`${node.address}`] : []));
    const needed = [...expected.pages, ...expected.nodes, ...edge];
    const left = new Set(noted.tree.filter((address) => !needed.includes(address)));
    expect({ ...noted, tree: [...left] }).toEqual(old);
    expect(first).toBeGreaterThan(cut < 6 ? 0 : 1);
  }
});
