import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { generateSeed, openWriter } from "../../src/index.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a remote that never answers holds up another's first publish for ten seconds, and no later one", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const good = memoryRemote({ label: "good" });
  const memory = memoryRemote({ label: "silent" });
  const silent = {
    ...memory,
    names: { ...memory.names, resolve: () => new Promise<never>(() => undefined) },
  };
  const journal = new MemoryLevel();
  const writer = await openWriter({
    settings: { visibility: "public" },
    seed: generateSeed(),
    journal,
    remotes: [good, silent],
  });
  const first = (await writer.append(Uint8Array.of(1))).published();
  await vi.advanceTimersByTimeAsync(10_000);
  await first;
  // From here on the clock stands still: whoever waits for it waits for ever.
  await (await writer.append(Uint8Array.of(2))).published();
  await (await writer.append(Uint8Array.of(3))).published();
  expect(writer.status().remotes.map(({ published }) => published)).toEqual([3, 0]);
  await writer.close();
});
