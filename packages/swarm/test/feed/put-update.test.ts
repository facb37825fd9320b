import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { toHex } from "../../src/chunk/hex.ts";
import { FeedState } from "../../src/feed/feed-state.ts";
import { headChunks } from "../../src/feed/head-chunk.ts";
import { putUpdate } from "../../src/feed/put-update.ts";
import { ChunksInMemory, callOf, feed, key, placeOf, updateOf } from "./chunks-in-memory.ts";

// What an update asks, stores and refuses, over chunks in memory.

const head = bytes("a head");
const ours = (index: bigint, of: Uint8Array = head) => ({ index, chunk: toHex(headChunks(of).root.address) });

function writerOf(memory: ChunksInMemory, { readBackMilliseconds = 60_000 } = {}) {
  const state = new FeedState(feed);
  const put = (index: bigint, of: Uint8Array = head, signal?: AbortSignal) =>
    putUpdate(
      { chunks: memory.chunks, state, key, index, head: of, checkMilliseconds: 60_000, readBackMilliseconds },
      callOf(signal),
    );
  return { state, put };
}

test("the first update looks at its place, stores itself, and reads itself back", async () => {
  const memory = new ChunksInMemory();
  const { state, put } = writerOf(memory);
  expect(await put(0n)).toEqual(ours(0n));
  expect(memory.asked).toEqual([placeOf(0n), placeOf(0n)]);
  expect(memory.uploads).toMatchObject([{ levels: [], ownerChunk: { address: updateOf(0n, head).address } }]);
  expect(state.highest).toEqual(ours(0n));
  // What was sent came back: its signature is the one that was made here.
  expect(state.newest).toBe(memory.uploads[0]?.ownerChunk);
});

test("of a feed that was never seen, the update before is looked for; of one that was seen, it is not", async () => {
  const memory = new ChunksInMemory();
  memory.plant(4n, bytes("before"));
  const { put } = writerOf(memory);
  await put(5n);
  expect(memory.asked).toEqual([placeOf(5n), placeOf(4n), placeOf(5n)]);
  memory.asked.length = 0;
  await put(6n, bytes("next"));
  expect(memory.asked).toEqual([placeOf(6n), placeOf(6n)]);
});

test("a large head is stored before the update that names it", async () => {
  const memory = new ChunksInMemory();
  const large = randomBytes(5000);
  expect(await writerOf(memory).put(0n, large)).toEqual(ours(0n, large));
  expect(memory.uploads[0]?.levels).toEqual(headChunks(large).tree);
});

test("an update that is there already is not stored again, but the tree of its head is", async () => {
  const memory = new ChunksInMemory();
  await writerOf(memory).put(0n);
  const large = randomBytes(5000);
  await writerOf(memory).put(1n, large);
  memory.uploads.length = 0;
  const { state, put } = writerOf(memory);
  expect(await put(0n)).toEqual(ours(0n));
  expect(memory.uploads).toEqual([]);
  expect(await put(1n, large)).toEqual(ours(1n, large));
  expect(memory.uploads).toEqual([{ levels: headChunks(large).tree }]);
  expect(state.highest).toEqual(ours(1n, large));
});

test("a node that shows what the network may lack gets the update once more, without a search before it", async () => {
  const memory = new ChunksInMemory();
  memory.showsUnpushed = true;
  memory.plant(7n, head);
  expect(await writerOf(memory).put(7n)).toEqual(ours(7n));
  expect(memory.uploads).toMatchObject([{ levels: [], ownerChunk: { address: updateOf(7n, head).address } }]);
  expect(memory.asked).toEqual([placeOf(7n), placeOf(7n)]);
});

test.each([
  ["another update at its index", 5n, bytes("another")],
  ["another update above", 6n, bytes("another")],
  ["the same head above", 6n, head],
])("if %s was seen, nothing is asked or stored", async (_, index, other) => {
  const memory = new ChunksInMemory();
  const { state, put } = writerOf(memory);
  state.saw(index, updateOf(index, other));
  expect(await failure(put(5n))).toMatchObject({ code: "ERR_NAME_CONFLICT", operation: "names.update" });
  expect([memory.asked, memory.uploads]).toEqual([[], []]);
});

test("what was seen at the index may be this very update", async () => {
  const memory = new ChunksInMemory();
  const { state, put } = writerOf(memory);
  state.saw(5n, memory.plant(5n, head));
  expect(await put(5n)).toEqual(ours(5n));
});

test("another update at the index is a conflict: nothing is stored, and it is remembered", async () => {
  const memory = new ChunksInMemory();
  memory.plant(0n, bytes("another"));
  const { state, put } = writerOf(memory);
  expect(await failure(put(0n))).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(memory.uploads).toEqual([]);
  expect(state.highest).toEqual(ours(0n, bytes("another")));
});

test("another update that shows when ours is read back is a conflict, too", async () => {
  const memory = new ChunksInMemory();
  memory.keeps = false;
  const { data } = updateOf(0n, bytes("another"));
  memory.says.set(placeOf(0n), async () => (memory.uploads.length === 0 ? undefined : data));
  const error = await failure(writerOf(memory).put(0n));
  expect(error).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(error.message).toContain("update 0 holds");
});

test("a conflict above says what is where", async () => {
  const { state, put } = writerOf(new ChunksInMemory());
  state.saw(6n, updateOf(6n, head));
  expect((await failure(put(5n))).message).toContain("update 6, which is above update 5, holds");
});

test("an answer that says nothing does not stop an update, and is the cause if it never shows", async () => {
  const memory = new ChunksInMemory();
  const broken = new Error("broken");
  memory.says.set(placeOf(0n), () => Promise.reject(broken));
  const error = await failure(writerOf(memory, { readBackMilliseconds: 1 }).put(0n));
  expect(error).toMatchObject({
    code: "ERR_TIMEOUT",
    operation: "names.update",
    retry: "safe",
    cause: broken,
  });
  expect(error.message).toContain("update 0 is stored, and did not show it");
  expect(memory.uploads).toHaveLength(1);
});

test("an update that is missing when it is read back is asked for again, and what failed before is forgotten", async () => {
  const memory = new ChunksInMemory();
  memory.keeps = false;
  const answers: (() => Promise<undefined>)[] = [
    async () => undefined,
    () => Promise.reject(new Error("broken")),
  ];
  memory.says.set(placeOf(0n), () => (answers.shift() ?? (async () => undefined))());
  const error = await failure(writerOf(memory, { readBackMilliseconds: 120 }).put(0n));
  expect(error).toMatchObject({ code: "ERR_TIMEOUT", operation: "names.update" });
  expect(error.cause).toBeUndefined();
  expect(memory.asked.length).toBeGreaterThan(2);
});

test.each([
  ["before it is stored", 0],
  ["after it is stored", 1],
])("an abort %s ends it with its own reason", async (_, uploads) => {
  const memory = new ChunksInMemory();
  const controller = new AbortController();
  memory.says.set(placeOf(0n), async () => {
    if (memory.uploads.length < uploads) return undefined;
    controller.abort("enough");
    throw new DOMException("stop", "AbortError");
  });
  expect(await failure(writerOf(memory).put(0n, head, controller.signal))).toBe("enough");
  expect(memory.uploads).toHaveLength(uploads);
});

test("an update that nobody would find is not stored", async () => {
  const memory = new ChunksInMemory();
  const error = await failure(writerOf(memory).put(300n));
  expect(error).toMatchObject({ code: "ERR_STALE", retry: "never", operation: "names.update" });
  expect(memory.uploads).toEqual([]);
});
