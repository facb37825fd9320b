import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { generateSeed, openWriter, type Remote } from "../../src/index.ts";

test("under a new label everything is sent, also where the name and the contents are there already", async () => {
  const remote = memoryRemote();
  let puts = 0;
  const { storage } = remote;
  const labelled = (label: string): Remote => ({
    ...remote,
    label,
    storage: {
      ...storage,
      put: (content, options) => {
        puts++;
        return storage.put(content, options);
      },
      get: storage.get.bind(storage),
      has: storage.has.bind(storage),
    },
  });
  const [seed, journal] = [generateSeed(), new MemoryLevel<Uint8Array, Uint8Array>()];
  const open = (label: string) =>
    openWriter({ seed, journal, remotes: [labelled(label)], publish: "manual" });
  const first = await open("first");
  await first.appendAll([1, 2, 3].map((byte) => new Uint8Array(50_000).fill(byte)));
  await first.publish();
  await first.close();
  const before = puts;
  const second = await open("second");
  await second.append(new Uint8Array(50_000).fill(4));
  puts = 0;
  await second.publish();
  await second.close();
  expect(puts).toBeGreaterThanOrEqual(before + 1);
});
