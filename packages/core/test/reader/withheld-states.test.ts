import { beforeAll, expect, test } from "vitest";
import {
  ForkError,
  memoryReaderStore,
  openReader,
  type Reader,
  type Remote,
  StaleError,
  UnreachableError,
  verifyForkEvidence,
} from "../../src/index.ts";
import { collect, expectEntries, take } from "./read-whole.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "./written-log.ts";

// A remote shows a head that the writer signed, and withholds what lies below it. What is told of it, and what can be read
// from the others. Each state is written on its own, so that a remote has nothing of another one.

const FORK_AT = 60;
const seed = new Uint8Array(32).fill(7);
const states = new Map<string, WrittenLog>();
let logId: string;

beforeAll(async () => {
  for (const size of [50, 64, 95, 99, 100, 101, 110, 113, 117, 120]) {
    for (const branch of ["x", "y"]) {
      const entries = contents(size, branch === "y" ? " elsewhere" : "", FORK_AT);
      states.set(`${branch}${size}`, await writeLog(entries, { seed }));
    }
  }
  logId = states.get("x100")!.logId;
});

const written = contents(120);
const headOf = (state: string): Uint8Array => states.get(state)!.head;
const down = (): UnreachableError => new UnreachableError("It is down.", { operation: "remote.reach" });
type Scripted = ReturnType<typeof scriptedRemote>;

function whole(state: string, label = state): Scripted {
  return scriptedRemote(states.get(state)!.contents, headOf(state), { label, readYourWrites: false });
}

function withheld(state: string, label = `${state} withheld`): Scripted {
  const remote = whole(state, label);
  remote.storage.before = () => Promise.reject(down());
  return remote;
}

function vanish(remote: Scripted): void {
  remote.names.fail(down());
  remote.storage.before = () => Promise.reject(down());
}

const open = (remotes: readonly Remote[], store = memoryReaderStore()): Promise<Reader> =>
  openReader({ logId, remotes, store, retries: 0 });

async function delivers(reader: Reader, size: number): Promise<void> {
  const { entries } = await collect(reader.from(0));
  expectEntries(entries, written);
  expect(entries.length).toBe(size);
}

test("a fork is noticed from the remote that shows the proof, though the first one withholds it", async () => {
  const reader = await open([withheld("x100"), whole("x100"), whole("y95")]);
  const error = await reader.sync().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ForkError);
  expect(await verifyForkEvidence((error as ForkError).evidence)).toEqual({
    logId,
    of: "entries",
    by: "signing-key",
    smaller: 95,
    larger: 100,
  });
});

test("two remotes that contradict each other are noticed, though neither can be compared with what was verified", async () => {
  const first = whole("x120");
  const store = memoryReaderStore();
  await delivers(await open([first], store), 120);
  vanish(first);
  await expect((await open([first, whole("x95"), whole("y99")], store)).sync()).rejects.toBeInstanceOf(
    ForkError,
  );
});

test.each(["x120", "y120"])("a larger state that nobody proves (%s) is told, and not used", async (state) => {
  const [honest, store] = [whole("x100"), memoryReaderStore()];
  const liar = withheld(state);
  const reader = await open([honest, liar], store);
  expect(await reader.sync()).toEqual({
    size: 100,
    advanced: true,
    remotes: [
      { label: "x100", status: "newest", size: 100 },
      { label: liar.label, status: "unverified", size: 120, error: down() },
    ],
    seen: { size: 120, label: liar.label },
  });
  await delivers(reader, 100);
  vanish(liar);
  for (const later of [reader, await open([honest, liar], store)]) {
    expect(await later.sync()).toMatchObject({ size: 100, seen: { size: 120, label: liar.label } });
    await delivers(later, 100);
  }
});

test("a head proves by itself what it contradicts at the border of a page, though all below it is withheld", async () => {
  await expect((await open([whole("x100"), withheld("y110")])).sync()).rejects.toBeInstanceOf(ForkError);
  const reader = await open([whole("x100"), withheld("x110")]);
  expect(await reader.sync()).toMatchObject({
    size: 110,
    remotes: [{ status: "behind" }, { status: "newest" }],
  });
  const { entries, error } = await collect(reader.from(0));
  expectEntries(entries, written);
  expect([entries.length, error]).toEqual([100, down()]);
});

test("a state that was only seen is forgotten once a newer one extends it, and proves a fork if that contradicts it", async () => {
  for (const [state, outcome] of [
    ["x117", undefined],
    ["y117", ForkError],
  ] as const) {
    const store = memoryReaderStore();
    await delivers(await open([whole("x100"), withheld(state)], store), 100);
    const reader = await open([whole("x120")], store);
    if (outcome) await expect(reader.sync()).rejects.toBeInstanceOf(outcome);
    else expect((await reader.sync()).seen).toBeUndefined();
  }
});

// At 101 and 113 the head alone proves the beginning, at 117 nothing but what is withheld does.
test.each(["x101", "x113", "x117"])(
  "who shows the newest head (%s), withholds the rest and vanishes shuts nobody out",
  async (state) => {
    for (const restart of [false, true]) {
      const [liar, mirror, store] = [withheld(state), whole("x100"), memoryReaderStore()];
      let reader = await open([liar, mirror], store);
      await reader.sync();
      vanish(liar);
      if (restart) reader = await open([liar, mirror], store);
      await delivers(reader, 100);
      expect((await reader.entry(5)).content).toEqual(written[5]);
      // As the mirror grows, so does what is read.
      mirror.names.show(headOf("x120"));
      mirror.storage.before = async (address) => states.get("x120")!.contents.get(address.toString());
      await delivers(reader, 120);
    }
  },
);

test.each(["x101", "x113", "x117"])(
  "who was alone when it showed the newest head (%s) shuts nobody out",
  async (state) => {
    for (const gone of [false, true]) {
      const [liar, store] = [withheld(state), memoryReaderStore()];
      expect(await (await open([liar], store)).sync()).toMatchObject({ size: Number(state.slice(1)) });
      if (gone) vanish(liar);
      const reader = await open([liar, whole("x100")], store);
      expectEntries([await reader.entry(5)], written, 5);
      // While the liar is there, the entry in its head is delivered, too, if it is proven to come next.
      const size = state === "x101" && !gone ? 101 : 100;
      await delivers(reader, size);
      await delivers(await open([liar, whole("x100")], store), size);
    }
  },
);

test("what is proven to be the beginning is delivered, and then it is told that it is not the newest", async () => {
  const [first, mirror] = [withheld("x101"), whole("x100")];
  const reader = await open([first, mirror]);
  await reader.sync();
  vanish(first);
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_STALE", offered: 100, verified: 101 });
  await expect(reader.latest(10)).rejects.toBeInstanceOf(StaleError);
  const { entries, error } = await collect(reader.from(90));
  expectEntries(entries, written, 90);
  expect([entries.length, error]).toEqual([10, expect.any(StaleError)]);
  expect(reader.size).toBe(101);
});

test("a live stream continues with a mirror that lags, and ends for nothing that may pass", async () => {
  const [first, mirror, store] = [withheld("x101"), whole("x99"), memoryReaderStore()];
  await (await open([first, mirror], store)).sync();
  vanish(first);
  const reader = await openReader({
    logId,
    remotes: [first, mirror],
    store,
    pollMilliseconds: 1,
    retries: 0,
  });
  const stream = reader.follow({ cursor: "c" });
  expectEntries(await take(stream, 99), written);
  mirror.names.show(headOf("x120"));
  mirror.storage.before = async (address) => states.get("x120")!.contents.get(address.toString());
  const more = await take(reader.follow({ cursor: "c" }), 20);
  expectEntries(more, written, 98);
  expect(more.length).toBe(20);
  await reader.close();
});

test("a reader that has delivered a state takes no smaller one that can't be proven to be its beginning", async () => {
  const first = whole("x113");
  const store = memoryReaderStore();
  await delivers(await open([first], store), 113);
  vanish(first);
  for (const state of ["x110", "y110"]) {
    const reader = await open([first, whole(state)], store);
    expect(reader.size).toBe(113);
    await expect(reader.sync()).rejects.toBeInstanceOf(StaleError);
    await delivers(reader, 0);
  }
});

test("a remote that promises not to lag and is set back as a whole, with all objects, is a rollback", async () => {
  const remote = scriptedRemote(states.get("x113")!.contents, headOf("x113"));
  const reader = await open([remote]);
  await delivers(reader, 113);
  remote.names.show(headOf("x110"), "a revision never seen before");
  remote.storage.before = () => Promise.reject(down());
  await expect(reader.sync()).rejects.toMatchObject({ code: "ERR_ROLLBACK", offered: 110, verified: 113 });
  expect(reader.size).toBe(113);
});

test("what a remote showed itself does not give way to the smaller state that it shows later", async () => {
  const remote = withheld("x113");
  const reader = await open([remote]);
  await reader.sync();
  remote.names.show(headOf("x110"), "a revision never seen before");
  await expect(reader.sync()).rejects.toBeInstanceOf(StaleError);
  expect(reader.size).toBe(113);
});

test("a stream that began before a state gave way ends, rather than deliver what contradicts a later one", async () => {
  const [first, second, store] = [whole("y113"), whole("x110"), memoryReaderStore()];
  await delivers(await open([whole("x50")], store), 50);
  second.names.fail(down());
  const reader = await open([first, second], store);
  const stream = reader.from(0);
  expect((await stream.next()).value).toMatchObject({ sequence: 0 });
  expect(reader.size).toBe(113);
  vanish(first);
  second.names.show(headOf("x110"));
  await delivers(reader, 110);
  expect(reader.size).toBe(110);
  await expect(collect(stream)).resolves.toMatchObject({ entries: [], error: expect.any(StaleError) });
});

test("of what one remote withholds here and another there, all is delivered", async () => {
  const [one, two] = [whole("x100", "one"), whole("x100", "two")];
  let turn = 0;
  const pages = new Map<string, Scripted>();
  // Each page is given by one of them alone: in turn, as they are asked for.
  for (const remote of [one, two]) {
    remote.storage.before = async (address) => {
      const key = address.toString();
      if (!pages.has(key)) pages.set(key, [one, two][turn++ % 2]!);
      if (pages.get(key) !== remote) throw down();
      return undefined;
    };
  }
  const reader = await open([one, two]);
  await reader.sync();
  const { entries } = await collect(reader.from(0));
  expectEntries(entries, written);
  expect(entries.length).toBeGreaterThan(0);
});

test("a proof of a fork in the store that proves none is damage, and freezes nothing", async () => {
  const store = memoryReaderStore();
  const error = await (await open([whole("x100"), whole("y95")], store))
    .sync()
    .catch((reason: unknown) => reason);
  const { evidence } = error as ForkError;
  const saved = JSON.parse(new TextDecoder().decode(await store.get(`${logId}/mark`))) as { fork: object };
  const false_ = { ...saved, fork: { ...saved.fork, larger: evidence.smaller } };
  await store.put(`${logId}/mark`, new TextEncoder().encode(JSON.stringify(false_)));
  await expect(open([whole("x100")], store)).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});

test("a record that an earlier version kept is read: all of it counts as delivered", async () => {
  const store = memoryReaderStore();
  const record = { head: Buffer.from(headOf("x113")).toString("hex"), label: "gone", revision: "1" };
  await store.put(`${logId}/mark`, new TextEncoder().encode(JSON.stringify(record)));
  const reader = await open([whole("x110")], store);
  expect(reader.size).toBe(113);
  await expect(reader.sync()).rejects.toBeInstanceOf(StaleError);
});
