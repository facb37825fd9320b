// From which objects a stretch is read, and which nodes are read ahead.

import { expect, test } from "vitest";
import { planned, range, viewWith } from "./planned-reads.ts";

test("without bundles every page that is wanted is read, in order, across nodes and into the head", async () => {
  const { view, ahead, asked } = viewWith([], () => true);
  expect(await planned(view, 0, 40)).toEqual(range(0, 40));
  expect(asked).toEqual(["node of 0", "node of 16", "node of 32", "node of 34"]);
  expect(ahead).toEqual([16, 32]);
  expect(await planned(view, 17, 18)).toEqual([17]);
  expect(await planned(view, 5, 5)).toEqual([]);
});

test("an eighth as many nodes are read ahead as objects are read at once, at least 2 and at most 16", async () => {
  for (const [concurrency, nodes] of [
    [1, 2],
    [16, 2],
    [24, 3],
    [25, 4],
    [120, 15],
    [128, 16],
    [1000, 16],
  ] as const) {
    const { view, ahead } = viewWith([], () => true, { concurrency, pages: 1000 });
    await planned(view, 0, 600);
    expect(ahead.slice(0, nodes)).toEqual(range(1, nodes + 1).map((node) => node * 16));
    expect(ahead).toEqual(range(1, 38).map((node) => node * 16));
    const begun = viewWith([], () => true, { concurrency, pages: 1000 });
    await planned(begun.view, 3, 16 * 40 + 1, (page) => (page > 3 && page < 16 * 40 ? 16 * 40 : page));
    expect(begun.ahead.length).toBe(nodes);
  }
});
