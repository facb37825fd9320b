// What a reader remembers of keys that were replaced: proofs of what they signed, and cursors that delivered some of it.

import { beforeAll, expect, test } from "vitest";
import { type ForkEvidence, memoryReaderStore, type ReaderStore } from "../../src/index.ts";
import type { FormerProof } from "../../src/reader/former-keys.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import { fork, keeping, keptIn, logId, watched, writeStates } from "./branched-states.ts";

beforeAll(writeStates);

/** The same proof, told from the other side: another one. */
const otherSide = (): ForkEvidence => ({ ...fork, smaller: fork.larger, larger: fork.smaller });

/** What a later run finds. */
async function formerIn(store: ReaderStore): Promise<readonly FormerProof[]> {
  return (await new ReaderMemory(store, logId).load()).former;
}

test("a fork that a later key ended is kept as what the key did that signed both sides, for later runs too", async () => {
  const store = await keeping({ newest: "x21" });
  const memory = new ReaderMemory(store, logId);
  await memory.saveFork(fork);
  await memory.endFork(fork);
  expect(memory.latest.fork).toBeUndefined();
  const later = await new ReaderMemory(store, logId).load();
  expect([later.fork, later.former]).toEqual([undefined, [{ generation: 0, evidence: fork }]]);
  expect(await keptIn(store)).toMatchObject({ newest: [21, "a", "kept"] });
});

test("a store in which proofs about former keys are all that there is can be opened again", async () => {
  const found = memoryReaderStore();
  await new ReaderMemory(found, logId).saveFormer([{ generation: 0, evidence: fork }]);
  const ended = memoryReaderStore();
  const memory = new ReaderMemory(ended, logId);
  await memory.saveFork(fork);
  await memory.endFork(fork);
  for (const store of [found, ended]) {
    const later = await new ReaderMemory(store, logId).load();
    expect(later).toMatchObject({ states: undefined, fork: undefined, former: [{ evidence: fork }] });
  }
});

test("one proof of each key is kept, and each from which something was delivered", async () => {
  const store = watched(await keeping({ newest: "x21" }));
  const memory = new ReaderMemory(store, logId);
  const plain = { generation: 0, evidence: fork };
  const delivered = { generation: 0, from: 7, evidence: otherSide() };
  // Those that say what was delivered come first: then the others say nothing new.
  await memory.saveFormer([plain, delivered]);
  expect(await formerIn(store)).toEqual([delivered]);
  const { writes } = store;
  await memory.saveFormer([plain]);
  expect(store.writes).toBe(writes);
  await memory.saveFormer([{ ...delivered, from: 3 }]);
  expect((await formerIn(store)).map(({ from }) => from)).toEqual([7, 3]);
  await memory.saveFormer([{ generation: 1, evidence: fork }, plain]);
  expect((await formerIn(store)).map(({ generation }) => generation)).toEqual([0, 0, 1]);
});

test("a cursor that delivered what is not part of the log is set back to where the histories part, once", async () => {
  const store = await keeping({ newest: "x21" });
  const memory = new ReaderMemory(store, logId);
  await memory.load();
  for (const [cursor, next] of [
    ["far", 12],
    ["near", 3],
  ] as const)
    await memory.saveCursor(cursor, next);
  expect([await memory.loadCursor("far"), await memory.loadCursor("near")]).toEqual([12, 3]);
  await memory.saveFormer([{ generation: 1, evidence: otherSide() }]);
  expect(await memory.loadCursor("far")).toBe(12);
  await memory.saveFormer([{ generation: 0, from: 5, evidence: fork }]);
  expect([await memory.loadCursor("far"), await memory.loadCursor("near")]).toEqual([5, 3]);
  // One that was saved when a later key was known has delivered nothing of the former one.
  await store.put(`${logId}/cursor/later`, new TextEncoder().encode('{"next":12,"keys":1}'));
  expect(await memory.loadCursor("later")).toBe(12);
  // A new one begins at the first entry.
  expect(await memory.loadCursor("new")).toBe(0);
});

test("before anything was read of a store, nothing is known of former keys", async () => {
  const store = memoryReaderStore();
  const memory = new ReaderMemory(store, logId);
  await memory.saveCursor("one", 4);
  expect(await memory.loadCursor("one")).toBe(4);
});
