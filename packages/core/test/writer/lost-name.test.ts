import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
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
    // A closed database in memory is not emptied: the journal goes on.
    await saved.open();
    return openWriter({ seed, journal: saved, remotes: [remote], publish: "manual" });
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
