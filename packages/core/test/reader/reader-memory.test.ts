// What a reader's memory does if another reader of its store is faster, and what it refuses.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import {
  databaseReaderStore,
  type ForkEvidence,
  memoryReaderStore,
  openReader,
  type ReaderStore,
} from "../../src/index.ts";
import { type KeptStates, ReaderMemory } from "../../src/reader/reader-memory.ts";
import { resolveRemote } from "../../src/reader/remote-offer.ts";
import { fork, headOf, keeping, keptIn, logId, watched, whole, writeStates } from "./branched-states.ts";

beforeAll(writeStates);

const states = (state: string): KeptStates => ({
  newest: { head: headOf(state), label: "a", revision: state },
  delivered: undefined,
  seen: undefined,
});
/** The same proof, told from the other side. */
const otherSide = (): ForkEvidence => ({ ...fork, smaller: fork.larger, larger: fork.smaller });
const forkIn = async (store: ReaderStore) => (await new ReaderMemory(store, logId).load()).fork;

test("the first proof of a fork stays, and costs no further write", async () => {
  const store = watched(memoryReaderStore());
  const memory = new ReaderMemory(store, logId);
  await memory.load();
  await memory.saveFork(fork);
  await memory.saveFork(otherSide());
  expect(await forkIn(store)).toEqual(fork);
  expect(store.writes).toBe(1);
});

test("a proof is saved beside the states that another reader saves at the very moment", async () => {
  const inner = memoryReaderStore();
  const store = watched(inner, async (write) => {
    const other = new ReaderMemory(inner, logId);
    if (write === 1) await other.saveStates(await other.load(), states("x33"));
  });
  await new ReaderMemory(store, logId).saveFork(fork);
  expect(store.writes).toBe(2);
  expect(await forkIn(inner)).toEqual(fork);
  expect(await keptIn(inner)).toMatchObject({ newest: [33, "a", "x33"] });
});

test("of two readers that find a fork at once the first says what it is", async () => {
  const inner = memoryReaderStore();
  const store = watched(inner, async (write) => {
    if (write === 1) await new ReaderMemory(inner, logId).saveFork(otherSide());
  });
  await new ReaderMemory(store, logId).saveFork(fork);
  expect(await forkIn(inner)).toEqual(otherSide());
});

test("what has not changed since the last look is not verified again", async () => {
  const store = await keeping({ newest: "x21" });
  const [memory, other] = [new ReaderMemory(store, logId), new ReaderMemory(store, logId)];
  const first = await memory.load();
  expect(await memory.load()).toBe(first);
  await other.saveFork(fork);
  expect((await memory.load()).fork).toEqual(fork);
});

test("states are not saved over what another reader saved, which is the latest then", async () => {
  const store = memoryReaderStore();
  const [one, other] = [new ReaderMemory(store, logId), new ReaderMemory(store, logId)];
  const since = await one.load();
  await other.saveStates(await other.load(), states("x33"));
  expect(await one.saveStates(since, states("x45"))).toBeUndefined();
  expect(one.latest.states?.newest.revision).toBe("x33");
  const saved = await one.saveStates(one.latest, states("x45"));
  expect(one.latest).toBe(saved);
  expect(await keptIn(store)).toMatchObject({ newest: [45, "a", "x45"] });
});

test("a store that compares wrongly is told, rather than tried for ever", async () => {
  const store = { ...memoryReaderStore(), compareAndSet: async () => false };
  const memory = new ReaderMemory(store, logId);
  const since = await memory.load();
  for (const saving of [() => memory.saveStates(since, states("x33")), () => memory.saveFork(fork)])
    expect(await failure(saving())).toMatchObject({
      code: "ERR_JOURNAL",
      message: expect.stringContaining("compareAndSet"),
    });
});

test("a proof in the store that proves nothing is damage", async () => {
  const store = memoryReaderStore();
  await new ReaderMemory(store, logId).saveFork({ ...fork, larger: fork.smaller });
  expect(await failure(new ReaderMemory(store, logId).load())).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    message: expect.stringContaining("(fork)"),
  });
});

test("proofs of former keys in the store that are none are damage", async () => {
  const proof = { genesis: "", smaller: "", larger: "", path: [] };
  for (const [former, where] of [
    [null, "mark"],
    ["", "mark"],
    [{}, "mark"],
    [[null], "mark"],
    [[{ generation: 0 }], "mark"],
    [[{ proof }], "mark"],
    [[{ generation: "0", proof }], "mark"],
    [[{ generation: 0, from: 0.5, proof }], "mark"],
    [[{ generation: 0, from: -1, proof }], "mark"],
    [[{ generation: 0, from: null, proof }], "mark"],
    [[{ generation: 0, from: 0, proof: null }], "fork"],
    [[{ generation: 0, from: 0, proof }], "fork"],
  ] as const) {
    const store = await keeping({ newest: "x21" });
    const mark = JSON.parse(new TextDecoder().decode(await store.get(`${logId}/mark`))) as object;
    await store.put(`${logId}/mark`, new TextEncoder().encode(JSON.stringify({ ...mark, former })));
    expect(await failure(new ReaderMemory(store, logId).load()), JSON.stringify(former)).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
      message: expect.stringContaining(`(${where})`),
    });
  }
});

test("a store that lacks a method, and a database that is none, are refused", async () => {
  const store = { ...memoryReaderStore(), compareAndSet: undefined };
  for (const opening of [
    () => new ReaderMemory(store as never, logId),
    () => databaseReaderStore(store as never),
  ])
    expect(await failure((async () => opening())())).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "reader.open",
    });
});

test("what earlier runs kept is known as soon as a reader is open", async () => {
  const store = await keeping({ newest: "x33", delivered: "x33" });
  const reader = await openReader({ logId, remotes: [whole("x45")], store });
  expect(reader.size).toBe(33);
  await reader.close();
});

test("a log is looked for under its id, or under the name that the remote has for it", async () => {
  for (const [given, asked] of [
    [{}, logId],
    [{ name: "another name" }, "another name"],
  ] as const) {
    const remote = { ...whole("x21"), ...given };
    const names: string[] = [];
    const resolve = remote.names.resolve.bind(remote.names);
    remote.names.resolve = (name, options) => {
      names.push(name);
      return resolve(name, options);
    };
    const offer = await resolveRemote(remote, logId, { headBytes: 2 ** 20 });
    expect(offer).toMatchObject({ status: "found", head: { checkpoint: { size: 21 } } });
    expect(names).toEqual([asked]);
  }
});
