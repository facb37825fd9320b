import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { generateSeed, openReader, openWriter, type WriterOptions } from "../../src/index.ts";

test("the newest signed checkpoint is the one that readers see, also when the writer is opened again", async () => {
  const remote = memoryRemote();
  const options: WriterOptions = {
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    publish: "manual",
  };
  const writer = await openWriter(options);
  expect(writer.checkpoint).toBeUndefined();
  await writer.append(Uint8Array.of(1));
  expect(writer.checkpoint).toBeUndefined();
  await writer.publish();
  await writer.append(Uint8Array.of(2));
  const reader = await openReader({ logId: writer.logId, remotes: [remote] });
  await reader.sync();
  expect(writer.checkpoint).toBe(reader.checkpoint);
  await writer.close();
  const again = await openWriter(options);
  expect(again.checkpoint).toBe(reader.checkpoint);
  await again.close();
  await reader.close();
});
