// A seed in a store: made once, by one of all who ask, and never replaced.

import { whole } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { afterEach, expect, test, vi } from "vitest";
import { sealSeed } from "../../src/crypto/sealed-seed.ts";
import { databaseReaderStore, generateSeed, loadOrCreateSeed, memoryReaderStore } from "../../src/index.ts";

// The work of a second each time, in the whole run alone.
vi.mock("../../src/age/age-file.ts", async (original) => {
  const ageFile = await original<typeof import("../../src/age/age-file.ts")>();
  return { ...ageFile, SCRYPT_WORK: whole ? ageFile.SCRYPT_WORK : 2 };
});

afterEach(() => vi.unstubAllGlobals());

test("the first call makes the seed, and every later one gets the same", async () => {
  const store = memoryReaderStore();
  const seed = await loadOrCreateSeed(store);
  expect(seed.length).toBe(32);
  expect(await loadOrCreateSeed(store)).toEqual(seed);
  expect(await loadOrCreateSeed(store, { key: "another log" })).not.toEqual(seed);
  expect(await loadOrCreateSeed(memoryReaderStore())).not.toEqual(seed);
});

test("what a caller does to its seed does not change the stored one", async () => {
  const store = memoryReaderStore();
  const seed = await loadOrCreateSeed(store);
  const copy = seed.slice();
  seed.fill(0);
  expect(await loadOrCreateSeed(store)).toEqual(copy);
});

test("two stores on one database that ask at once get one seed", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const seeds = await Promise.all([1, 2, 3].map(() => loadOrCreateSeed(databaseReaderStore(database))));
  expect(seeds[1]).toEqual(seeds[0]);
  expect(seeds[2]).toEqual(seeds[0]);
});

/** One IndexedDB as a tab sees it: with a database object of its own over what all of them share, and slow. */
function tabOn(values: Map<string, Uint8Array>): ReturnType<typeof databaseReaderStore> {
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
  const keyOf = (key: Uint8Array): string => new TextDecoder().decode(key);
  const database = {
    location: "keys",
    open: pause,
    close: pause,
    iterator: pause,
    get: async (key: Uint8Array) => {
      await pause();
      return values.get(keyOf(key));
    },
    batch: async ([{ key, value }]: [{ key: Uint8Array; value: Uint8Array }]) => {
      await pause();
      values.set(keyOf(key), value);
    },
  };
  return databaseReaderStore(database as unknown as Parameters<typeof databaseReaderStore>[0]);
}

test("two tabs at once get one seed, by the browser's locks", async () => {
  let turn: Promise<unknown> = Promise.resolve();
  const locks = {
    request: (_name: string, _options: object, work: () => Promise<unknown>) => {
      const mine = turn.then(work);
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
  vi.stubGlobal("navigator", { locks });
  const values = new Map<string, Uint8Array>();
  const [first, second] = await Promise.all([
    loadOrCreateSeed(tabOn(values)),
    loadOrCreateSeed(tabOn(values)),
  ]);
  expect(second).toEqual(first);
});

test("a store keeps a seed behind a passphrase, which nothing replaces", async () => {
  const store = memoryReaderStore();
  const seed = generateSeed();
  await store.put("seed", new TextEncoder().encode(await sealSeed(seed, "orbit velvet", { workFactor: 2 })));
  expect(await loadOrCreateSeed(store, { passphrase: "orbit velvet" })).toEqual(seed);
  for (const [passphrase, reason] of [
    [undefined, "passphrase-needed"],
    ["Orbit velvet", "wrong-passphrase"],
    ["", "empty-passphrase"],
  ] as const) {
    const refused = loadOrCreateSeed(store, { passphrase });
    await expect(refused).rejects.toMatchObject({ code: "ERR_INVALID_INPUT", reason });
  }
  expect(await loadOrCreateSeed(store, { passphrase: "orbit velvet" })).toEqual(seed);
  await store.put("plain", seed);
  const plain = loadOrCreateSeed(store, { key: "plain", passphrase: "orbit velvet" });
  await expect(plain).rejects.toMatchObject({ reason: "not-sealed" });
});

test("an empty passphrase is refused as such, also if the seed is kept without one", async () => {
  const store = memoryReaderStore();
  await loadOrCreateSeed(store);
  const refused = loadOrCreateSeed(store, { passphrase: "" });
  await expect(refused).rejects.toMatchObject({ code: "ERR_INVALID_INPUT", reason: "empty-passphrase" });
});

test("a new seed is kept sealed if there is a passphrase", async () => {
  const store = memoryReaderStore();
  const seed = await loadOrCreateSeed(store, { passphrase: "orbit velvet" });
  const kept = Buffer.from((await store.get("seed"))!).toString();
  expect(kept).toContain("BEGIN AGE ENCRYPTED FILE");
  expect(kept).not.toContain(Buffer.from(seed).toString("hex").slice(0, 8));
  expect(await loadOrCreateSeed(store, { passphrase: "orbit velvet" })).toEqual(seed);
});

test.each([0, 31, 33])("a value of %d bytes is no seed, and is left as it is", async (length) => {
  const store = memoryReaderStore();
  await store.put("seed", new Uint8Array(length));
  await expect(loadOrCreateSeed(store)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "not-a-seed",
  });
  expect(await store.get("seed")).toEqual(new Uint8Array(length));
});

test.each([
  ["bytes that are no text", new Uint8Array(33).fill(0xff)],
  ["the digits of a seed", new TextEncoder().encode("ab".repeat(32))],
  ["a text as long as a seed", "x".repeat(32)],
  ["the text of an age file", "-----BEGIN AGE ENCRYPTED FILE-----"],
])("%s in a store: no seed", async (_what, held) => {
  const store = { get: async () => held, compareAndSet: async () => false };
  await expect(loadOrCreateSeed(store as never)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "not-a-seed",
  });
});

test("what is no store is refused", async () => {
  for (const store of [undefined, null, "path", 7, {}, new MemoryLevel()]) {
    await expect(loadOrCreateSeed(store as never)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

test("an aborted signal ends the call with its reason, and stores nothing", async () => {
  const store = memoryReaderStore();
  const reason = new Error("enough");
  await expect(loadOrCreateSeed(store, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(await store.get("seed")).toBeUndefined();
});
