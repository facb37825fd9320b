import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultSettings } from "../../src/log/genesis.ts";
import { peakCount, treeShape } from "../../src/log/tree-shape.ts";

const small = { ...defaultSettings, leafSize: 2, fanOut: 2 };

test.each([
  [0, 0, []],
  [1, 0, []],
  [2, 0, []],
  [3, 1, [[1, 0, 2]]],
  [4, 1, [[1, 0, 2]]],
  [5, 2, [[2, 0, 2]]],
  [
    7,
    3,
    [
      [1, 2, 2],
      [1, 0, 4],
    ],
  ],
  [
    15,
    7,
    [
      [1, 6, 2],
      [1, 2, 4],
      [1, 0, 8],
    ],
  ],
])("a log of %i entries, cut by two, has %i pages and these levels: %j", (size, pages, levels) => {
  const shape = levels.map(([refs, first, leavesPerRef]) => ({ refs, first, leavesPerRef }));
  expect(treeShape(size, small)).toEqual({ size, pages, levels: shape });
});

test("pages, refs of all levels and the entries in the head are all entries, each once", () => {
  const exponent = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(fc.maxSafeNat(), exponent, exponent, (size, leafExponent, fanExponent) => {
      const settings = { ...defaultSettings, leafSize: 2 ** leafExponent, fanOut: 2 ** fanExponent };
      const { pages, levels } = treeShape(size, settings);
      const inHead = size - pages * settings.leafSize;
      expect(inHead).toBeGreaterThanOrEqual(Math.min(size, 1));
      expect(inHead).toBeLessThanOrEqual(settings.leafSize);
      const below = levels.reduce((sum, { refs, leavesPerRef }) => sum + refs * leavesPerRef, 0);
      expect(below + inHead).toBe(size);
    }),
  );
});

test.each([
  [0, 0],
  [1, 1],
  [2, 1],
  [3, 2],
  [7, 3],
  [8, 1],
  [2 ** 40 + 1, 2],
])("%i subtrees side by side make up %i perfect ones", (count, peaks) => {
  expect(peakCount(count)).toBe(peaks);
});
