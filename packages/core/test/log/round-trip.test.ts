import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { generateSeed, openReader, openWriter } from "../../src/index.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test.each([0, 1, 15, 16, 17, 33, 100, 2049, 5000])("a log of %i entries is read back whole", async (size) => {
  const remote = memoryRemote();
  const journal = new MemoryLevel<Uint8Array, Uint8Array>();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal,
    remotes: [remote],
    publish: "manual",
  });
  const contents = Array.from({ length: size }, (_, i) => text(`entry ${i}`));
  await writer.appendAll(contents);
  await writer.publish();
  expect(writer.status().remotes[0]).toMatchObject({ stored: size, published: size, confirmed: size });
  const reader = await openReader({ logId: writer.logId, remotes: [remote] });
  const read: string[] = [];
  for await (const entry of reader.from(0)) read.push(new TextDecoder().decode(entry.content));
  expect(read).toEqual(contents.map((content) => new TextDecoder().decode(content)));
  await writer.close();
});
