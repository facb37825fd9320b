import { addressOf } from "@remote-log/core";
import { runs, sample } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Chunk, spanOf } from "../../src/chunk/content-chunk.ts";
import { swarmBmt } from "../../src/chunk/hash-type.ts";
import { readTree, walkTree } from "../../src/chunk/read-tree.ts";
import { rootAddress, splitContent } from "../../src/chunk/tree.ts";
import { BORDERS, ChunkMap, randomContent } from "./chunk-map.ts";
import { beeJsTree, hex } from "./chunks-of-bee-js.ts";

const KIB = 1024;

/** What is compared of a chunk: its address, and the bytes below it. */
function described(chunks: readonly { address: string; span: bigint }[]): string[] {
  return chunks.map(({ address, span }) => `${address} ${span}`).sort();
}

async function expectTreeOfBeeJs(size: number): Promise<void> {
  const content = randomContent(size);
  const { root, levels } = splitContent(content);
  const theirs = await beeJsTree(content);
  const ours = levels.flat().map(({ address, data }) => ({ address: hex(address), span: spanOf(data) }));
  expect(described(ours)).toEqual(described(theirs));
  expect([hex(root.address), hex(rootAddress(content))]).toEqual(Array(2).fill(theirs.at(-1)?.address));
}

test.each(sample("borders", BORDERS, 4))(
  "a content of %i bytes has the chunks of bee-js, and its root",
  expectTreeOfBeeJs,
);

test("contents of any length have the chunks of bee-js, and its root", async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 600 * KIB }), expectTreeOfBeeJs), {
    numRuns: runs(2, 6),
  });
});

test("the digest of the hash type is the root, and makes a CID of Swarm's hash", async () => {
  const content = randomContent(10_000);
  const address = await addressOf(content, swarmBmt);
  expect([address.codec, address.hash, address.digest.length]).toEqual([0x55, 0xd6, 32]);
  expect(address.digest).toEqual(splitContent(content).root.address);
});

test("chunks come before those that refer to them, and the root comes last", () => {
  for (const size of [0, 1, 4097, 129 * 4096, 257 * 4096 + 1]) {
    const { root, levels } = splitContent(randomContent(size));
    const known = new Set<string>();
    for (const [level, chunks] of levels.entries()) {
      for (const { data } of chunks) {
        if (level > 0) {
          for (let at = 8; at < data.length; at += 32)
            expect(known).toContain(hex(data.subarray(at, at + 32)));
        }
      }
      for (const { address } of chunks) known.add(hex(address));
    }
    expect(levels.at(-1)).toEqual([root]);
  }
});

test("chunks are copies: what becomes of the content later does not change them", () => {
  const content = randomContent(5000);
  const { levels } = splitContent(content);
  const before = levels.flat().map(({ data }) => hex(data));
  content.fill(0);
  expect(levels.flat().map(({ data }) => hex(data))).toEqual(before);
});

test("what was split is read again, whatever its length", async () => {
  const sizes = fc.oneof(fc.constantFrom(...BORDERS), fc.nat(20 * KIB), fc.nat(300 * KIB));
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async (size, zeros) => {
      const content = zeros ? new Uint8Array(size) : randomContent(size);
      const chunks = new ChunkMap(splitContent(content));
      const read = await readTree({ ...chunks.tree, maxBytes: size });
      expect(read.length).toBe(size);
      expect(Buffer.compare(read, content)).toBe(0);
      // The root is given; every other place in the tree is read once.
      expect(chunks.reads).toBe(chunks.total - 1);
    }),
    { numRuns: runs(5, 15) },
  );
});

test.each([
  [4096, 0],
  [4097, 1],
  [128 * 4096, 1],
  [128 * 4096 + 1, 2],
  [1 << 20, 2],
])("the reads of a content of %i bytes are %i in a row, and the rest side by side", async (size, depth) => {
  const chunks = new ChunkMap(splitContent(randomContent(size)));
  await readTree({ ...chunks.tree, maxBytes: size, readsAtOnce: Number.POSITIVE_INFINITY });
  expect(chunks.rounds).toBe(depth);
});

test.each([
  [undefined, 16],
  [3, 3],
])("with readsAtOnce %s, at most %i reads are under way", async (readsAtOnce, most) => {
  const chunks = new ChunkMap(splitContent(randomContent(1 << 20)));
  await readTree({ ...chunks.tree, maxBytes: 1 << 20, readsAtOnce });
  expect(chunks.mostAtOnce).toBe(most);
});

test("a content may be as long as allowed, and not a byte longer; then nothing is read", async () => {
  const chunks = new ChunkMap(splitContent(randomContent(5000)));
  await expect(readTree({ ...chunks.tree, maxBytes: 5000 })).resolves.toHaveLength(5000);
  chunks.reads = 0;
  const error = { code: "ERR_TOO_LARGE", limit: 4999, operation: "names.resolve" };
  const short = { ...chunks.tree, maxBytes: 4999, operation: "names.resolve" };
  await expect(readTree(short)).rejects.toMatchObject(error);
  await expect(walkTree(short)).rejects.toMatchObject(error);
  expect(chunks.reads).toBe(0);
});

test("what is read is memory of its own", async () => {
  const { root } = splitContent(randomContent(100)) as { root: Chunk };
  const before = hex(root.data);
  const content = await readTree({
    ...new ChunkMap(splitContent(new Uint8Array(0))).tree,
    root: root.data,
    maxBytes: 100,
  });
  content.fill(0);
  expect(hex(root.data)).toBe(before);
});

test("a walk goes through every piece once, and keeps none", async () => {
  const content = randomContent(130 * 4096 + 77);
  const chunks = new ChunkMap(splitContent(content));
  const seen = new Uint8Array(content.length);
  let bytes = 0;
  const length = await walkTree({
    ...chunks.tree,
    maxBytes: content.length,
    piece: (piece, offset) => {
      seen.set(piece, offset);
      bytes += piece.length;
    },
  });
  expect([length, bytes]).toEqual([content.length, content.length]);
  expect(Buffer.compare(seen, content)).toBe(0);
});
