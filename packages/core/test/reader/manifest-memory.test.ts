// The manifest that readers of a store share: kept, found again, and refused if it is not what a reader of this log wrote.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test, vi } from "vitest";
import { memoryReaderStore, type ReaderStore } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { type KeptManifest, ManifestMemory } from "../../src/reader/manifest-memory.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import { ManifestLog } from "./manifest-log.ts";

let logId: string;
/** What two states of the log say, and one of a log of another seed. */
let one: KeptManifest;
let two: KeptManifest;
let foreign: KeptManifest;

beforeAll(async () => {
  const steps = [{ entries: 1, versions: 1 }, { versions: 3 }];
  const kept = async (log: ManifestLog, step: number): Promise<KeptManifest> => {
    const { genesis, manifest } = await verifyHead(log.heads[step]!, log.logId);
    return { genesis, manifest: manifest!, label: "here" };
  };
  const log = await ManifestLog.write(steps);
  const other = await ManifestLog.write(steps, new Uint8Array(32).fill(8));
  logId = log.logId;
  [one, two, foreign] = [await kept(log, 0), await kept(log, 1), await kept(other, 0)];
});

const memoryOf = (store: ReaderStore): ManifestMemory => new ManifestMemory(new ReaderMemory(store, logId));

/** What is found, as far as it is told apart. */
const found = async (memory: ManifestMemory) => {
  const { kept, bytes } = await memory.load();
  return { version: kept?.manifest.manifest.version, label: kept?.label, bytes };
};

test("nothing is kept at first; what is saved is found by this reader and by later ones", async () => {
  const store = memoryReaderStore();
  const memory = memoryOf(store);
  expect(await found(memory)).toEqual({ version: undefined, label: undefined, bytes: undefined });
  expect(await memory.save(undefined, one)).toBe(true);
  const { bytes } = await memory.load();
  expect((await memory.load()).kept).toBe(one);
  expect(await found(memoryOf(store))).toEqual({ version: 1, label: "here", bytes });
  expect(await memory.save(bytes, { genesis: two.genesis, manifest: two.manifest })).toBe(true);
  const later = (await memoryOf(store).load()).kept!;
  expect(later).toEqual({ genesis: two.genesis, manifest: two.manifest });
  expect(later.manifest.leaves).toBeDefined();
});

test("what has not changed is not verified again", async () => {
  const store = memoryReaderStore();
  await memoryOf(store).save(undefined, one);
  const memory = memoryOf(store);
  const first = await memory.load();
  expect(await memory.load()).toBe(first);
  const empty = memoryOf(memoryReaderStore());
  expect(await empty.load()).toBe(await empty.load());
});

test("what another reader saved meanwhile is not replaced, and is found by the next look", async () => {
  const store = memoryReaderStore();
  const [mine, others] = [memoryOf(store), memoryOf(store)];
  const { bytes } = await mine.load();
  await others.save(bytes, two);
  expect(await mine.save(bytes, one)).toBe(false);
  expect((await found(mine)).version).toBe(4);
  expect((await found(memoryOf(store))).version).toBe(4);
});

test("a store that refuses what it should replace is told", async () => {
  const inner = memoryReaderStore();
  const compareAndSet = vi.fn<ReaderStore["compareAndSet"]>(async () => false);
  const memory = memoryOf({ ...inner, compareAndSet });
  expect(await failure(memory.save(undefined, one))).toMatchObject({ code: "ERR_JOURNAL" });
});

test("what is damaged, or of another log, is refused", async () => {
  const store = memoryReaderStore();
  const key = `${logId}/manifest`;
  await memoryOf(store).save(undefined, one);
  const record = JSON.parse(new TextDecoder().decode(await store.get(key))) as Record<string, unknown>;
  const other = memoryReaderStore();
  await memoryOf(other).save(undefined, foreign);
  const ofOther = new TextDecoder().decode(await other.get(key));
  for (const text of ["{", "null", "7", ofOther, JSON.stringify({ ...record, note: "none" })]) {
    await store.put(key, new TextEncoder().encode(text));
    expect(await failure(memoryOf(store).load()), text).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
      message: expect.stringContaining("damaged (manifest)"),
    });
  }
  // A label that is none is as if it were not there.
  await store.put(key, new TextEncoder().encode(JSON.stringify({ ...record, label: 7 })));
  expect(await found(memoryOf(store))).toMatchObject({ version: 1, label: undefined });
});
