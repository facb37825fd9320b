import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSeed, type KeyValueDatabase } from "@remote-log/core";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { type Group, jsonCodec, openGroup } from "../src/index.ts";

type Bytes = Uint8Array;
const seed = generateSeed();
const locked = { name: "JournalLockedError", code: "ERR_JOURNAL_LOCKED" };

const inMemory = (): KeyValueDatabase => new MemoryLevel<Bytes, Bytes>();

async function open(journal: KeyValueDatabase, store: KeyValueDatabase): Promise<Group<string>> {
  const group = await openGroup({ seed, journal, store, codec: jsonCodec<string>(), sync: "manual" });
  onTestFinished(() => group.close());
  return group;
}

test("the databases of a group that is open are refused, and left open", async () => {
  const [journal, store] = [inMemory(), inMemory()];
  const group = await open(journal, store);
  for (const [one, two] of [
    [journal, store],
    [journal, inMemory()],
    [inMemory(), store],
  ] as const)
    await expect(open(one, two)).rejects.toMatchObject(locked);
  await group.append("still here");
  await group.close();
  await open(journal, store);
});

test("databases whose group could not be opened are free again", async () => {
  const [journal, store] = [inMemory(), inMemory()];
  const failing = {
    seed,
    journal,
    store,
    codec: jsonCodec(),
    remotes: () => Promise.reject(new Error("no")),
  };
  await expect(openGroup(failing)).rejects.toThrow("no");
  await open(journal, store);
});

test("one database in both places is refused", async () => {
  const database = inMemory();
  await expect(open(database, database)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("folders that another process has open are refused by the journal's lock", async () => {
  const folder = await mkdtemp(join(tmpdir(), "group-databases-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [journal, store] = ["journal", "store"].map((name) => join(folder, name)) as [string, string];
  const level = (path: string): KeyValueDatabase => new ClassicLevel<Bytes, Bytes>(path);
  const group = await open(level(journal), level(store));
  await expect(open(level(journal), level(store))).rejects.toMatchObject(locked);
  await group.close();
  await open(level(journal), level(store));
});
