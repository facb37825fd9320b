// Which bundles are read, and which of their pages by themselves.

import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Bundle } from "../../src/log/bundle.ts";
import type { Page } from "../../src/log/page.ts";
import { planReads } from "../../src/tree/plan-reads.ts";
import type { PageRun } from "../../src/tree/read-bundle.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";
import { bundle, every, planned, range, signal, viewWith } from "./planned-reads.ts";

/** The runs of pages that were read as parts of a bundle. */
const runs: (readonly [number, number])[] = [];

vi.mock("../../src/tree/read-bundle.ts", async (original) => ({
  ...(await original<typeof import("../../src/tree/read-bundle.ts")>()),
  readRun: async (_view: TreeView, _bundle: Bundle, { from, to }: PageRun) => {
    runs.push([from, to]);
    return range(from, to).map((page) => ({ tail: Uint8Array.of(page) }) as unknown as Page);
  },
  fetchBundle:
    async (_view: TreeView, { first, lengths }: Bundle) =>
    () =>
      lengths.map((_, i) => ({ tail: Uint8Array.of(first + i) }) as unknown as Page),
}));

test("a bundle whose pages are stored in no other way is read, whatever little is wanted of it", async () => {
  const { view } = viewWith([bundle(4, [1, 1, 1, 1]), bundle(16, [1, 1])], () => false);
  expect(await planned(view, 0, 20)).toEqual([
    ...range(0, 4),
    [4, [4, 5, 6, 7]],
    ...range(8, 16),
    [16, [16, 17]],
    18,
    19,
  ]);
  expect(await planned(view, 7, 17)).toEqual([[4, [7]], ...range(8, 16), [16, [16]]]);
  expect(await planned(view, 5, 7)).toEqual([[4, [5, 6]]]);
  expect(await planned(view, 8, 10)).toEqual([8, 9]);
});

test("one page that is stored in no other way is enough", async () => {
  const { view } = viewWith([bundle(0, [9000, 9000, 9000, 9000])], (page) => page !== 1);
  expect(await planned(view, 0, 1)).toEqual([0]);
  expect(await planned(view, 1, 2)).toEqual([[0, [1]]]);
  expect(await planned(view, 0, 2)).toEqual([[0, [0, 1]]]);
});

test("a bundle beside its pages is read if it costs less than they do, a request and bytes counted together", async () => {
  // The bundle costs 1000 + 4 x 500 = 3000, a page 1500.
  const { view } = viewWith([bundle(0, [500, 500, 500, 500])], () => true);
  expect(await planned(view, 3, 4)).toEqual([3]);
  expect(await planned(view, 2, 4)).toEqual([[0, [2, 3]]]);
  expect(await planned(viewWith([bundle(0, [500, 500, 500, 501])], () => true).view, 0, 2)).toEqual([0, 1]);
  // Requests that cost next to nothing leave the bytes alone.
  expect(
    await planned(viewWith([bundle(0, [500, 500, 500, 500])], () => true, { requestBytes: 1 }).view, 0, 3),
  ).toEqual([0, 1, 2]);
  // Pages of different lengths.
  const uneven = viewWith([bundle(0, [10, 3000])], () => true).view;
  expect(await planned(uneven, 0, 1)).toEqual([0]);
  expect(await planned(uneven, 1, 2)).toEqual([1]);
  expect(await planned(uneven, 0, 2)).toEqual([[0, [0, 1]]]);
});

test("what is not wanted is not read: pages, pages of a bundle, and whole bundles", async () => {
  const { view, asked } = viewWith([bundle(0, [1, 1]), bundle(2, [1, 1]), bundle(4, [1, 1])], () => false);
  const skipped = (page: number): number => (page >= 1 && page < 5 ? 5 : page === 7 ? 30 : page);
  expect(await planned(view, 0, 34, skipped)).toEqual([[0, [0]], [4, [5]], 6, ...range(30, 34)]);
  expect(asked).toEqual(["node of 0", "node of 30", "node of 32"]);
  expect(await planned(view, 1, 4, skipped)).toEqual([]);
});

test("a page takes as much room as any other, and a bundle more if it is large or has many entries", async () => {
  const weights = async (lengths: readonly number[], leafSize: number) => {
    const { view } = viewWith([bundle(0, lengths)], () => false);
    Object.assign(view, { leafSize });
    const found: number[] = [];
    for await (const one of planReads(view, { first: 0, end: lengths.length }, every, signal))
      found.push("page" in one ? 1 : one.weight);
    return found;
  };
  expect(await weights([100, 100], 8)).toEqual([1]);
  expect(await weights([2 ** 15, 2 ** 15], 8)).toEqual([2]);
  expect(await weights([1, 1, 1, 1], 1024)).toEqual([4]);
  expect(await weights([2 ** 16, 2 ** 15], 1024)).toEqual([3]);
});

describe("on a storage that reads ranges", () => {
  beforeEach(() => {
    runs.length = 0;
  });

  const ranging = (lengths: readonly number[], alone = (_page: number) => false) => {
    const { view } = viewWith([bundle(0, lengths)], alone);
    return Object.assign(view, { readsRanges: true });
  };

  test("of a bundle that costs more, what is wanted is read as ranges: a stretch of pages is one", async () => {
    const view = ranging([500, 500, 500, 500]);
    expect(await planned(view, 1, 2)).toEqual([[0, [1]]]);
    expect(await planned(view, 1, 3)).toEqual([[0, [1, 2]]]);
    expect(await planned(view, 3, 5)).toEqual([[0, [3]], 4]);
    expect(runs).toEqual([
      [1, 2],
      [1, 3],
      [3, 4],
    ]);
  });

  test("all of a bundle is read as it is, and checked against its address", async () => {
    expect(await planned(ranging([500, 500, 500, 500]), 0, 4)).toEqual([[0, [0, 1, 2, 3]]]);
    expect(runs).toEqual([]);
  });

  test("stretches with gaps are ranges of their own, as long as they cost less than the bundle", async () => {
    const skipping = (page: number): number => (page === 1 ? 2 : page);
    // Two ranges cost 2000 + 200, the bundle 1000 and its bytes.
    expect(await planned(ranging([100, 1101, 100]), 0, 3, skipping)).toEqual([
      [0, [0]],
      [0, [2]],
    ]);
    expect(runs).toEqual([
      [0, 1],
      [2, 3],
    ]);
    runs.length = 0;
    expect(await planned(ranging([100, 1000, 100]), 0, 3, skipping)).toEqual([[0, [0, 2]]]);
    expect(await planned(ranging([100, 1001, 100, 1]), 0, 3, skipping)).toEqual([
      [0, [0]],
      [0, [2]],
    ]);
    expect(runs).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test("one page that is stored by itself comes from there, and several come in one range", async () => {
    const view = ranging([500, 500, 500, 500], (page) => page !== 3);
    expect(await planned(view, 1, 2)).toEqual([1]);
    expect(await planned(view, 3, 4)).toEqual([[0, [3]]]);
    expect(await planned(view, 0, 2)).toEqual([[0, [0, 1]]]);
    expect(runs).toEqual([
      [3, 4],
      [0, 2],
    ]);
    const skipping = (page: number): number => (page === 2 ? 3 : page);
    expect(await planned(view, 1, 4, skipping)).toEqual([[0, [1, 3]]]);
    const other = ranging([500, 500, 5000, 500], (page) => page !== 1);
    expect(await planned(other, 1, 4, skipping)).toEqual([[0, [1]], 3]);
  });

  test("nothing is planned of a bundle of which nothing is wanted", async () => {
    expect(await planned(ranging([1, 1, 1, 1]), 0, 10, (page) => Math.max(page, 6))).toEqual(range(6, 10));
  });

  test("a range takes room by its bytes and its entries, and no less than a page", async () => {
    const weights = async (lengths: readonly number[], leafSize: number, end: number, first = 0) => {
      const view = Object.assign(ranging(lengths), { leafSize });
      const found: number[] = [];
      for await (const one of planReads(view, { first, end }, every, signal))
        found.push("page" in one ? 1 : one.weight);
      return found;
    };
    expect(await weights([100, 100, 2 ** 20], 8, 2)).toEqual([1]);
    expect(await weights([2 ** 15, 2 ** 16, 2 ** 20], 8, 2)).toEqual([3]);
    expect(await weights([1, 1, 1, 1, 2 ** 20], 1024, 4)).toEqual([4]);
    expect(await weights([1, 1, 1, 1, 2 ** 20], 1024, 4, 1)).toEqual([3]);
  });
});
