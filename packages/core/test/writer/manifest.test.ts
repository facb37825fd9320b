// What a log says of itself, from the writer's device to readers: snapshots are the first thing that it says.

import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import {
  generateSeed,
  memoryReaderStore,
  mirrorLog,
  openReader,
  openWriter,
  type Reader,
  type Remote,
} from "../../src/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function sequences(reader: Reader): Promise<number[]> {
  const found: number[] = [];
  for await (const { sequence } of reader.fromSnapshot()) found.push(sequence);
  return found;
}

const readerOf = (logId: string, remote: Remote, store = memoryReaderStore()): Promise<Reader> =>
  openReader({ logId, remotes: [remote], store, withoutKey: "sealed" });

test("a reader starts at the newest snapshot", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const writer = await openWriter({ seed, journal: new MemoryLevel(), remotes: [remote], publish: "manual" });
  const reader = await readerOf(writer.logId, remote);
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 20; i++) await writer.append(bytes(`${round}.${i}`));
    await writer.append(bytes(`state ${round}`), { snapshot: true });
    await writer.append(bytes("after"));
    await writer.publish();
    const at = round * 22 + 20;
    expect(await sequences(reader)).toEqual([at, at + 1]);
    expect(reader.manifest).toMatchObject({ version: round + 1, snapshot: at });
    expect(writer.manifest).toEqual(reader.manifest);
  }
  const fresh = await readerOf(writer.logId, remote);
  expect(await sequences(fresh)).toEqual([108, 109]);
  await writer.close();
});

test("a reader that missed some versions checks that they follow the one that it knew", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const writer = await openWriter({ seed, journal: new MemoryLevel(), remotes: [remote], publish: "manual" });
  const store = memoryReaderStore();
  for (const versions of [1, 4, 2, 9]) {
    for (let i = 0; i < versions; i++) await writer.append(bytes("state"), { snapshot: true });
    await writer.publish();
    const reader = await readerOf(writer.logId, remote, store);
    await reader.sync();
    expect(reader.manifest?.version).toBe(writer.manifest?.version);
    await reader.close();
  }
  await writer.close();
});

test("a journal that is opened again continues its manifest", async () => {
  const remote = memoryRemote();
  const seed = generateSeed();
  const journal = (): MemoryLevel<string, string> => new MemoryLevel();
  const database = journal();
  const options = { seed, remotes: [remote], publish: "manual" as const };
  const writer = await openWriter({ ...options, journal: database });
  await writer.append(bytes("one"), { snapshot: true });
  await writer.publish();
  await writer.append(bytes("two"), { snapshot: true });
  await writer.append(bytes("three"), { snapshot: true });
  await writer.close();
  const again = await openWriter({ ...options, journal: database });
  expect(again.manifest).toMatchObject({ version: 3, snapshot: 2 });
  await again.publish();
  const reader = await readerOf(again.logId, remote);
  await reader.sync();
  expect(reader.manifest).toMatchObject({ version: 3, snapshot: 2 });
  await again.close();
});

test("a mirror has the newest manifest", async () => {
  const [remote, target] = [memoryRemote({ label: "from" }), memoryRemote({ label: "to" })];
  const seed = generateSeed();
  const writer = await openWriter({ seed, journal: new MemoryLevel(), remotes: [remote], publish: "manual" });
  const store = memoryReaderStore();
  const source = await readerOf(writer.logId, remote);
  for (const versions of [1, 3, 2]) {
    for (let i = 0; i < versions; i++) await writer.append(bytes("state"), { snapshot: true });
    await writer.publish();
    const { name } = await mirrorLog({ reader: source, to: target });
    expect(name).toBe("updated");
    expect((await mirrorLog({ reader: source, to: target })).name).toBe("current");
    const reader = await readerOf(writer.logId, target, store);
    await reader.sync();
    expect(reader.manifest).toEqual(writer.manifest);
    await reader.close();
  }
  await writer.close();
});
