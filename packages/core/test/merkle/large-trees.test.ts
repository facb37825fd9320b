import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inclusionPath, verifyInclusion } from "../../src/merkle/index.ts";
import { compareConsistency, pairUpTo } from "./agreement.ts";
import { LargeOracle, largeTree, sparseSubtree, strictSource } from "./trees.ts";

// One tree of 2^20 leaves for all tests here: it takes a second or two to make.
const levels = largeTree(20);
const inLarge = (start: number, leaves: number) => levels[Math.log2(leaves)]![start / leaves]!;
const large = new LargeOracle(inLarge);

test("consistency paths between sizes up to 2^20 are those of RFC 9162 and verify", async () => {
  await fc.assert(
    fc.asyncProperty(pairUpTo(2 ** 20), async ({ first, second }) => {
      expect(await compareConsistency(first, second, large, strictSource(second, inLarge))).toBe("agrees");
    }),
    { numRuns: runs(75, 300) },
  );
});

test("consistency paths between sizes up to 2^53 - 1 are those of RFC 9162 and verify", async () => {
  const perfect = sparseSubtree(2 ** 33 + 5);
  const largest = Number.MAX_SAFE_INTEGER;
  await fc.assert(
    fc.asyncProperty(pairUpTo(largest), async ({ first, second }) => {
      expect(
        await compareConsistency(first, second, new LargeOracle(perfect), strictSource(second, perfect)),
      ).toBe("agrees");
    }),
    {
      examples: [
        [{ first: largest - 1, second: largest }],
        [{ first: 2 ** 32, second: 2 ** 32 + 1 }],
        [{ first: 2 ** 52, second: largest }],
        [{ first: 1, second: largest }],
      ],
    },
  );
});

test("inclusion paths in trees of up to 2^20 leaves are those of RFC 9162 and verify", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2 ** 20 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1))),
      async ([size, index]) => {
        const path = await inclusionPath(index, size, strictSource(size, inLarge));
        expect(path).toEqual(large.path(index, 0, size));
        const root = large.root(0, size);
        expect(verifyInclusion({ leafHash: inLarge(index, 1), index, size, path, root })).toBe(true);
      },
    ),
    { numRuns: runs(75, 300) },
  );
});

test("a leaf is proved at its place alone in trees of up to 2^53 - 1 leaves", async () => {
  const places = fc
    .integer({ min: 2, max: Number.MAX_SAFE_INTEGER })
    .chain((size) => fc.tuple(fc.constant(size), fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 })));
  await fc.assert(
    fc.asyncProperty(places, async ([size, index, other]) => {
      const perfect = sparseSubtree(index);
      const path = await inclusionPath(index, size, strictSource(size, perfect));
      const root = new LargeOracle(perfect).root(0, size);
      const claim = { leafHash: perfect(index, 1), size, path, root };
      expect(verifyInclusion({ ...claim, index })).toBe(true);
      expect(verifyInclusion({ ...claim, index: other })).toBe(other === index);
    }),
    { examples: [[[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1, 0]], [[2 ** 32 + 1, 2 ** 32, 0]]] },
  );
});
