// Parts of contents, as the shell of a storage handles them.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Call, defineStorage } from "../../src/adapter/index.ts";
import { type Address, addressOf, type ByteRange, rawSha256, type StorageBackend } from "../../src/index.ts";
import { storageDriver } from "./fake-drivers.ts";

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);

test("a range goes to a driver that reads ranges, which declares them by having the method", async () => {
  const asked: unknown[] = [];
  const pool = Buffer.from([9, 2, 3, 9]);
  const { driver, calls } = storageDriver({
    async getRange(at: Address, range: ByteRange, call: Call) {
      asked.push(`${at}`, range, call.context.operation);
      return pool.subarray(1, 3);
    },
  });
  const storage = defineStorage(driver);
  expect(storage.capabilities.ranges).toBe(true);
  const given = { offset: 1, length: 2, further: true };
  const read = await storage.get(address, { range: given, maxBytes: 2 });
  pool.fill(0);
  expect([read.constructor, ...read]).toEqual([Uint8Array, 2, 3]);
  expect(asked).toEqual([`${address}`, { offset: 1, length: 2 }, "storage.get"]);
  expect(calls()).toBe(0);
});

test("a driver without ranges is asked for none, and declares none", async () => {
  const { driver, calls } = storageDriver();
  const storage: StorageBackend = defineStorage(driver);
  expect("ranges" in storage.capabilities).toBe(false);
  const error = await failure(storage.get(address, { range: { offset: 0, length: 1 } }));
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", reason: "no-ranges", operation: "storage.get" });
  expect(error.message).toContain("the fake service");
  expect(calls()).toBe(0);
});

test("of a range, an absence is ERR_NOT_FOUND, and more bytes than were asked for are refused", async () => {
  const giving = (content: Uint8Array | undefined) =>
    defineStorage(storageDriver({ getRange: async () => content }).driver).get(address, {
      range: { offset: 0, length: 2 },
    });
  expect(await failure(giving(undefined))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(await failure(giving(new Uint8Array(3)))).toMatchObject({ code: "ERR_TOO_LARGE", limit: 2 });
  expect(await giving(new Uint8Array(2))).toEqual(new Uint8Array(2));
});

test("a range that can't be read is refused before the driver is asked", async () => {
  let calls = 0;
  const getRange = async () => {
    calls++;
    return content;
  };
  const storage = defineStorage(storageDriver({ getRange }).driver);
  const most = Number.MAX_SAFE_INTEGER;
  for (const range of [
    null,
    3,
    {},
    { offset: -1, length: 1 },
    { offset: 0, length: 0 },
    { offset: 0.5, length: 1 },
    { offset: 0, length: 1.5 },
    { offset: "0", length: 1 },
    { offset: most, length: 1 },
  ]) {
    const error = await failure(storage.get(address, { range: range as never }));
    expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", operation: "storage.get" });
    expect(error.message).toContain("`range` must be an offset from 0 and a length from 1, both whole");
  }
  for (const [length, maxBytes, limit] of [
    [101, undefined, 100],
    [11, 10, 10],
  ] as const) {
    const error = await failure(storage.get(address, { range: { offset: 0, length }, maxBytes }));
    expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit });
    expect(error.message).toContain("Ask for fewer bytes at once.");
  }
  expect(calls).toBe(0);
});
