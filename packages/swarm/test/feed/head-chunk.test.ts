import { randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Chunk, checkChunk, payloadOf, spanOf } from "../../src/chunk/content-chunk.ts";
import { toHex } from "../../src/chunk/hex.ts";
import { splitContent } from "../../src/chunk/tree.ts";
import { headChunks } from "../../src/feed/head-chunk.ts";

test.each([
  [0, 0],
  [39, 39],
  [40, 41],
  [41, 41],
  [71, 71],
  [72, 73],
  [73, 73],
  [4096, 4096],
])("a head of %d bytes is a payload of %d bytes inside its update", (length, payload) => {
  const head = randomBytes(length);
  const { root, tree } = headChunks(head);
  expect(tree).toEqual([]);
  expect(root.data.length - 8).toBe(payload);
  // Neither the length in it nor the address tells of the zero.
  expect(spanOf(root.data)).toBe(BigInt(length));
  expect(root.address).toEqual(splitContent(head).root.address);
  checkChunk(root.address, root.data);
  expect(payloadOf(root.data, length)).toEqual(head);
});

/** The addresses of chunks, level by level: comparing their bytes takes long. */
const addresses = (levels: readonly (readonly Chunk[])[]) =>
  levels.map((level) => level.map(({ address }) => toHex(address)));

test("a longer head is a tree, whose root is stored beside the level below it", () => {
  const head = randomBytes(129 * 4096);
  const { root, levels } = splitContent(head);
  expect(levels.map((level) => level.length)).toEqual([129, 1, 1]);
  const chunks = headChunks(head);
  expect(chunks.root.data).toEqual(root.data);
  expect(addresses(chunks.tree)).toEqual(addresses([levels[0] ?? [], [...(levels[1] ?? []), root]]));
});

test("a head of two chunks is stored with its root in one step", () => {
  const head = randomBytes(4097);
  const { root, levels } = splitContent(head);
  expect(levels.map((level) => level.length)).toEqual([2, 1]);
  const { tree } = headChunks(head);
  expect(addresses(tree)).toEqual(addresses([[...(levels[0] ?? []), root]]));
});
