import { sample } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashNode, type InclusionClaim, inclusionPath, verifyInclusion } from "../../src/merkle/index.ts";
import { sameHashes } from "./agreement.ts";
import { leafData, leafHashOf } from "./rfc9162.ts";
import { countedPath, oracle, oracleSource } from "./trees.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

async function prove(index: number, size: number): Promise<InclusionClaim> {
  return {
    leafHash: leafHashOf(leafData(index)),
    index,
    size,
    path: await inclusionPath(index, size, oracleSource(size)),
    root: oracle.root(0, size),
  };
}

const proof = fc
  .integer({ min: 1, max: 300 })
  .chain((size) => fc.nat(size - 1).map((index) => ({ index, size })));

const sizes = Array.from({ length: 300 }, (_, i) => i + 1);

test("the path of every leaf is that of RFC 9162 and verifies, for sizes up to 300", async () => {
  const differ: string[] = [];
  for (const size of sample("sizes", sizes, 60)) {
    const source = oracleSource(size);
    const root = oracle.root(0, size);
    for (let index = 0; index < size; index++) {
      const path = await inclusionPath(index, size, source);
      const verified = verifyInclusion({ leafHash: oracle.root(index, index + 1), index, size, path, root });
      if (!verified || !sameHashes(path, oracle.path(index, 0, size))) differ.push(`${index} of ${size}`);
    }
  }
  expect(differ).toEqual([]);
});

test("a proof with any one bit changed is refused", async () => {
  await fc.assert(
    fc.asyncProperty(proof, fc.nat(), fc.nat(255), async ({ index, size }, which, bit) => {
      const claim = await prove(index, size);
      const parts = [claim.leafHash.slice(), claim.root.slice(), ...claim.path.map((node) => node.slice())];
      parts[which % parts.length]![bit >> 3]! ^= 1 << (bit & 7);
      const [leafHash, root, ...path] = parts as [Uint8Array, Uint8Array, ...Uint8Array[]];
      expect(verifyInclusion({ leafHash, index, size, path, root })).toBe(false);
    }),
  );
});

test("a path with a hash added, taken out or moved is refused", async () => {
  await fc.assert(
    fc.asyncProperty(proof, fc.nat(), hash, async ({ index, size }, where, extra) => {
      const claim = await prove(index, size);
      const at = where % (claim.path.length + 1);
      const added = claim.path.toSpliced(at, 0, extra);
      expect(verifyInclusion({ ...claim, path: added })).toBe(false);
      if (at === claim.path.length) return;
      expect(verifyInclusion({ ...claim, path: claim.path.toSpliced(at, 1) })).toBe(false);
      if (at === 0) return;
      const moved = claim.path.with(at, claim.path[at - 1]!).with(at - 1, claim.path[at]!);
      expect(verifyInclusion({ ...claim, path: moved })).toBe(false);
    }),
  );
});

test("a proof holds for its own index alone", async () => {
  for (const size of sample("own index", sizes.slice(1, 65), 16)) {
    const everyIndex = Array.from({ length: size + 2 }, (_, index) => index);
    for (let index = 0; index < size; index++) {
      const claim = await prove(index, size);
      const accepted = everyIndex.filter((other) => verifyInclusion({ ...claim, index: other }));
      expect(accepted, `leaf ${index} of ${size}`).toEqual([index]);
    }
  }
});

test("anything but a proof gives false and throws nothing", () => {
  const number = fc.oneof(fc.nat(40), fc.double(), fc.maxSafeInteger());
  const bytes = fc.oneof(hash, fc.uint8Array({ maxLength: 70 }));
  fc.assert(
    fc.property(bytes, number, number, fc.array(bytes), bytes, (leafHash, index, size, path, root) => {
      expect(verifyInclusion({ leafHash, index, size, path, root })).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test.each([
  { index: 0.5, size: 2 },
  { index: 0, size: 1.5 },
  { index: -1, size: 2 },
])("leaf $index of $size is proved by nothing, even if the hashes fit", ({ index, size }) => {
  const [leafHash, sibling] = [oracle.root(0, 1), oracle.root(1, 2)];
  for (const root of [oracle.root(0, 2), hashNode(sibling, leafHash)]) {
    expect(verifyInclusion({ leafHash, index, size, path: [sibling], root })).toBe(false);
  }
});

test("a leaf of more than 2^53 - 1 leaves is proved by nothing, even if the hashes fit", () => {
  const leafHash = oracle.root(0, 1);
  const path = Array.from({ length: 53 }, () => leafHash);
  const root = path.reduce((node, sibling) => hashNode(node, sibling), leafHash);
  expect(verifyInclusion({ leafHash, index: 0, size: Number.MAX_SAFE_INTEGER, path, root })).toBe(true);
  expect(verifyInclusion({ leafHash, index: 0, size: 2 ** 53, path, root })).toBe(false);
});

test("a path of a million hashes is refused without being hashed", async () => {
  const claim = await prove(3, 8);
  const { path, reads } = countedPath(new Array<Uint8Array>(1_000_000).fill(claim.root));
  expect(verifyInclusion({ ...claim, path })).toBe(false);
  expect(reads()).toBeLessThan(100);
});

test.each([
  [0, 0],
  [5, 5],
  [-1, 5],
  [0.5, 5],
  [0, Number.NaN],
  [0, 2 ** 53],
])("no path is made for leaf %d of %d", async (index, size) => {
  await expect(inclusionPath(index, size, oracleSource(10))).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
  });
});

test("what a source rejects with is passed on unchanged", async () => {
  const reason = new Error("no page");
  const source = { subtree: () => Promise.reject(reason) };
  await expect(inclusionPath(3, 7, source)).rejects.toBe(reason);
});

test("a source that returns no hash is refused with ERR_MALFORMED", async () => {
  const source = { subtree: async () => new Uint8Array(31) };
  await expect(inclusionPath(0, 2, source)).rejects.toMatchObject({ code: "ERR_MALFORMED" });
});
