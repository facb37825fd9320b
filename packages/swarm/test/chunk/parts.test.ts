import { expect, test } from "vitest";
import type { Chunk } from "../../src/chunk/content-chunk.ts";
import { readTree } from "../../src/chunk/read-tree.ts";
import { splitContent } from "../../src/chunk/tree.ts";
import { ChunkMap, randomContent } from "./chunk-map.ts";
import { hex } from "./chunks-of-bee-js.ts";

// Parts of contents, out of their trees.

const FULL = 4096;
const MIB = 1 << 20;
const forged = { code: "ERR_INTEGRITY", operation: "storage.get", retry: "never" };

test("a part of a content is read by the chunks that have some of it, and those above them", async () => {
  const content = randomContent(300 * 4096 + 77);
  const chunks = new ChunkMap(splitContent(content));
  for (const [offset, length, reads] of [
    // Of 3 subtrees: the chunk of references, and the leaves.
    [0, 1, 2],
    [4095, 1, 2],
    [4096, 4096, 2],
    [4095, 2, 3],
    [127 * 4096 + 5, 4096, 2 + 2],
    [128 * 4096, 1, 2],
    [128 * 4096 - 1, 1, 2],
    [content.length - 1, 1, 2],
    [content.length - 100, 1000, 1 + 2],
    [content.length, 10, 0],
    [2 ** 40, 10, 0],
    [0, content.length, chunks.total - 1],
    [0, 2 ** 40, chunks.total - 1],
  ] as const) {
    chunks.reads = 0;
    const part = await readTree({ ...chunks.tree, maxBytes: content.length, range: { offset, length } });
    expect(Buffer.compare(part, content.subarray(offset, offset + length)), `${length} from ${offset}`).toBe(
      0,
    );
    expect(part.buffer.byteLength).toBe(part.length);
    expect(chunks.reads, `reads for ${length} from ${offset}`).toBe(reads);
  }
});

test("a part of a content of one chunk is cut out of it", async () => {
  const content = randomContent(1000);
  const { tree } = new ChunkMap(splitContent(content));
  for (const [offset, length] of [
    [0, 1000],
    [10, 20],
    [990, 100],
    [1000, 1],
    [5000, 1],
  ] as const) {
    const part = await readTree({ ...tree, maxBytes: 1000, range: { offset, length } });
    expect(hex(part), `${length} from ${offset}`).toBe(hex(content.subarray(offset, offset + length)));
  }
});

test("a part of a content is refused like the whole, if a chunk that it needs is another", async () => {
  const content = randomContent(20 * FULL);
  const { root, levels } = splitContent(content) as { root: Chunk; levels: Chunk[][] };
  const chunks = new ChunkMap({ root, levels });
  const changed = new Uint8Array(levels[0]![7]!.data);
  changed[100]! ^= 1;
  chunks.put(levels[0]![7]!.address, changed);
  const read = (offset: number, length: number) =>
    readTree({ ...chunks.tree, maxBytes: MIB, range: { offset, length } });
  await expect(read(7 * FULL + 200, 1)).rejects.toMatchObject(forged);
  await expect(read(6 * FULL, FULL + 1)).rejects.toMatchObject(forged);
  expect(hex(await read(8 * FULL, FULL))).toBe(hex(content.subarray(8 * FULL, 9 * FULL)));
  const tooLarge = { code: "ERR_TOO_LARGE", limit: FULL };
  const small = readTree({ ...chunks.tree, maxBytes: FULL, range: { offset: 0, length: 1 } });
  await expect(small).rejects.toMatchObject(tooLarge);
});
