// Mirrors follow the writer's word on what was removed: it is no gap, it is not fetched, and it does not stay.

import { memoryNames, memoryStorage } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { generateSeed, mirrorLog, openReader, openWriter, type Remote } from "../../src/index.ts";
import { text, textOf } from "../writer/log-contents.ts";

const ENTRIES = 40;
const contentOf = (i: number): string => `content ${i} ${i % 5 === 0 ? "x".repeat(200) : "y"}.`;

async function logOf(): Promise<{ writer: Awaited<ReturnType<typeof openWriter>>; from: Remote }> {
  const from: Remote = { label: "from", storage: memoryStorage(), names: memoryNames() };
  const settings = { visibility: "public", leafSize: 4, fanOut: 4 } as const;
  const some = { publish: "manual", leastCapacity: 1, largestEmbedded: 100, graceMilliseconds: 0 } as const;
  const own = { seed: generateSeed(), journal: new MemoryLevel(), remotes: [from] };
  const writer = await openWriter({ ...own, ...some, settings });
  onTestFinished(() => writer.close());
  await writer.appendAll(Array.from({ length: ENTRIES }, (_, i) => text(contentOf(i))));
  await writer.publish();
  return { writer, from };
}

async function read(logId: string, remote: Remote): Promise<(string | undefined)[]> {
  const reader = await openReader({ logId, remotes: [remote] });
  try {
    await reader.sync();
    const found = new Array<string | undefined>(reader.size).fill(undefined);
    for await (const { sequence, content } of reader.from(0, { removed: "skip" }))
      found[sequence] = textOf(content);
    return found;
  } finally {
    await reader.close();
  }
}

const left = Array.from({ length: ENTRIES }, (_, i) =>
  [5, 10, 11, 39].includes(i) ? undefined : contentOf(i),
);

test("a log with removed entries is copied whole, and nothing counts as missing", async () => {
  const { writer, from } = await logOf();
  await writer.remove([5, 10, 11, 39]);
  await writer.publish();
  const contents = new Map<string, Uint8Array>();
  const to: Remote = { label: "to", storage: memoryStorage({ contents }), names: memoryNames() };
  const reader = await openReader({ logId: writer.logId, remotes: [from] });
  onTestFinished(() => reader.close());
  const first = await mirrorLog({ reader, to });
  expect(first).toMatchObject({ missing: [], missingEntries: 0, name: "updated" });
  expect(await read(writer.logId, to)).toEqual(left);
  // The next time nothing has to be copied.
  const { head: known, missing } = first;
  expect(await mirrorLog({ reader, to, known, missing })).toMatchObject({ bytes: 0, name: "current" });
  expect(await mirrorLog({ reader, to: { storage: memoryStorage() } })).toMatchObject({ missing: [] });
});

test("a mirror that has what was removed later shows it no more, though the mirror itself still stores it", async () => {
  const { writer, from } = await logOf();
  const to: Remote = { label: "to", storage: memoryStorage(), names: memoryNames() };
  const reader = await openReader({ logId: writer.logId, remotes: [from] });
  onTestFinished(() => reader.close());
  const { head: known, missing } = await mirrorLog({ reader, to });
  await writer.remove([5, 10, 11, 39]);
  await writer.publish();
  expect(await mirrorLog({ reader, to, known, missing })).toMatchObject({ missing: [], name: "updated" });
  expect(await read(writer.logId, to)).toEqual(left);
  const again = await openReader({ logId: writer.logId, remotes: [to] });
  onTestFinished(() => again.close());
  await expect(again.entry(10)).rejects.toMatchObject({ code: "ERR_REMOVED", sequence: 10, next: 12 });
});

test("what a source strips of its content, and the writer did not remove, is looked for elsewhere", async () => {
  const { writer, from } = await logOf();
  await writer.remove([5]);
  await writer.publish();
  // The source has lost its contents; another one still has them all.
  const other: Remote = { label: "other", storage: memoryStorage(), names: memoryNames() };
  const reader = await openReader({ logId: writer.logId, remotes: [from] });
  onTestFinished(() => reader.close());
  await mirrorLog({ reader, to: other });
  for await (const address of from.storage.list!()) {
    if (textOf(await from.storage.get(address)).startsWith("content ")) await from.storage.delete!(address);
  }
  const both = await openReader({ logId: writer.logId, remotes: [from, other] });
  onTestFinished(() => both.close());
  const to: Remote = { label: "to", storage: memoryStorage(), names: memoryNames() };
  expect(await mirrorLog({ reader: both, to })).toMatchObject({ missing: [] });
  const alone: Remote = { label: "alone", storage: memoryStorage(), names: memoryNames() };
  const { missing } = await mirrorLog({ reader, to: alone });
  expect(missing.map(({ from: first }) => first)).not.toContain(5);
  expect(missing.length).toBeGreaterThan(0);
});
