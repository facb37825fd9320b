// A stream of entries: what it asks and reads, when it ends, what it tells of its place, and what it goes through if it is live.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { DeniedError } from "../../src/index.ts";
import { Contacts } from "../../src/reader/contacts.ts";
import { StatusKeeper } from "../../src/reader/reader-status.ts";
import { type StreamOptions, type StreamSource, streamEntries } from "../../src/reader/stream-entries.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import {
  down,
  logId,
  open,
  type Scripted,
  show,
  signal,
  sync,
  whole,
  writeStates,
} from "./branched-states.ts";
import { contents } from "./written-log.ts";

beforeAll(writeStates);
afterEach(() => void vi.useRealTimers());

/** A reader of a remote, the streams that it opens, and what these ask for. */
async function reading(remote: Scripted, pollMilliseconds: number | undefined = 1) {
  const newest = await open([remote]);
  const status = new StatusKeeper(new Contacts([remote]), newest, undefined);
  const closing = new AbortController();
  const syncs: { readonly signal: AbortSignal; readonly repeats: boolean }[] = [];
  const source: StreamSource = {
    ...{ newest, status, closing: closing.signal },
    options: { logId, remotes: [remote], ...(pollMilliseconds !== 0 && { pollMilliseconds }) },
    sync: async (signal, repeats) => {
      syncs.push({ signal, repeats });
      await sync(newest);
      status.synced();
    },
    sources: (views = newest.views) => ({
      sources: views,
      newest,
      epoch: newest.epoch,
      limits: defaultLimits,
    }),
  };
  const stream = (options: Partial<StreamOptions> = {}) =>
    streamEntries(source, { start: 0, live: false, skipsRemoved: false, signal: undefined, ...options });
  return { newest, status, closing, syncs, source, stream };
}

/** The remote has another state from now on, and shows it. */
function grow(remote: Scripted, state: string): void {
  const larger = whole(state);
  remote.storage.before = (address) => larger.storage.get(address);
  show(remote, state);
}

/** The sequence numbers that a stream delivers, each with its content checked, and how it fails. */
async function delivered(stream: AsyncIterable<{ sequence: number; content: Uint8Array }>) {
  const written = contents(45);
  const sequences: number[] = [];
  try {
    for await (const { sequence, content } of stream) {
      expect(content).toEqual(written[sequence]);
      sequences.push(sequence);
    }
  } catch (error) {
    return { sequences, error };
  }
  return { sequences, error: undefined };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test("a stream delivers what exists from its start on, after one sync that repeats, and ends", async () => {
  const { stream, syncs, status } = await reading(whole("x33"));
  const ends: boolean[] = [];
  const onEnd = async (): Promise<void> => void ends.push(status.status.caughtUp);
  expect(await delivered(stream({ start: 20, onEnd }))).toEqual({
    sequences: range(20, 33),
    error: undefined,
  });
  expect(syncs.map(({ repeats, signal }) => [repeats, signal.aborted])).toEqual([[true, true]]);
  expect(ends).toEqual([true]);
  expect((await delivered(stream({ start: 33 }))).sequences).toEqual([]);
  expect(await delivered(stream({ start: 44 }))).toEqual({ sequences: [], error: undefined });
});

test("an entry counts as delivered when the next one is asked for, and a stream that ended holds up nothing", async () => {
  const { stream, status } = await reading(whole("x33"));
  const one = stream({ start: 32 });
  await one.next();
  expect(status.status.caughtUp).toBe(false);
  await one.next();
  expect(status.status.caughtUp).toBe(true);
  const other = stream();
  await other.next();
  expect(status.status.caughtUp).toBe(false);
  await other.return();
  expect(status.status.caughtUp).toBe(true);
});

test("that a live stream has delivered everything is told when it is so", async () => {
  const remote = whole("x21");
  const { source, newest } = await reading(remote);
  const told: boolean[] = [];
  const status = new StatusKeeper(new Contacts([remote]), newest, ({ caughtUp }) => told.push(caughtUp));
  const sync: StreamSource["sync"] = async (...all) => {
    await source.sync(...all);
    status.synced();
  };
  const live = streamEntries(
    { ...source, status, sync },
    { start: 20, live: true, skipsRemoved: false, signal: undefined },
  );
  await live.next();
  expect(told.at(-1)).toBe(false);
  const waiting = live.next();
  await vi.waitFor(() => expect(told.at(-1)).toBe(true));
  void waiting;
});

test("whoever breaks off ends what is still under way", async () => {
  const { stream, syncs } = await reading(whole("x33"));
  const one = stream({ live: true });
  await one.next();
  expect(syncs[0]!.signal.aborted).toBe(false);
  await one.return();
  expect(syncs[0]!.signal.aborted).toBe(true);
});

test("if no remote shows the newest state, its beginning is delivered, and then the failure is told", async () => {
  const remote = whole("x45", "a", false);
  const reader = await reading(remote);
  const mirror = whole("x33", "b");
  const newest = await open([remote, mirror]);
  await sync(newest);
  remote.names.fail(down());
  const source = { ...reader.source, newest, sync: () => sync(newest) };
  const sources: StreamSource["sources"] = (views = newest.views) => ({
    ...{ sources: views, newest, epoch: newest.epoch, limits: defaultLimits },
  });
  const onEnd = vi.fn<() => Promise<void>>(async () => undefined);
  const options = { start: 30, live: false, skipsRemoved: false, onEnd, signal: undefined };
  expect(await delivered(streamEntries({ ...source, sources }, options))).toEqual({
    sequences: [30, 31, 32],
    error: expect.objectContaining({ code: "ERR_STALE", offered: 33, verified: 45 }),
  });
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test("a live stream waits at the end, asks without repeating, and continues with what is new", async () => {
  const remote = whole("x21");
  const { stream, syncs, newest } = await reading(remote);
  const onEnd = vi.fn<() => Promise<void>>(async () => undefined);
  const live = stream({ live: true, start: 20, onEnd });
  expect((await live.next()).value).toMatchObject({ sequence: 20 });
  const waiting = live.next();
  while (syncs.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(onEnd.mock.calls.length).toBeGreaterThan(1);
  grow(remote, "x33");
  expect((await waiting).value).toMatchObject({ sequence: 21 });
  expect([newest.views[0]!.size, syncs.some(({ repeats }) => repeats)]).toEqual([33, false]);
  await live.return();
});

test("a live stream goes through what may pass, and through a log that is not published yet, and through nothing else", async () => {
  const remote = whole("x21");
  const { stream } = await reading(remote);
  remote.names.fail(down());
  const live = stream({ live: true });
  const first = live.next();
  await new Promise((resolve) => setTimeout(resolve, 5));
  remote.names.answer({ status: "absent" });
  await new Promise((resolve) => setTimeout(resolve, 5));
  show(remote, "x21");
  expect((await first).value).toMatchObject({ sequence: 0 });
  const denied = new DeniedError("no", { operation: "names.resolve" });
  remote.names.fail(denied);
  expect(await failure(delivered(live).then(({ error }) => Promise.reject(error)))).toBe(denied);
  // What is not live goes through nothing.
  remote.names.fail(down());
  expect((await delivered((await reading(remote)).stream())).error).toEqual(down());
});

test.each(["signal", "closing"])(
  "a %s that fires ends a stream with its reason, whatever failed because of it",
  async (which) => {
    for (const live of [true, false]) {
      const { stream, source, closing } = await reading(whole("x21"));
      const given = new AbortController();
      const sync = source.sync;
      Object.assign(source, {
        sync: async (...all: Parameters<typeof sync>) => {
          await sync(...all);
          (which === "signal" ? given : closing).abort("gave up");
          throw down();
        },
      });
      expect(await delivered(stream({ live, signal: given.signal }))).toEqual({
        sequences: [],
        error: "gave up",
      });
    }
  },
);

test("a live stream asks every five seconds if nothing else is said", async () => {
  const { stream, syncs } = await reading(whole("x21"), 0);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let ends = 0;
  const live = stream({ live: true, start: 21, onEnd: async () => void ends++ });
  const waiting = live.next();
  const atRest = async (): Promise<void> => {
    while (ends < syncs.length || vi.getTimerCount() === 0) await new Promise((go) => setImmediate(go));
  };
  for (const count of [1, 2]) {
    await atRest();
    vi.advanceTimersByTime(4_999);
    await new Promise((go) => setImmediate(go));
    expect(syncs.length).toBe(count);
    vi.advanceTimersByTime(1);
    while (syncs.length === count) await new Promise((go) => setImmediate(go));
  }
  vi.useRealTimers();
  void waiting;
});

test("a live stream whose reads fail on the way delivers each entry once", async () => {
  for (let fails = 1; fails <= 8; fails++) {
    const remote = whole("x33");
    const { stream } = await reading(remote);
    const { storage } = whole("x33");
    let reads = 0;
    remote.storage.before = async (address) => {
      if (++reads === fails) throw down();
      return storage.get(address);
    };
    const live = stream({ live: true });
    const sequences: number[] = [];
    while (sequences.length < 33) sequences.push((await live.next()).value!.sequence);
    expect(sequences).toEqual(range(0, 33));
    await live.return();
  }
});

test("a stream that begins at the end has nothing to deliver, and holds up nobody before its first sync", async () => {
  const { stream, status, source } = await reading(whole("x33"));
  await source.sync(signal, false);
  const controller = new AbortController();
  const late = stream({ start: 33, live: true, signal: controller.signal });
  const waiting = failure(late.next());
  expect(status.status.caughtUp).toBe(true);
  const early = stream({ start: 32 });
  const first = early.next();
  expect(status.status.caughtUp).toBe(false);
  await first;
  await early.return();
  controller.abort("gave up");
  expect(await waiting).toBe("gave up");
});

test("a stream that does not know its start yet has delivered nothing of a log that has entries", async () => {
  const { source } = await reading(whole("x21"));
  for (const [views, caughtUp] of [
    [[], true],
    [[{ size: 1 }], false],
  ] as const) {
    const status = new StatusKeeper(new Contacts([]), { views, seen: undefined }, undefined);
    status.synced();
    const sync = (): Promise<never> => new Promise(() => undefined);
    const options = { start: () => 0, live: false, skipsRemoved: false, signal: undefined };
    void streamEntries({ ...source, status, sync }, options).next();
    expect(status.status.caughtUp).toBe(caughtUp);
  }
});
