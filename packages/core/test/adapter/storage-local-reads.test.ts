// Reads of a storage's own store alone, as the shell of a storage handles them.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Call, defineStorage } from "../../src/adapter/index.ts";
import { type Address, addressOf, rawSha256, type StorageBackend } from "../../src/index.ts";
import { storageDriver } from "./fake-drivers.ts";

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);

test("a local read goes to a driver that has a method for it, and declares it by that", async () => {
  const asked: unknown[] = [];
  const held = new Uint8Array(content);
  const {
    driver,
    calls,
    held: stored,
  } = storageDriver({
    async getLocal(at: Address, limit: number, call: Call) {
      asked.push(`${at}`, limit, call.context.operation);
      return held;
    },
  });
  const storage = defineStorage(driver);
  expect(storage.capabilities.localReads).toBe(true);
  const read = await storage.get(address, { local: true, maxBytes: 7 });
  held.fill(0);
  expect(read).toEqual(content);
  expect([asked, calls()]).toEqual([[`${address}`, 7, "storage.get"], 0]);
  // Whatever is not true asks as before.
  stored.set(`${address}`, content);
  for (const local of [false, undefined, 1]) await storage.get(address, { local: local as never });
  expect([asked.length, calls()]).toEqual([3, 3]);
});

test("what the own store lacks is ERR_NOT_FOUND, and what is too large is refused", async () => {
  const giving = (content: Uint8Array | undefined) =>
    defineStorage(storageDriver({ getLocal: async () => content }).driver).get(address, {
      local: true,
      maxBytes: 2,
    });
  expect(await failure(giving(undefined))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await failure(giving(content))).toMatchObject({ code: "ERR_TOO_LARGE", limit: 2 });
});

test("a storage that can't be asked so refuses, as it does for a range", async () => {
  const { driver, calls } = storageDriver();
  const storage: StorageBackend = defineStorage(driver);
  expect("localReads" in storage.capabilities).toBe(false);
  const both = { getLocal: async () => content, getRange: async () => content };
  const range = { offset: 0, length: 1 };
  for (const get of [
    storage.get(address, { local: true }),
    defineStorage(storageDriver(both).driver).get(address, { local: true, range }),
  ]) {
    const error = await failure(get);
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "no-local-reads" });
    expect(error).toMatchObject({ operation: "storage.get" });
    expect(error.message).toContain("the fake service");
    expect(error.message).toContain("its own store alone");
  }
  expect(calls()).toBe(0);
});
