// The newest state of a log: forks, what may be delivered, and what readers of one store do to each other.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { ForkError, memoryReaderStore } from "../../src/index.ts";
import { ReaderMemory } from "../../src/reader/reader-memory.ts";
import {
  deliver,
  down,
  fork,
  headOf,
  keeping,
  keptIn,
  logId,
  open,
  type Scripted,
  show,
  signal,
  sizes,
  sync,
  viewOf,
  watched,
  whole,
  withheld,
  writeStates,
} from "./branched-states.ts";

beforeAll(writeStates);

test.each([
  ["at the same size, without a request", { newest: "x21", seen: "y45" }, [withheld, "x45"], "a"],
  ["by the newest state, which is larger", { newest: "x21", seen: "y33" }, [whole, "x45"], "a"],
  ["by what was delivered", { newest: "y45", delivered: "y33" }, [withheld, "x33"], "a"],
  ["by what is newest", { newest: "y33" }, [whole, "x45"], "a"],
  ["of two states that are kept", { newest: "x33", seen: "y33" }, [whole, "x21"], "an earlier run"],
] as const)("a fork is found %s", async (_how, kept, [showing, state], whose) => {
  const store = await keeping({ ...kept, label: "gone" });
  const remote = showing(state);
  const newest = await open([remote], { store });
  const error = await failure(sync(newest));
  expect(error).toBeInstanceOf(ForkError);
  expect((error as Error).message).toContain(`(seen on ${whose})`);
  // It is kept, and this reader and every other of the store stops.
  expect((await new ReaderMemory(store, logId).load()).fork).toEqual((error as ForkError).evidence);
  const asked = remote.names.asked.length;
  expect(await failure(sync(newest))).toBe(error);
  expect(remote.names.asked.length).toBe(asked);
});

test("a fork freezes the log though the store can't keep the proof", async () => {
  const store = watched(await keeping({ newest: "y33", label: "gone" }), () => Promise.reject(down()));
  const newest = await open([whole("x45", "a"), whole("y33", "b")], { store });
  const error = await failure(sync(newest));
  expect(error).toBeInstanceOf(ForkError);
  expect(() => newest.throwIfForked()).toThrow(error);
  expect(await failure(newest.checkStore(signal))).toBe(error);
  expect(store.writes).toBe(1);
  // So it does if the states that contradict each other were both kept.
  const kept = await keeping({ newest: "x33", label: "gone", seen: "y33" });
  const failing = await open([whole("x21")], { store: watched(kept, () => Promise.reject(down())) });
  expect(await failure(sync(failing))).toBeInstanceOf(ForkError);
});

test("two remotes that contradict each other are a fork, though neither can be compared with what was delivered", async () => {
  const store = await keeping({ newest: "x45", label: "gone", delivered: "x45" });
  const newest = await open([whole("x21", "a"), whole("y33", "b")], { store });
  expect(await failure(sync(newest))).toBeInstanceOf(ForkError);
});

test("an abort while states are compared ends the sync with its reason, and keeps nothing", async () => {
  const controller = new AbortController();
  const store = watched(memoryReaderStore());
  const remotes = [whole("x45", "a"), whole("x33", "b")];
  remotes[0]!.storage.before = async () => {
    controller.abort("gave up");
    return undefined;
  };
  const newest = await open(remotes, { store });
  expect(await failure(newest.sync(controller.signal, false))).toBe("gave up");
  expect([store.writes, newest.views]).toEqual([0, []]);
});

test("nothing of a state is delivered before the store has accepted it, and each is written once", async () => {
  const store = watched(memoryReaderStore());
  const remote = whole("x33");
  const newest = await open([remote], { store });
  await sync(newest);
  expect(newest.mayDeliver(0, 0)).toBe(false);
  const first = newest.views[0]!;
  await deliver(newest);
  expect(await keptIn(store)).toMatchObject({ newest: [33, "a", "1"], delivered: 33 });
  expect([newest.mayDeliver(32, 0), newest.mayDeliver(33, 0), store.writes]).toEqual([true, false, 2]);
  await deliver(newest);
  await newest.deliverFrom(viewOf("x21"), newest.epoch);
  expect(store.writes).toBe(2);
  const larger = whole("x45");
  show(remote, "x45");
  remote.storage.before = (address) => larger.storage.get(address);
  await sync(newest);
  await newest.deliverFrom(first, newest.epoch);
  expect(newest.mayDeliver(33, 0)).toBe(false);
  await deliver(newest);
  expect(newest.mayDeliver(44, 0)).toBe(true);
});

test("an empty log is delivered, too: what is delivered later has to extend it", async () => {
  const store = memoryReaderStore();
  const newest = await open([whole("x0")], { store });
  await sync(newest);
  await deliver(newest);
  expect(await keptIn(store)).toMatchObject({ delivered: 0 });
});

test("nothing is delivered from a state that has given way, nor once the log has forked", async () => {
  const newest = await open([whole("x33")], { store: await keeping({ newest: "x45", label: "gone" }) });
  const old = newest.views[0]!;
  await sync(newest);
  expect(newest.epoch).toBe(1);
  expect(await failure(newest.deliverFrom(old, 0))).toMatchObject({
    code: "ERR_STALE",
    message: expect.stringContaining("45 entries"),
  });
  // That changed nothing, and holds up no other.
  await deliver(newest);
  expect([newest.mayDeliver(32, 1), newest.mayDeliver(32, 0)]).toEqual([true, false]);
  const forked = await open([whole("x33", "a"), whole("y45", "b")], {
    store: await keeping({ newest: "x33", delivered: "x33" }),
  });
  const error = await failure(sync(forked));
  expect(error).toBeInstanceOf(ForkError);
  expect(forked.mayDeliver(0, 0)).toBe(false);
  expect(await failure(deliver(forked))).toBe(error);
});

test("a state does not give way if something of it is delivered meanwhile", async () => {
  const store = await keeping({ newest: "x45", label: "gone" });
  const mirror = whole("x33");
  const newest = await open([mirror], { store });
  const [old] = newest.views;
  // Delivery comes while the sync compares.
  let isDelivered = false;
  mirror.storage.before = async () => {
    if (!isDelivered) {
      isDelivered = true;
      await newest.deliverFrom(old!, 0);
    }
    return undefined;
  };
  expect(await failure(sync(newest))).toMatchObject({ code: "ERR_STALE" });
  expect([sizes(newest.views), newest.epoch, newest.mayDeliver(44, 0)]).toEqual([[45], 0, true]);
  expect((await keptIn(store)).newest).toEqual([45, "gone", "kept"]);
});

test("what is delivered while the reader advances is kept, and the newest state is the larger one", async () => {
  const store = await keeping({ newest: "x33", label: "gone" });
  const remote = whole("x45");
  const newest = await open([remote], { store });
  const [old] = newest.views;
  remote.storage.before = async () => {
    remote.storage.before = () => undefined;
    await newest.deliverFrom(old!, 0);
    return undefined;
  };
  await sync(newest);
  expect(await keptIn(store)).toEqual({ newest: [45, "a", "1"], delivered: 33, seen: undefined });
  expect([newest.epoch, newest.mayDeliver(32, 0)]).toEqual([0, true]);
});

test("of two states that are delivered at once the larger counts", async () => {
  const store = watched(memoryReaderStore());
  const newest = await open([whole("x45")], { store });
  await sync(newest);
  const [larger] = newest.views;
  await Promise.all([newest.deliverFrom(larger!, 0), newest.deliverFrom(viewOf("x33"), 0)]);
  expect([store.writes, newest.mayDeliver(44, 0)]).toEqual([2, true]);
  expect((await keptIn(store)).delivered).toBe(45);
});

test("a fork that another reader finds at the very moment stops this one before it saves", async () => {
  const inner = memoryReaderStore();
  const store = watched(inner, async (write) => {
    if (write === 1) await new ReaderMemory(inner, logId).saveFork(fork);
  });
  const newest = await open([whole("x45")], { store });
  expect(await failure(sync(newest))).toBeInstanceOf(ForkError);
  expect([newest.views, store.writes]).toEqual([[], 1]);
});

test("a store that was emptied under way is filled again", async () => {
  const values = new Map<string, Uint8Array>();
  const store = memoryReaderStore({ values });
  const newest = await open([whole("x45")], { store });
  await sync(newest);
  values.clear();
  await newest.checkStore(signal);
  await deliver(newest);
  expect(await keptIn(store)).toMatchObject({ newest: [45, "a", "1"], delivered: 45 });
});

test("a reader stops at the next step once another reader of its store has found a fork", async () => {
  const store = memoryReaderStore();
  const [remote, memory] = [whole("x33"), new ReaderMemory(store, logId)];
  const newest = await open([remote], { store });
  await sync(newest);
  await newest.checkStore(signal);
  await memory.saveFork(fork);
  for (const step of [() => newest.checkStore(signal), () => sync(newest), () => deliver(newest)]) {
    const error = await failure(step());
    expect(error).toBeInstanceOf(ForkError);
    expect((error as Error).message).toContain("another reader with the same store");
  }
});

test("what another reader of the store delivered is delivered by this one, too, and nothing that contradicts it", async () => {
  const store = memoryReaderStore();
  const [mine, others, forked, lagging] = [
    await open([whole("x45")], { store }),
    await open([whole("x33")], { store }),
    await open([whole("y45")], { store }),
    await open([whole("x21")], { store }),
  ];
  await sync(others);
  await deliver(others);
  await sync(mine);
  expect([mine.mayDeliver(32, 0), mine.mayDeliver(33, 0)]).toEqual([true, false]);
  expect(await keptIn(store)).toEqual({ newest: [45, "a", "1"], delivered: 33, seen: undefined });
  expect(await failure(sync(lagging))).toMatchObject({ code: "ERR_STALE" });
  expect(lagging.views).toEqual([]);
  expect(await failure(sync(forked))).toBeInstanceOf(ForkError);
  expect(await failure(sync(mine))).toBeInstanceOf(ForkError);
});

test("what another reader saves at the very moment is compared before this one saves", async () => {
  for (const [theirs, outcome] of [
    ["x33", undefined],
    ["y33", "ERR_FORK"],
  ] as const) {
    const inner = memoryReaderStore();
    const states = { newest: headOf(theirs), delivered: headOf(theirs) };
    const store = watched(inner, async (write) => {
      if (write > 1) return;
      const memory = new ReaderMemory(inner, logId);
      const newest = { head: states.newest, label: "theirs", revision: "9" };
      await memory.saveStates(await memory.load(), { newest, delivered: states.delivered, seen: undefined });
    });
    const newest = await open([whole("x45")], { store });
    if (outcome !== undefined) {
      expect(await failure(sync(newest))).toMatchObject({ code: outcome });
      continue;
    }
    await sync(newest);
    expect(await keptIn(inner)).toEqual({ newest: [45, "a", "1"], delivered: 33, seen: undefined });
    // The other reader is agreed with, and is not compared with again.
    const reads = newest.views[0]!.storage as Scripted["storage"];
    const before = reads.reads.length;
    await deliver(newest);
    expect(reads.reads.length).toBe(before);
  }
});
