// Several contents at once, as the shell of a storage handles them.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type Call, defineStorage, HttpFailure, limitCalls } from "../../src/adapter/index.ts";
import {
  type Address,
  addressOf,
  QuotaExhaustedError,
  rawSha256,
  type StorageBackend,
} from "../../src/index.ts";
import { storageDriver } from "./fake-drivers.ts";

const [one, two] = [new Uint8Array([1, 2, 3]), new Uint8Array([4])];
const [first, second] = [await addressOf(one, rawSha256), await addressOf(two, rawSha256)];
const limits = { contents: 3, bytes: 150 };

type PutMany = (contents: readonly Uint8Array[], call: Call) => Promise<readonly (Address | Error)[]>;

/** A storage whose driver takes up to three contents of 150 bytes at once. */
function storageThat(putMany: PutMany) {
  let calls = 0;
  const { driver } = storageDriver({
    capabilities: { largestContent: 100, hashTypes: [rawSha256], readYourWrites: true, putMany: limits },
    putMany: (contents: readonly Uint8Array[], call: Call) => {
      calls++;
      return putMany(contents, call);
    },
  });
  return { storage: defineStorage(driver), calls: () => calls };
}

const addressesOf: PutMany = (contents) =>
  Promise.all(contents.map((content) => addressOf(content, rawSha256)));

test("a driver that takes several contents declares so by having the method, with its limits or the usual ones", () => {
  const { storage } = storageThat(addressesOf);
  expect(storage.capabilities.putMany).toEqual(limits);
  expect(Object.isFrozen(storage.capabilities.putMany)).toBe(true);
  const usual = defineStorage(storageDriver({ putMany: addressesOf }).driver);
  expect(usual.capabilities.putMany).toEqual({ contents: 16, bytes: 1_048_576 });
  const { driver } = storageDriver({
    capabilities: { largestContent: 100, hashTypes: [rawSha256], readYourWrites: true, putMany: limits },
  });
  const without: StorageBackend = defineStorage(driver);
  expect("putMany" in without || "putMany" in without.capabilities).toBe(false);
});

test("the driver gets copies, the operation and a signal; its answers become outcomes in their order", async () => {
  const seen: unknown[] = [];
  const { storage } = storageThat(async (contents, call) => {
    await Promise.resolve();
    seen.push(call.context.operation, call.context.action, call.signal.aborted, ...contents);
    return [first, second];
  });
  const mine = new Uint8Array(one);
  const putting = storage.putMany([mine, two]);
  mine.fill(9);
  expect(await putting).toEqual([
    { status: "fulfilled", value: first },
    { status: "fulfilled", value: second },
  ]);
  expect(seen).toEqual(["storage.putMany", "storing several contents at the fake service", false, one, two]);
});

test("what a content failed with is translated as what is thrown, and the others are stored", async () => {
  const full = new QuotaExhaustedError("full", { operation: "storage.putMany" });
  const { storage } = storageThat(async () => [new HttpFailure(503, "busy", 2000), first, full]);
  const outcomes = await storage.putMany([one, two, one]);
  expect(outcomes).toMatchObject([
    { status: "rejected", reason: { code: "ERR_UNREACHABLE", operation: "storage.putMany" } },
    { status: "fulfilled", value: first },
    { status: "rejected", reason: full },
  ]);
  const [busy] = outcomes as PromiseRejectedResult[];
  expect(busy?.reason).toMatchObject({ retryAfterMilliseconds: 2000 });
  const broken = storageThat(() => Promise.reject(new Error("no")));
  expect(await failure(broken.storage.putMany([one]))).toMatchObject({
    code: "ERR_UNREACHABLE",
    operation: "storage.putMany",
  });
});

test.each([
  ["less", [first]],
  ["more", [first, second, first]],
])("%s answers than contents are ERR_INTEGRITY", async (_what, answers) => {
  const { storage } = storageThat(async () => answers);
  expect(await failure(storage.putMany([one, two]))).toMatchObject({
    code: "ERR_INTEGRITY",
    operation: "storage.putMany",
    message: expect.stringContaining(`${answers.length} contents were answered for, and 2 were sent`),
  });
});

test("no contents are no call of the driver", async () => {
  const { storage, calls } = storageThat(addressesOf);
  expect(await storage.putMany([])).toEqual([]);
  expect(calls()).toBe(0);
});

test.each([
  [
    "a content",
    one as never,
    "ERR_INVALID_INPUT",
    /`contents` must be an array of Uint8Array, not Uint8Array/,
  ],
  ["a text among them", [one, "text" as never], "ERR_INVALID_INPUT", /`content` must be a Uint8Array/],
  [
    "more than three",
    [one, one, one, one],
    "ERR_INVALID_INPUT",
    /4 contents are more than the 3 of one call/,
  ],
  ["a large one", [one, new Uint8Array(101)], "ERR_TOO_LARGE", /101 bytes.*limit is 100\. Split it/],
  [
    "too much in all",
    [new Uint8Array(100), new Uint8Array(51)],
    "ERR_TOO_LARGE",
    /151 bytes.*limit is 150\. Store fewer contents at once/,
  ],
])("%s is refused before the driver is asked", async (_what, contents, code, message) => {
  const { storage, calls } = storageThat(addressesOf);
  const error = await failure(storage.putMany(contents));
  expect(error).toMatchObject({ code, operation: "storage.putMany" });
  expect(error.message).toMatch(message);
  expect(calls()).toBe(0);
});

test("three contents, and 150 bytes, are not too much", async () => {
  const { storage } = storageThat(addressesOf);
  expect(await storage.putMany([one, one, one])).toHaveLength(3);
  expect(await storage.putMany([new Uint8Array(100), new Uint8Array(50)])).toHaveLength(2);
});

test("it ends with its signal, with the end of the storage, and after its own time, and counts among the writes", async () => {
  const never: PutMany = () => new Promise(() => undefined);
  const { storage } = storageThat(never);
  const controller = new AbortController();
  const ending = failure(storage.putMany([one], { signal: controller.signal }));
  controller.abort("enough");
  expect(await ending).toBe("enough");
  const closing = failure(storage.putMany([one]));
  await storage.close();
  expect(await closing).toMatchObject({
    code: "ERR_CLOSED",
    message: expect.stringContaining("outcome of the write is unknown"),
  });
  const { driver } = storageDriver({
    limits: limitCalls({ writesAtOnce: 1, milliseconds: { putMany: 20 } }),
    putMany: never,
  });
  const limited = defineStorage(driver);
  const late = failure(limited.putMany([one]));
  // Waits for the only place of a write.
  const put = limited.put(two);
  expect(await late).toMatchObject({ code: "ERR_TIMEOUT", operation: "storage.putMany" });
  expect(`${await put}`).toBe(`${second}`);
});
