// Which bundles an earlier mirroring left in the target, and how far it came.

import { expect, test } from "vitest";
import { Address, NotFoundError } from "../../src/index.ts";
import type { Bundle } from "../../src/log/bundle.ts";
import type { VerifiedHead } from "../../src/log/head.ts";
import { KnownTree, reachOf } from "../../src/mirror/known-tree.ts";
import type { TreeView } from "../../src/tree/tree-view.ts";

const { signal } = new AbortController();
const address = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));
/** Pages 8 to 15 of two entries: entries 16 to 31. */
const bundle: Bundle = { first: 8, address: address(1), lengths: [1, 1, 1, 1, 1, 1, 1, 1] };

/** A head with a number of pages, and one entry of its own. */
const headOf = (pages: number): VerifiedHead =>
  ({
    pairs: [],
    checkpoint: { size: 2 * pages + 1 },
    shape: { pages },
    genesis: { genesis: { leafSize: 2 } },
  }) as unknown as VerifiedHead;

function viewOf(pages: number, bundles: readonly Bundle[] = [bundle]): TreeView {
  const neighbours = async (page: number) => {
    expect(page).toBe(bundle.first);
    if (bundles.length === 0) throw new NotFoundError("It is not there.", { operation: "storage.get" });
    return { end: pages, bundles };
  };
  return { pages, leafSize: 2, head: headOf(pages), neighbours } as unknown as TreeView;
}

const has = (view: TreeView | undefined, ...missing: [from: number, to: number][]) =>
  new KnownTree(
    view,
    missing.map(([from, to]) => ({ from, to })),
  ).hasBundle(bundle, signal);

test("a bundle is there if the tree has its pages and names it there", async () => {
  expect(await has(undefined)).toBe(false);
  expect([await has(viewOf(15)), await has(viewOf(16)), await has(viewOf(17))]).toEqual([false, true, true]);
  const elsewhere = { ...bundle, address: address(2) };
  const later = { ...bundle, first: 12 };
  expect(await has(viewOf(17, [elsewhere, later]))).toBe(false);
  expect(await has(viewOf(17, [later, bundle]))).toBe(true);
  // Nobody shows the node.
  expect(await has(viewOf(17, []))).toBe(false);
});

test("a bundle of which any entry is missing is not there", async () => {
  for (const [from, to] of [
    [16, 17],
    [31, 32],
    [10, 40],
  ] as const)
    expect(await has(viewOf(17), [from, to])).toBe(false);
  expect(await has(viewOf(17), [0, 16], [32, 35])).toBe(true);
});

test("what is there reaches to the last page, or to where the mirroring was cut off", () => {
  const reach = (...missing: [from: number, to: number][]) =>
    reachOf(
      headOf(17),
      missing.map(([from, to]) => ({ from, to })),
    );
  expect(reach()).toBe(34);
  expect(reach([10, 35])).toBe(10);
  // Gaps are no end.
  expect(reach([10, 12])).toBe(34);
  expect(reach([3, 4], [20, 35])).toBe(20);
  // The newest entry is in the head.
  expect(reach([34, 35])).toBe(34);
  expect(new KnownTree(undefined).reach).toBe(0);
  expect(new KnownTree(viewOf(17), [{ from: 10, to: 35 }]).reach).toBe(10);
});
