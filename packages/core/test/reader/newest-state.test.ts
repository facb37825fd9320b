// The newest state of a log across its remotes: what is chosen and what is told, each rule by itself.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { ForkError, memoryReaderStore } from "../../src/index.ts";
import { Contacts } from "../../src/reader/contacts.ts";
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
  show,
  sizes,
  states,
  sync,
  watched,
  whole,
  withheld,
  writeStates,
} from "./branched-states.ts";

beforeAll(writeStates);

test("a reader without a past has no state, and may deliver nothing", async () => {
  const newest = await open([whole("x21")]);
  expect([newest.views, newest.behind, newest.seen, newest.epoch]).toEqual([[], [], undefined, 0]);
  expect(newest.mayDeliver(0, 0)).toBe(false);
  newest.throwIfForked();
});

test("a state of an earlier run is read from the remote that showed it, which need not send it again", async () => {
  const remotes = [whole("x45", "a"), whole("x45", "b")];
  const store = await keeping({ newest: "x45", label: "b", delivered: "x33" });
  const newest = await open(remotes, { store });
  expect(sizes(newest.views)).toEqual([45]);
  expect(newest.views[0]!.storage).toBe(remotes[1]!.storage);
  expect([newest.mayDeliver(32, 0), newest.mayDeliver(33, 0), newest.mayDeliver(32, 1)]).toEqual([
    true,
    false,
    false,
  ]);
  await sync(newest);
  expect(remotes.map(({ names }) => names.asked[0]!.known)).toEqual([undefined, "kept"]);
});

test("a state of an earlier run whose remote is gone is read from the first", async () => {
  const remotes = [whole("x45", "a"), whole("x45", "b")];
  const newest = await open(remotes, { store: await keeping({ newest: "x45", label: "gone" }) });
  expect(newest.views[0]!.storage).toBe(remotes[0]!.storage);
  await sync(newest);
  expect(remotes.map(({ names }) => names.asked[0]!.known)).toEqual([undefined, undefined]);
});

test("a state that an earlier run only saw is told", async () => {
  const newest = await open([whole("x21")], { store: await keeping({ newest: "x21", seen: "y45" }) });
  expect(newest.seen).toEqual({ size: 45, label: "seer" });
});

test.each([
  ["of the remote that showed it", "a", "ERR_ROLLBACK"],
  ["of another remote, which may lag", "gone", "ERR_STALE"],
])("after a restart a smaller state %s", async (_whose, label, code) => {
  for (const remote of [whole("x33"), withheld("x33")]) {
    const newest = await open([remote], { store: await keeping({ newest: "x45", label, delivered: "x45" }) });
    expect(await failure(sync(newest))).toMatchObject({ code });
    expect(sizes(newest.views)).toEqual([45]);
  }
});

test("a fork that an earlier run found keeps a reader from loading", async () => {
  const store = memoryReaderStore();
  await new ReaderMemory(store, logId).saveFork(fork);
  const error = await failure(open([whole("x33")], { store }));
  expect(error).toBeInstanceOf(ForkError);
  expect((error as Error).message).toContain("(seen on an earlier run)");
});

test("the largest state is the newest, those that are its beginning are behind, and each remote is reported", async () => {
  const remotes = [whole("x21", "a"), whole("x45", "b"), whole("x33", "c"), whole("x45", "d")];
  const store = watched(memoryReaderStore());
  const contacts = new Contacts(remotes);
  const newest = await open(remotes, { store, contacts });
  const reports = [
    { label: "a", status: "behind", size: 21 },
    { label: "b", status: "newest", size: 45 },
    { label: "c", status: "behind", size: 33 },
    { label: "d", status: "newest", size: 45 },
  ];
  expect(await sync(newest)).toEqual(reports);
  expect(contacts.remotes).toMatchObject(reports);
  expect(newest.views.map(({ storage }) => storage)).toEqual([remotes[1]!.storage, remotes[3]!.storage]);
  expect(sizes(newest.behind)).toEqual([33, 21]);
  expect(await keptIn(store)).toEqual({ newest: [45, "b", "1"], delivered: undefined, seen: undefined });
  // A state that stays costs no write.
  await sync(newest);
  expect(store.writes).toBe(1);
});

test("what is behind is read again at every sync, and the newest state only if it is another", async () => {
  const remotes = [whole("x45", "a"), whole("x33", "b")];
  const newest = await open(remotes);
  for (let i = 0; i < 3; i++) await sync(newest);
  expect(remotes.map(({ names }) => names.asked.map(({ known }) => known))).toEqual([
    [undefined, "1", "1"],
    [undefined, undefined, undefined],
  ]);
});

test("the view that was read before stays first while its remote shows the state, and follows the others if not", async () => {
  const remotes = [whole("x45", "a"), whole("x45", "b")];
  const newest = await open(remotes);
  await sync(newest);
  const [first, second] = newest.views;
  await sync(newest);
  expect(newest.views).toEqual([first, second]);
  expect(newest.views[0]).toBe(first);
  remotes[0]!.names.fail(down());
  await sync(newest);
  expect(newest.views.length).toBe(2);
  expect([newest.views[0], newest.views[1]].map((view) => view === first)).toEqual([false, true]);
  expect(newest.views[0]!.storage).toBe(remotes[1]!.storage);
});

test("a remote that fails is asked again only while no other shows the newest state", async () => {
  for (const [shown, asked] of [
    ["x45", 1],
    ["x33", 2],
  ] as const) {
    const [one, two] = [whole(shown, "b"), whole("x45", "c")];
    two.names.fail(down());
    const store = await keeping({ newest: "x45", label: "gone" });
    await Promise.allSettled([sync(await open([one, two], { store, retries: 1 }), true)]);
    expect(two.names.asked.length, shown).toBe(asked);
  }
  // Any state is enough for a reader that has none, and without repeats nothing is asked again.
  const [one, two] = [whole("x0", "b"), whole("x45", "c")];
  two.names.fail(down());
  const newest = await open([one, two], { retries: 1 });
  await sync(newest, true);
  one.names.fail(down());
  await failure(sync(newest, false));
  expect(two.names.asked.length).toBe(2);
});

test("what was behind at one sync is not behind at the next one, if that fails or shows something else", async () => {
  const remotes = [whole("x45", "a"), whole("x33", "b")];
  const newest = await open(remotes);
  await sync(newest);
  expect(sizes(newest.behind)).toEqual([33]);
  const controller = new AbortController();
  controller.abort("gave up");
  expect(await failure(newest.sync(controller.signal, false))).toBe("gave up");
  expect(newest.behind).toEqual([]);
  // A mirror that lags can be read; one that was set back can't.
  remotes[0]!.names.fail(down());
  expect(await failure(sync(newest))).toMatchObject({ code: "ERR_STALE", offered: 33, verified: 45 });
  expect(sizes(newest.behind)).toEqual([33]);
  show(remotes[1]!, "x21");
  expect(await failure(sync(newest))).toMatchObject({ code: "ERR_ROLLBACK", offered: 21, verified: 45 });
  expect(newest.behind).toEqual([]);
});

test.each([true, false])(
  "a name that shows less than it did was set back, if it promises not to lag: %s",
  async (promises) => {
    const remote = whole("x45", "a", promises);
    const newest = await open([remote]);
    await sync(newest);
    // Less than the most that it ever showed, whatever it showed in between.
    for (const state of ["x33", "x37"]) {
      show(remote, state);
      const code = promises ? "ERR_ROLLBACK" : "ERR_STALE";
      expect(await failure(sync(newest))).toMatchObject({ code, offered: headOf(state).checkpoint.size });
      expect(newest.behind).toEqual([]);
    }
    expect(sizes(newest.views)).toEqual([45]);
  },
);

test("the first state of a reader is held against its floor, and a later one is not", async () => {
  const floor = { size: 33 };
  expect(await failure(sync(await open([whole("x21")], { floor })))).toMatchObject({
    code: "ERR_ROLLBACK",
    offered: 21,
    verified: 33,
  });
  const newest = await open([whole("x33")], { floor });
  await sync(newest);
  expect(sizes(newest.views)).toEqual([33]);
  const later = await open([whole("x33")], { floor: { size: 99 }, store: await keeping({ newest: "x33" }) });
  await sync(later);
});

test("while a remote that has the newest state answers, no other read waits; a larger head alone is none that has it", async () => {
  const [honest, liar] = [whole("x33", "a"), withheld("x45", "b")];
  const newest = await open([honest, liar], { retries: 1 });
  await sync(newest);
  let failures = 1;
  honest.storage.before = () => (failures-- > 0 ? Promise.reject(down()) : undefined);
  await newest.views[0]!.page(0);
  // With another one that has it, the failure is told at once.
  const two = [whole("x33", "a"), whole("x33", "b")];
  const sure = await open(two, { retries: 1 });
  await sync(sure);
  two[0]!.storage.before = () => Promise.reject(down());
  expect(await failure(sure.views[0]!.page(0))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(two[0]!.storage.reads.length).toBe(1);
});

test("a smaller state prevails over a larger one that withholds its beginning, which is then only seen", async () => {
  const [liar, mirror, store] = [withheld("x45", "a"), whole("x33", "b"), memoryReaderStore()];
  const newest = await open([liar], { store });
  await sync(newest);
  expect(newest.epoch).toBe(0);
  const both = await open([liar, mirror], { store });
  expect(await sync(both)).toMatchObject([
    { status: "unverified", size: 45 },
    { status: "newest", size: 33 },
  ]);
  expect([sizes(both.views), both.epoch, both.seen]).toEqual([[33], 1, { size: 45, label: "a" }]);
  expect(await keptIn(store)).toEqual({ newest: [33, "b", "1"], delivered: undefined, seen: [45, "a"] });
});

test("a state that gave way is seen though nobody shows it any more, and a larger one that is seen stays", async () => {
  for (const seen of [undefined, "x45"]) {
    const store = await keeping({ newest: "x37", label: "gone", ...(seen && { seen }) });
    const newest = await open([whole("x33")], { store });
    await sync(newest);
    expect(sizes(newest.views)).toEqual([33]);
    expect(newest.seen).toEqual(seen ? { size: 45, label: "seer" } : { size: 37, label: "gone" });
    expect((await keptIn(store)).newest).toEqual([33, "a", "1"]);
  }
});

test("what was delivered gives way to nothing, and only what extends it takes the place of a larger state", async () => {
  const delivered = await keeping({ newest: "x45", label: "gone", delivered: "x45" });
  const stays = await open([whole("x33")], { store: delivered });
  expect(await failure(sync(stays))).toMatchObject({ code: "ERR_STALE" });
  expect([sizes(stays.views), stays.epoch, stays.seen]).toEqual([[45], 0, undefined]);
  const some = { newest: "x45", label: "gone", delivered: "x21" };
  const moves = await open([whole("x33")], { store: await keeping(some) });
  await sync(moves);
  expect([sizes(moves.views), moves.epoch]).toEqual([[33], 1]);
  const unproven = await open([withheld("x33")], { store: await keeping(some) });
  expect(await failure(sync(unproven))).toMatchObject({ code: "ERR_STALE" });
  expect(sizes(unproven.views)).toEqual([45]);
});

test("what a remote showed itself does not give way to the smaller state that it shows later", async () => {
  const remote = withheld("x45", "a", false);
  const newest = await open([remote]);
  await sync(newest);
  show(remote, "x33");
  expect(await failure(sync(newest))).toMatchObject({ code: "ERR_STALE" });
  expect([sizes(newest.views), newest.epoch]).toEqual([[45], 0]);
});

test("a larger state that nobody proves is told as seen, kept, and forgotten once the newest extends it", async () => {
  const [honest, liar] = [whole("x21", "a"), withheld("x33", "b")];
  const store = watched(memoryReaderStore());
  const newest = await open([honest], { store });
  await sync(newest);
  await deliver(newest);
  const both = await open([honest, liar], { store });
  await sync(both);
  expect(both.seen).toEqual({ size: 33, label: "b" });
  expect((await keptIn(store)).seen).toEqual([33, "b"]);
  // What is seen already costs no write.
  const { writes } = store;
  await sync(both);
  expect([both.seen, store.writes]).toEqual([{ size: 33, label: "b" }, writes]);
  liar.names.fail(down());
  show(honest, "x45");
  honest.storage.before = async (address) => states.get("x45")!.contents.get(address.toString());
  await sync(both);
  expect([sizes(both.views), both.seen]).toEqual([[45], undefined]);
  expect(await keptIn(store)).toMatchObject({ newest: [45, "a", "x45 now"], seen: undefined });
});

test("a state that was seen, and is proven now at the same size, is seen no more", async () => {
  const store = await keeping({ newest: "x21", label: "gone", delivered: "x21", seen: "x33" });
  const newest = await open([whole("x33")], { store });
  await sync(newest);
  expect([sizes(newest.views), newest.seen]).toEqual([[33], undefined]);
  expect(await keptIn(store)).toMatchObject({ newest: [33, "a", "1"], seen: undefined });
});

test("a larger state that is only seen while nobody shows the newest one is kept, and the failure is told", async () => {
  const store = await keeping({ newest: "x33", label: "gone", delivered: "x33" });
  const newest = await open([withheld("x45")], { store });
  expect(await failure(sync(newest))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect([sizes(newest.views), newest.seen]).toEqual([[33], { size: 45, label: "a" }]);
  expect(await keptIn(store)).toEqual({ newest: [33, "gone", "kept"], delivered: 33, seen: [45, "a"] });
});

test("the beginning of a log before its first entry can be behind, too", async () => {
  const newest = await open([whole("x0", "a"), whole("x21", "b")]);
  await sync(newest);
  await sync(newest);
  expect(sizes(newest.behind)).toEqual([0]);
});

test("a closed reader reads no further", async () => {
  const closing = new AbortController();
  const remote = whole("x33");
  const newest = await open([remote], { closing: closing.signal });
  await sync(newest);
  closing.abort("closed");
  const { reads } = remote.storage;
  const before = reads.length;
  expect(await failure(newest.views[0]!.prefix(21))).toBe("closed");
  expect(reads.length).toBe(before);
});
