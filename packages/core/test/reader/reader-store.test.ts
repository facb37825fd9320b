// The stores of this package: what they hold are bytes of their own, and each write is whole.

import { failure } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import { databaseReaderStore, memoryReaderStore } from "../../src/index.ts";

const stores = [
  ["in memory", () => memoryReaderStore()],
  ["on a database", () => databaseReaderStore(new MemoryLevel<Uint8Array, Uint8Array>())],
] as const;

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test.each(stores)(
  "a store %s keeps what was set, and shows no change that a caller makes later",
  async (_where, open) => {
    const store = open();
    expect(await store.get("key")).toBeUndefined();
    const given = bytes(1);
    const setting = store.put("key", given);
    given[0] = 9;
    await setting;
    const got = (await store.get("key"))!;
    expect(got).toEqual(bytes(1));
    got[0] = 9;
    expect(await store.get("key")).toEqual(bytes(1));
    const [expected, next] = [bytes(1), bytes(2)];
    const comparing = store.compareAndSet("key", expected, next);
    expected[0] = 9;
    next[0] = 9;
    expect(await comparing).toBe(true);
    expect(await store.get("key")).toEqual(bytes(2));
    expect(await store.get("another")).toBeUndefined();
  },
);

test.each(stores)("a store %s sets a value only over the one that is expected", async (_where, open) => {
  const store = open();
  for (const [expected, isSet] of [
    [bytes(1), false],
    [undefined, true],
    [undefined, false],
    [bytes(2), false],
    [bytes(), false],
    [bytes(1), true],
  ] as const)
    expect(await store.compareAndSet("key", expected, bytes(1))).toBe(isSet);
  // Of several at once, one.
  const all = await Promise.all([2, 3, 4].map((value) => store.compareAndSet("key", bytes(1), bytes(value))));
  expect(all).toEqual([true, false, false]);
  expect(await store.get("key")).toEqual(bytes(2));
});

test.each(stores)(
  "of a store %s a call whose signal was aborted before rejects, and writes nothing",
  async (_where, open) => {
    const store = open();
    await store.put("key", bytes(1));
    const signal = AbortSignal.abort("gave up");
    for (const call of [
      () => store.get("key", { signal }),
      () => store.put("key", bytes(2), { signal }),
      () => store.compareAndSet("key", bytes(1), bytes(2), { signal }),
    ])
      expect(await failure(call())).toBe("gave up");
    expect(await store.get("key")).toEqual(bytes(1));
  },
);

test("a write to a database is one durable batch, and two stores on it take turns", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const batch = vi.spyOn(database, "batch");
  const [one, two] = [databaseReaderStore(database), databaseReaderStore(database)];
  const set = await Promise.all([one, two].map((store) => store.compareAndSet("key", undefined, bytes(1))));
  expect(set).toEqual([true, false]);
  await two.put("key", bytes(2));
  expect(batch).toHaveBeenCalledTimes(2);
  for (const [, options] of batch.mock.calls as readonly (readonly unknown[])[])
    expect(options).toMatchObject({ sync: true });
  expect(await one.get("key")).toEqual(bytes(2));
});
