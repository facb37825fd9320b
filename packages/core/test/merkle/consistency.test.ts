import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ConsistencyClaim,
  consistencyPath,
  consistencyRoots,
  emptyRoot,
  explicitConsistencyPath,
  verifyConsistency,
} from "../../src/merkle/index.ts";
import { compareConsistency, pairUpTo } from "./agreement.ts";
import { countedPath, oracle, oracleSource } from "./trees.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

async function prove(first: number, second: number): Promise<ConsistencyClaim> {
  const path = await consistencyPath(first, second, oracleSource(second));
  return { first, firstRoot: oracle.root(0, first), second, secondRoot: oracle.root(0, second), path };
}

test("the path of every pair of sizes up to 64 is that of RFC 9162 and verifies", async () => {
  for (let second = 1; second <= 64; second++) {
    for (let first = 1; first <= second; first++) {
      expect(await compareConsistency(first, second)).toBe("agrees");
    }
  }
});

test("paths between sizes up to 300 are those of RFC 9162 and verify", async () => {
  await fc.assert(
    fc.asyncProperty(pairUpTo(300), async ({ first, second }) => {
      expect(await compareConsistency(first, second)).toBe("agrees");
    }),
    { numRuns: 500 },
  );
});

test("a proof with any one bit changed is refused", async () => {
  await fc.assert(
    fc.asyncProperty(pairUpTo(300), fc.nat(), fc.nat(255), async ({ first, second }, which, bit) => {
      const claim = await prove(first, second);
      const parts = [claim.firstRoot, claim.secondRoot, ...claim.path].map((part) => part.slice());
      parts[which % parts.length]![bit >> 3]! ^= 1 << (bit & 7);
      const [firstRoot, secondRoot, ...path] = parts as [Uint8Array, Uint8Array, ...Uint8Array[]];
      expect(verifyConsistency({ first, firstRoot, second, secondRoot, path })).toBe(false);
    }),
  );
});

test("a path with a hash added, taken out or moved is refused", async () => {
  await fc.assert(
    fc.asyncProperty(pairUpTo(300), fc.nat(), hash, async ({ first, second }, where, extra) => {
      const claim = await prove(first, second);
      const at = where % (claim.path.length + 1);
      expect(verifyConsistency({ ...claim, path: claim.path.toSpliced(at, 0, extra) })).toBe(false);
      if (at === claim.path.length) return;
      expect(verifyConsistency({ ...claim, path: claim.path.toSpliced(at, 1) })).toBe(false);
      if (at === 0) return;
      const moved = claim.path.with(at, claim.path[at - 1]!).with(at - 1, claim.path[at]!);
      expect(verifyConsistency({ ...claim, path: moved })).toBe(false);
    }),
  );
});

test("a smaller tree of other leaves is refused, and the root that it should have is found", async () => {
  await fc.assert(
    fc.asyncProperty(pairUpTo(300), hash, async ({ first, second }, forged) => {
      const claim = await prove(first, second);
      expect(verifyConsistency({ ...claim, firstRoot: forged })).toBe(false);
      const roots = consistencyRoots(
        first,
        second,
        await explicitConsistencyPath(first, second, oracleSource(second)),
      );
      expect(roots).toEqual({ firstRoot: claim.firstRoot, secondRoot: claim.secondRoot });
    }),
  );
});

test("an explicit path with any one bit changed no longer leads to the larger root", async () => {
  await fc.assert(
    fc.asyncProperty(pairUpTo(300), fc.nat(), fc.nat(255), async ({ first, second }, which, bit) => {
      const path = await explicitConsistencyPath(first, second, oracleSource(second));
      const changed = path.map((node) => node.slice());
      changed[which % changed.length]![bit >> 3]! ^= 1 << (bit & 7);
      expect(consistencyRoots(first, second, changed)?.secondRoot).not.toEqual(oracle.root(0, second));
    }),
  );
});

test("an explicit path of another length is refused", async () => {
  for (let second = 1; second <= 40; second++) {
    for (let first = 1; first <= second; first++) {
      const path = await explicitConsistencyPath(first, second, oracleSource(second));
      expect(consistencyRoots(first, second, path.slice(0, -1))).toBeUndefined();
      expect(consistencyRoots(first, second, [...path, emptyRoot()])).toBeUndefined();
    }
  }
});

test("the empty tree begins every tree, with an empty path and the empty root only", async () => {
  const claim = await prove(0, 5);
  expect(claim.path).toEqual([]);
  expect(verifyConsistency(claim)).toBe(true);
  expect(verifyConsistency({ ...claim, path: [emptyRoot()] })).toBe(false);
  expect(verifyConsistency({ ...claim, firstRoot: new Uint8Array(32) })).toBe(false);
  expect(verifyConsistency({ ...claim, secondRoot: new Uint8Array(31) })).toBe(false);
  const both = { first: 0, firstRoot: emptyRoot(), second: 0, secondRoot: emptyRoot(), path: [] };
  expect(verifyConsistency(both)).toBe(true);
  const zeros = new Uint8Array(32);
  expect(verifyConsistency({ ...both, firstRoot: zeros, secondRoot: zeros })).toBe(false);
  expect(consistencyRoots(0, 5, [oracle.root(0, 5)])).toBeUndefined();
});

test("a tree begins itself, with an empty path and equal roots only", async () => {
  for (const size of [1, 2, 3, 8, 13]) {
    const claim = await prove(size, size);
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, path: [claim.firstRoot] })).toBe(false);
    expect(verifyConsistency({ ...claim, secondRoot: emptyRoot() })).toBe(false);
  }
});

test("a larger tree begins no smaller one", async () => {
  const { first, firstRoot, second, secondRoot, path } = await prove(5, 9);
  const turned = { first: second, firstRoot: secondRoot, second: first, secondRoot: firstRoot, path };
  expect(verifyConsistency(turned)).toBe(false);
  expect(consistencyRoots(second, first, path)).toBeUndefined();
});

test("anything but a proof gives false or undefined and throws nothing", () => {
  const number = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.double(), fc.maxSafeInteger());
  const bytes = fc.oneof(hash, fc.uint8Array({ maxLength: 70 }));
  fc.assert(
    fc.property(
      number,
      bytes,
      number,
      bytes,
      fc.array(bytes),
      (first, firstRoot, second, secondRoot, path) => {
        fc.pre(first !== 0);
        expect(verifyConsistency({ first, firstRoot, second, secondRoot, path })).toBe(false);
        const roots = consistencyRoots(first, second, path);
        expect(roots === undefined || roots.firstRoot.length === 32).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  { first: 1.5, second: 2 },
  { first: 1, second: 1.5 },
  { first: 2, second: 1 },
  { first: -1, second: 2 },
])(
  "a tree of $second leaves proves nothing about its first $first, even if the hashes fit",
  ({ first, second }) => {
    const [left, right] = [oracle.root(0, 1), oracle.root(1, 2)];
    const roots = [left, right, oracle.root(0, 2)];
    for (const path of [[], [left], [right], [left, right]]) {
      expect(consistencyRoots(first, second, path)).toBeUndefined();
      for (const firstRoot of roots) {
        for (const secondRoot of roots) {
          expect(verifyConsistency({ first, firstRoot, second, secondRoot, path })).toBe(false);
        }
      }
    }
  },
);

test("no path leads to the root of the first 0 leaves", () => {
  expect(consistencyRoots(0, 1, [oracle.root(0, 1)])).toBeUndefined();
});

test("a claim without one of its roots gives false and throws nothing", async () => {
  const missing = undefined as unknown as Uint8Array;
  for (const first of [0, 3, 5]) {
    const claim = await prove(first, 5);
    expect(verifyConsistency({ ...claim, firstRoot: missing })).toBe(false);
    expect(verifyConsistency({ ...claim, secondRoot: missing })).toBe(false);
  }
});

test("a path of a million hashes is refused without being hashed", async () => {
  const claim = await prove(4, 8);
  const { path, reads } = countedPath(new Array<Uint8Array>(1_000_000).fill(claim.firstRoot));
  expect(verifyConsistency({ ...claim, path })).toBe(false);
  expect(consistencyRoots(4, 8, path)).toBeUndefined();
  expect(reads()).toBeLessThan(100);
});

test.each([
  [6, 5],
  [-1, 5],
  [0.5, 5],
  [Number.NaN, 5],
  [1, 2 ** 53],
])("no path is made from size %d to %d", async (first, second) => {
  const wanted = { code: "ERR_INVALID_INPUT" };
  await expect(consistencyPath(first, second, oracleSource(10))).rejects.toMatchObject(wanted);
  await expect(explicitConsistencyPath(first, second, oracleSource(10))).rejects.toMatchObject(wanted);
});

test("no explicit path is made from the empty tree", async () => {
  await expect(explicitConsistencyPath(0, 5, oracleSource(5))).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
});
