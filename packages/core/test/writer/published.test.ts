import { generateSeed, openWriter } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";

test("what an earlier run left is waited for until somebody publishes it, by whoever wants to know", async () => {
  const [seed, remotes] = [generateSeed(), [memoryRemote()]];
  const stored = new MemoryLevel<Uint8Array, Uint8Array>();
  // The journal belongs to the writer, which closes it.
  const journal = (): typeof stored =>
    new Proxy(stored, {
      get(target, key) {
        const value: unknown = key === "close" ? async () => undefined : Reflect.get(target, key, target);
        return typeof value === "function" ? (value as (...words: unknown[]) => unknown).bind(target) : value;
      },
    });
  const options = { seed, remotes, publish: "manual" } as const;
  const earlier = await openWriter({ ...options, journal: journal() });
  await earlier.append(new Uint8Array([1]));
  await earlier.close();

  const writer = await openWriter({ ...options, journal: journal() });
  const ending = new AbortController();
  const given = writer.published({ signal: ending.signal });
  const waiting = writer.published();
  ending.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  expect(writer.status().remotes[0]!.published).toBe(0);
  await writer.publish();
  await waiting;
  await writer.published({ remotes: "all" });
  await writer.append(new Uint8Array([2]));
  const ended = writer.published();
  await writer.close();
  await expect(ended).rejects.toMatchObject({ code: "ERR_CLOSED" });
});
