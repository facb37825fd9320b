import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { checkFindable } from "../../src/feed/check-findable.ts";
import { ChunksInMemory, callOf, feed, placeOf, updateOf } from "./chunks-in-memory.ts";

const head = bytes("a head");

function check(memory: ChunksInMemory, index: bigint): Promise<void> {
  return checkFindable({ chunks: memory.chunks, feed, index, ownerChunk: updateOf(index, head) }, callOf());
}

test("the first update is found by everybody: nothing is asked", async () => {
  const memory = new ChunksInMemory();
  await check(memory, 0n);
  expect(memory.asked).toEqual([]);
});

test("if the update before is there, that is enough", async () => {
  const memory = new ChunksInMemory();
  memory.plant(299n, head);
  await check(memory, 300n);
  expect(memory.asked).toEqual([placeOf(299n)]);
});

test("an answer that says nothing about it is enough, too", async () => {
  const memory = new ChunksInMemory();
  memory.says.set(placeOf(299n), () => Promise.reject(new Error("broken")));
  await check(memory, 300n);
  expect(memory.asked).toEqual([placeOf(299n)]);
});

test("if it is missing, the update has to be found by a search that begins at nothing", async () => {
  const memory = new ChunksInMemory();
  for (const index of [0n, 1n]) memory.plant(index, head);
  await check(memory, 3n);
  // The update itself was not asked for: it counts as if it were there.
  expect(memory.asked).not.toContain(placeOf(3n));
  expect(memory.asked).toContain(placeOf(0n));
});

test("another one above it is found instead, which is no worse", async () => {
  const memory = new ChunksInMemory();
  for (const index of [0n, 1n, 2n, 4n]) memory.plant(index, head);
  memory.stored.delete(placeOf(2n));
  await expect(check(memory, 3n)).resolves.toBeUndefined();
});

test.each([
  ["nothing is left", 0n],
  ["all that is left is far below", 11n],
])("if %s, it would not be found", async (_, length) => {
  const memory = new ChunksInMemory();
  for (let index = 0n; index < length; index++) memory.plant(index, head);
  const error = await failure(check(memory, 5000n));
  expect(error).toMatchObject({ code: "ERR_STALE", retry: "never", operation: "names.update" });
  expect(error.message).toContain("update 4999");
});
