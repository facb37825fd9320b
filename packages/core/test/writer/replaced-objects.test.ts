// What a remote needs no more when its index has grown, and from which entry on its bytes may be a content.

import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import type { GrowingLevel } from "../../src/writer/index-levels.ts";
import { replacedObjects } from "../../src/writer/replaced-objects.ts";

const addressAt = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));
const cuts = { leafSize: 8, fanOut: 4 };
const level = (first: number, byte?: number, refs = 2): GrowingLevel => ({
  first,
  refs: [],
  ...(byte !== undefined && { node: { address: addressAt(byte), refs } }),
});
const replaced = (
  former: GrowingLevel[],
  levels: GrowingLevel[],
  left: [page: number, byte: number][] = [],
) =>
  replacedObjects(cuts, {
    former,
    levels,
    left: left.map(([page, byte]) => ({ page, address: addressAt(byte), bundle: addressAt(page >> 2) })),
  });

test("pages that are left to their bundles, from the end of the first of them on", () => {
  expect(
    replaced(
      [],
      [],
      [
        [6, 1],
        [5, 2],
      ],
    ),
  ).toEqual({ tree: [addressAt(1), addressAt(2)], contents: [], since: 48, replacements: [addressAt(1)] });
});

test("nodes that others replaced, or that are gone, from the end of what is below them on", () => {
  expect(replaced([level(4, 1)], [level(4, 2, 3)])).toEqual({
    tree: [addressAt(1)],
    contents: [],
    since: (4 + 2) * 8,
  });
  // The node was full, and the next one is begun.
  expect(replaced([level(4, 1, 3)], [level(8)]).since).toBe((4 + 3) * 8);
  expect(replaced([level(4, 1, 3)], []).tree).toEqual([addressAt(1)]);
  // A ref of the level above stands for four pages, one of the third for sixteen.
  expect(replaced([level(4), level(0, 1, 2)], [level(4), level(0, 2, 3)])).toEqual({
    tree: [addressAt(1)],
    contents: [],
    since: 2 * 32,
  });
  expect(replaced([level(4), level(0), level(4, 1, 1)], [level(4)]).since).toBe(5 * 128);
});

test("all of them together, from the first end on", () => {
  const former = [level(4, 1, 3), level(0, 2, 1)];
  const levels = [level(8), level(0, 3, 2)];
  expect(replaced(former, levels, [[5, 4]])).toEqual({
    tree: [addressAt(4), addressAt(1), addressAt(2)],
    contents: [],
    since: 32,
    replacements: [addressAt(1)],
  });
  // Each bundle is named once; nodes have no such thing.
  const two = replaced(
    [],
    [],
    [
      [4, 4],
      [5, 5],
      [8, 6],
    ],
  );
  expect(two.replacements).toEqual([addressAt(1), addressAt(2)]);
  expect(replaced(former, levels)).not.toHaveProperty("replacements");
});

test("nothing that is still there, and nothing of levels without a node", () => {
  expect(replaced([level(4, 1), level(0)], [level(4, 1), level(0, 2)]).tree).toEqual([]);
  expect(replaced([], [level(0, 1)]).tree).toEqual([]);
  // The same node at another level is another node.
  expect(replaced([level(0, 1)], [level(0, 2), level(0, 1)]).tree).toEqual([addressAt(1)]);
});
