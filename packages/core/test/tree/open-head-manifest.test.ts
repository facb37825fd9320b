// A manifest that is stored apart from the head.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { generateSeed, openReader, openWriter, type Remote } from "../../src/index.ts";

test("a manifest that is stored apart is read once, as long as it is the newest", async () => {
  const inner = memoryRemote();
  let gets = 0;
  const storage: Remote["storage"] = {
    name: inner.storage.name,
    capabilities: inner.storage.capabilities,
    put: (content, options) => inner.storage.put(content, options),
    has: (address, options) => inner.storage.has(address, options),
    get: (address, options) => {
      gets++;
      return inner.storage.get(address, options);
    },
  };
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel(),
    remotes: [inner],
    publish: "manual",
  });
  const uris = Array.from({ length: 30 }, (_, i) => `s3://bucket-${i}/a-path-that-makes-the-manifest-large`);
  const reader = await openReader({ logId: writer.logId, remotes: [{ ...inner, storage }] });
  const counts: number[] = [];
  for (const says of [uris, uris, uris, uris.slice(1), uris.slice(1)]) {
    await writer.setRemotes(says);
    await writer.append(new Uint8Array(1));
    await writer.publish();
    await reader.sync();
    counts.push(gets);
    gets = 0;
  }
  expect(counts).toEqual([1, 0, 0, 1, 0]);
  expect(reader.manifest).toEqual(writer.manifest);
  await reader.close();
  await writer.close();
});
