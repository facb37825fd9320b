// What a storage answers to several contents, compared with their addresses.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { addressOf, type PutOutcome, rawSha256, type StorageBackend } from "../../src/index.ts";
import { putManyChecked } from "../../src/remote/checked-put.ts";

const contents = [new Uint8Array([1]), new Uint8Array([2])];
const objects = await Promise.all(
  contents.map(async (content) => ({ content, address: await addressOf(content, rawSha256) })),
);
const [first, second] = objects.map(({ address }): PutOutcome => ({ status: "fulfilled", value: address }));
const failed: PutOutcome = { status: "rejected", reason: new Error("no") };
const signal = new AbortController().signal;

/** A storage that answers so, and notes what it was given. */
function answering(...outcomes: readonly PutOutcome[]) {
  const given: unknown[] = [];
  const putMany: StorageBackend["putMany"] = async (...args) => {
    given.push(...args);
    return outcomes;
  };
  return { storage: { name: "fake", putMany } as StorageBackend, given };
}

test("the outcomes of the storage are those of the contents, failures included", async () => {
  const { storage, given } = answering(first!, failed);
  expect(await putManyChecked(storage, objects, signal)).toEqual([first, failed]);
  expect(given).toEqual([contents, { signal }]);
});

test("another address is ERR_INTEGRITY for its content", async () => {
  const outcomes = await putManyChecked(answering(first!, first!).storage, objects, signal);
  expect(outcomes).toMatchObject([
    first,
    { status: "rejected", reason: { code: "ERR_INTEGRITY", operation: "storage.putMany" } },
  ]);
});

test.each([[[first!]], [[first!, second!, failed]]])(
  "another number of outcomes is ERR_INTEGRITY for all",
  async (outcomes) => {
    const error = await failure(putManyChecked(answering(...outcomes).storage, objects, signal));
    expect(error).toMatchObject({
      code: "ERR_INTEGRITY",
      operation: "storage.putMany",
      message: expect.stringContaining(`fake answered for ${outcomes.length} contents, and was given 2`),
    });
  },
);

test("after an abort the storage is not asked", async () => {
  const { storage, given } = answering(first!, second!);
  expect(await failure(putManyChecked(storage, objects, AbortSignal.abort("enough")))).toBe("enough");
  expect(given).toEqual([]);
});
