import { generateSeed, openReader, openWriter } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { whole } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { countReads } from "../../bench/src/costs/counted-remote.ts";
import { readStore, WritableStore } from "../key-value/key-value-store.ts";

const KEYS = 300;
const UPDATES = whole ? 100_000 : 2000;

// For hangs alone: a hundred thousand updates take half a minute.
test(`a key-value store of ${UPDATES} updates opens in 4 reads that depend on each other`, {
  timeout: 1_800_000,
}, async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const journal = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const options = { seed, remotes: [remote], publish: "manual" as const };
  const writer = await openWriter({ ...options, journal, settings: { visibility: "public" } });
  const store = await WritableStore.open(writer);
  for (let i = 0; i < UPDATES; i += 250) {
    const update = (n: number): Promise<void> => store.set({ [`key ${n % KEYS}`]: `value ${n}` });
    await Promise.all(Array.from({ length: 250 }, (_, j) => update(i + j)));
    if (i % 50_000 === 0) await writer.publish();
  }
  for (const more of [0, 1, 400]) {
    for (let i = 0; i < more; i++) await store.set({ "the newest": `${i}` });
    await writer.publish();
    const reads = { requests: 0, bytes: 0, dependent: 0 };
    const reader = await openReader({ logId: writer.logId, remotes: [countReads(remote, reads)] });
    expect(await readStore(reader)).toEqual(store.values);
    expect(reads.dependent).toBeLessThanOrEqual(4);
    // Not one for each update: the name, the way to the snapshot, and what came after it.
    expect(reads.requests).toBeLessThanOrEqual(10 + more / 16);
    await reader.close();
  }
  await writer.close();
  const again = await openWriter({ ...options, journal });
  expect((await WritableStore.open(again)).values).toEqual(store.values);
  await again.close();
});
