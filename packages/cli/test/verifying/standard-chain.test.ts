import type { Remote } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { IdentifierHashes } from "../../src/verifying/identifier-hashes.ts";
import { checkStandardChain } from "../../src/verifying/standard-chain.ts";

const signal = new AbortController().signal;

function id(sequence: number): Uint8Array {
  return new Uint8Array(32).fill(sequence);
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(number * 8 + 2, bytes.length), bytes]);
}

/** A page of the plain standard, of fewer than 128 bytes a field. */
function page(ids: readonly Uint8Array[], tail: Uint8Array): Uint8Array {
  const pairs = ids.map((one) => field(1, Buffer.concat([field(2, one), field(3, Uint8Array.of(1, 2))])));
  return Buffer.concat([...pairs, field(2, tail)]);
}

/** Stores pages, oldest first, and returns the head: the last of them. */
async function chain(remote: Remote, pages: readonly (readonly number[])[]): Promise<Uint8Array> {
  let tail: Uint8Array = new Uint8Array(0);
  let head: Uint8Array = new Uint8Array(0);
  for (const sequences of pages) {
    head = page(sequences.map(id), tail);
    tail = (await remote.storage.put(head)).bytes;
  }
  return head;
}

async function check(pages: readonly (readonly number[])[], size: number): Promise<number> {
  const remote = memoryRemote({ label: "memory" });
  const head = await chain(remote, pages);
  const ids = new IdentifierHashes();
  for (let i = 0; i < size; i++) ids.add(id(i));
  const { pages: count, from } = await checkStandardChain(remote, head, { ids, size, mayEnd: false }, signal);
  expect(from).toBe(0);
  return count;
}

test("a chain with the same entries passes", async () => {
  expect(await check([[1, 0], [3, 2], [4]], 5)).toBe(2);
  expect(await check([[]], 0)).toBe(0);
});

test("a chain may end at a page that is gone only if contents were removed, and says where", async () => {
  const remote = memoryRemote({ label: "memory" });
  const head = await chain(remote, [[1, 0], [3, 2], [4]]);
  const ids = new IdentifierHashes();
  for (let i = 0; i < 5; i++) ids.add(id(i));
  for await (const address of remote.storage.list!()) {
    const bytes = await remote.storage.get(address);
    if (Buffer.from(bytes).includes(Buffer.from(id(0)))) await remote.storage.delete!(address);
  }
  const gone = (mayEnd: boolean) => checkStandardChain(remote, head, { ids, size: 5, mayEnd }, signal);
  expect(await gone(true)).toEqual({ pages: 1, from: 2 });
  await expect(gone(false)).rejects.toMatchObject({ code: "ERR_NOT_FOUND" });
});

test.each([
  ["lacks the oldest page", [[3, 2], [4]]],
  ["has another entry", [[1, 9], [3, 2], [4]]],
  ["has two entries in the wrong order", [[0, 1], [3, 2], [4]]],
  ["has an entry more", [[0], [1, 0], [3, 2], [4]]],
  [
    "lacks the newest entry",
    [
      [1, 0],
      [3, 2],
    ],
  ],
])("a chain that %s is refused", async (_, pages) => {
  await expect(check(pages, 5)).rejects.toMatchObject({ code: "ERR_INTEGRITY" });
});
