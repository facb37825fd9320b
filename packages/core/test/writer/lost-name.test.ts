import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { generateSeed, openReader, openWriter, type Remote, type Writer } from "../../src/index.ts";

interface World {
  readonly remote: Remote;
  readonly table: NameTable;
  /** Opens the writer, as a new process would. */
  readonly open: () => Promise<Writer>;
}

function newWorld(): World {
  const table = new NameTable();
  const remote = { label: "memory", storage: memoryStorage(), names: memoryNames({ table }) };
  const seed = generateSeed();
  const saved = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
  const open = async (): Promise<Writer> => {
    // A closed database in memory is not emptied: the journal continues.
    await saved.open();
    return openWriter({
      settings: { visibility: "public" },
      seed,
      journal: saved,
      remotes: [remote],
      publish: "manual",
    });
  };
  return { remote, table, open };
}

async function readBy(remote: Remote, logId: string): Promise<number> {
  const reader = await openReader({ logId, remotes: [remote] });
  return (await reader.sync()).size;
}

test("a name that the storage lost is published again by a writer that has nothing new", async () => {
  const { remote, table, open } = newWorld();
  const first = await open();
  await first.appendAll([Uint8Array.of(1), Uint8Array.of(2)]);
  await first.publish();
  await first.close();
  table.values.clear();
  const second = await open();
  await second.publish();
  expect(await readBy(remote, second.logId)).toBe(2);
  await second.close();
});

test("a name that the storage set back is set forward again by a writer that has nothing new", async () => {
  const { remote, table, open } = newWorld();
  const first = await open();
  await first.append(Uint8Array.of(1));
  await first.publish();
  const old = new Map(table.values);
  await first.append(Uint8Array.of(2));
  await first.publish();
  await first.close();
  for (const [name, value] of old) table.values.set(name, value);
  const second = await open();
  await second.publish();
  expect(await readBy(remote, second.logId)).toBe(2);
  await second.close();
});

/** A log of two entries on a name system that may lag, of which the second was acknowledged and kept nowhere. */
async function lostUpdate(): Promise<{ remote: Remote; open: () => Promise<Writer>; writer: Writer }> {
  const { remote, open } = newWorld();
  const capabilities = { ...remote.names.capabilities, readYourWrites: false };
  Object.assign(remote.names, { capabilities });
  const writer = await open();
  await writer.append(Uint8Array.of(1));
  await writer.publish();
  await writer.append(Uint8Array.of(2));
  const update = remote.names.update.bind(remote.names);
  Object.assign(remote.names, { update: async () => "a revision that it does not have" });
  await writer.publish();
  Object.assign(remote.names, { update });
  return { remote, open, writer };
}

test("a name system that may lag is given a minute, and then the lost update is sent again", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { remote, writer } = await lostUpdate();
  for (let i = 0; i < 5; i++) await writer.publish();
  expect(await readBy(remote, writer.logId)).toBe(1);
  vi.advanceTimersByTime(60_000);
  // The first look finds that it is lost, the next publish mends it.
  await writer.publish();
  await writer.publish();
  expect(await readBy(remote, writer.logId)).toBe(2);
  await writer.close();
});

test("a later process sends again what a name system that may lag does not show", async () => {
  const { remote, open, writer } = await lostUpdate();
  await writer.close();
  const second = await open();
  await second.publish();
  expect(await readBy(remote, second.logId)).toBe(2);
  await second.close();
});
