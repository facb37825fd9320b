import { News } from "@remote-log/core/adapter";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { jsonCodec } from "../../src/codec.ts";
import { messagesOf } from "../../src/messages.ts";
import { GroupStore, type NewEntry } from "../../src/store/group-store.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import { messageId } from "../../src/wire/position.ts";

const codec = jsonCodec<string>();

function logOf(author: number): string {
  return (author + 10).toString(16).padStart(64, "0");
}

async function emptyStore(): Promise<GroupStore> {
  const store = new GroupStore(new MemoryLevel<Uint8Array, Uint8Array>());
  await store.open();
  return store;
}

/** What each of some authors writes: when by its own clock, and after having read how much of the others. */
interface Step {
  readonly author: number;
  readonly clock: number;
  readonly reads: readonly number[];
}

/** The messages that follow, in the order in which they were written. */
async function written(steps: readonly Step[], authors: number): Promise<readonly NewEntry[]> {
  const stores = await Promise.all(Array.from({ length: authors }, emptyStore));
  const logs: NewEntry[][] = Array.from({ length: authors }, () => []);
  const all: NewEntry[] = [];
  for (const { author, clock, reads } of steps) {
    const store = stores[author]!;
    for (const [other, upTo] of reads.entries())
      if (other !== author) await store.add(logs[other]!.slice(0, upTo));
    const log = logOf(author);
    const parents = store.frontier(log);
    const time = Math.max(clock, store.latest + 1);
    const sequence = logs[author]!.length;
    const content = encodeEnvelope({
      time,
      parents,
      type: "json",
      version: 1,
      body: codec.encode(`${author}.${sequence}`),
      attachments: [],
    });
    const entry = { log, sequence, content, time, parents, receivedAt: 1 };
    await store.add([entry]);
    logs[author]!.push(entry);
    all.push(entry);
  }
  return all;
}

const AUTHORS = 4;
const steps = fc.array(
  fc.record({
    author: fc.nat({ max: AUTHORS - 1 }),
    clock: fc.integer({ min: 1, max: 30 }),
    reads: fc.array(fc.nat({ max: 6 }), { minLength: AUTHORS, maxLength: AUTHORS }),
  }),
  { maxLength: 24 },
);

/** The messages as they arrive: each log in its order, the logs in any. */
function arriving(all: readonly NewEntry[], choices: readonly number[]): readonly NewEntry[] {
  const waiting = Array.from({ length: AUTHORS }, (_, author) =>
    all.filter(({ log }) => log === logOf(author)),
  );
  const order: NewEntry[] = [];
  for (let i = 0; order.length < all.length; i++) {
    const some = waiting.filter(({ length }) => length > 0);
    order.push(some[(choices[i % choices.length] ?? 0) % some.length]!.shift()!);
  }
  return order;
}

function streamOf(
  store: GroupStore,
  news: News,
  live: boolean,
  signal: AbortSignal,
): ReturnType<typeof messagesOf<string>> {
  const source = {
    store,
    codec,
    own: "",
    partsOf: () => noParts,
    onUndecodable: () => undefined,
    news: (until: AbortSignal) => news.next(until),
  };
  return messagesOf(source, { live, signal });
}

async function* noParts(): AsyncGenerator<Uint8Array, void, undefined> {}

async function viewOf(store: GroupStore): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of streamOf(store, new News(), false, new AbortController().signal)) ids.push(id);
  return ids;
}

test("whatever the order of arrival, the view is the same, and no message stands before its causes", async () => {
  const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(steps, choices, choices, async (given, first, second) => {
      const all = await written(given, AUTHORS);
      const views: (readonly string[])[] = [];
      for (const order of [first, second]) {
        const store = await emptyStore();
        for (const entry of arriving(all, order)) await store.add([entry]);
        views.push(await viewOf(store));
      }
      expect(views[0]).toEqual(views[1]);
      expect(views[0]?.length).toBe(all.length);
      const place = new Map(views[0]!.map((id, i) => [id, i]));
      for (const { log, sequence, parents = [] } of all) {
        const own = place.get(messageId({ log, sequence }))!;
        if (sequence > 0) expect(place.get(messageId({ log, sequence: sequence - 1 }))).toBeLessThan(own);
        for (const parent of parents) expect(place.get(messageId(parent))).toBeLessThan(own);
      }
    }),
    { numRuns: 60 },
  );
});

test("who puts each message where the stream says has the view at every moment", async () => {
  const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 24 });
  const batches = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(steps, choices, batches, fc.nat({ max: 10 }), async (given, order, sizes, before) => {
      const waiting = [...arriving(await written(given, AUTHORS), order)];
      const [store, news, ending] = [await emptyStore(), new News(), new AbortController()];
      await store.add(waiting.splice(0, before));
      const shown: string[] = [];
      const stream = streamOf(store, news, true, ending.signal);
      const total = store.arrivals + waiting.length;
      for (let batch = 0; shown.length < total; batch++) {
        while (shown.length < store.arrivals) {
          const { value: message } = await stream.next();
          if (message === undefined) throw new Error("It ended.");
          const at = message.before === undefined ? shown.length : shown.indexOf(message.before);
          expect(at).toBeGreaterThanOrEqual(0);
          shown.splice(at, 0, message.id);
        }
        expect(shown).toEqual(await viewOf(store));
        await store.add(waiting.splice(0, sizes[batch % sizes.length]));
        news.tell();
      }
      ending.abort();
    }),
    { numRuns: 60 },
  );
});

test("what was read outlives the process, and is read once", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const entries = await written(
    [1, 2, 3].map((clock) => ({ author: 0, clock, reads: [] })),
    1,
  );
  const first = new GroupStore(database);
  await first.open();
  await first.add(entries.slice(0, 2));
  const second = new GroupStore(database);
  await second.open();
  expect(second.stateOf(logOf(0))).toMatchObject({ next: 2, latest: 2, heard: 1 });
  await second.add(entries);
  expect(second.arrivals).toBe(3);
  expect(await viewOf(second)).toEqual([0, 1, 2].map((sequence) => messageId({ log: logOf(0), sequence })));
});

test("messages after an end are withdrawn, and come back if it did not count", async () => {
  const store = await emptyStore();
  const entries = await written(
    [1, 2, 3].map((clock) => ({ author: 0, clock, reads: [] })),
    1,
  );
  await store.add(entries);
  const timeOf = (content: Uint8Array): number | undefined =>
    entries.find((entry) => entry.content.every((byte, i) => byte === content[i]))?.time;
  expect(await store.setEnd(logOf(0), 1, timeOf)).toEqual(
    [1, 2].map((sequence) => ({ log: logOf(0), sequence })),
  );
  expect((await viewOf(store)).length).toBe(1);
  const { found } = await store.arrivedFrom(0);
  expect(found.length).toBe(1);
  expect(await store.setEnd(logOf(0), 3, timeOf)).toEqual([]);
  expect((await viewOf(store)).length).toBe(3);
  expect(store.arrivals).toBe(5);
});

test("a stream that is ended while it looks into the store ends with the reason, and with that alone", async () => {
  const [store, ending] = [await emptyStore(), new AbortController()];
  const reason = new Error("enough");
  const arrivedFrom = store.arrivedFrom.bind(store);
  store.arrivedFrom = async (from) => {
    ending.abort(reason);
    // Time in which a rejection that nobody handles would be noticed.
    await new Promise((resolve) => setImmediate(resolve));
    return arrivedFrom(from);
  };
  await expect(streamOf(store, new News(), true, ending.signal).next()).rejects.toBe(reason);
});

test("of logs that a message names and nobody has read, nothing is kept", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const store = new GroupStore(database);
  await store.open();
  const parents = Array.from({ length: 200 }, (_, i) => ({ log: logOf(i + 1), sequence: 5 }));
  const message = { time: 1, type: "json", version: 1, body: codec.encode("x"), attachments: [] };
  const content = encodeEnvelope({ ...message, parents });
  await store.add([{ log: logOf(0), sequence: 0, content, time: 1, parents, receivedAt: 1 }]);
  let keys = 0;
  for await (const _ of database.keys()) keys++;
  // The entry, its place in the order, its arrival, and the state of its log.
  expect(keys).toBe(4);
  expect(store.stateOf(logOf(1))).toMatchObject({ next: 0, covered: 0 });
});

test("entries that their log no longer has are dropped from the view, for the next run as well", async () => {
  const database = new MemoryLevel<Uint8Array, Uint8Array>();
  const store = new GroupStore(database);
  await store.open();
  const entries = await written(
    [1, 2, 3].map((clock) => ({ author: 0, clock, reads: [] })),
    1,
  );
  await store.add(entries);
  const timeOf = (content: Uint8Array): number | undefined =>
    entries.find((entry) => entry.content.every((byte, i) => byte === content[i]))?.time;
  const log = logOf(0);
  expect(await store.drop(log, 3, timeOf)).toEqual([]);
  expect(await store.drop(log, 1, timeOf)).toEqual([1, 2].map((sequence) => ({ log, sequence })));
  const again = new GroupStore(database);
  await again.open();
  for (const one of [store, again]) {
    expect(one.stateOf(log)).toMatchObject({ next: 1, latest: entries[0]!.time });
    expect(await viewOf(one)).toEqual([messageId({ log, sequence: 0 })]);
    expect(await one.entry({ log, sequence: 1 })).toBeUndefined();
  }
  await store.add(entries);
  expect((await viewOf(store)).length).toBe(3);
});
