import { addressOf, InvalidInputError, rawSha256, type StorageBackend } from "@remote-log/core";
import { limit } from "@remote-log/layers";
import { memoryNames, memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure, wrongTypeProblems } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fakeNames, fakeStorage, passing } from "./fake-remote.ts";
import { ManualClock } from "./manual-clock.ts";

const content = new Uint8Array(1000);
const address = await addressOf(content, rawSha256);

let clock: ManualClock;
let giveBack: () => void;
beforeEach(() => {
  ({ clock, giveBack } = ManualClock.use());
});
afterEach(() => giveBack());

/** Calls that end when they are told to. */
class Held {
  readonly ends: (() => void)[] = [];
  readonly signals: (AbortSignal | undefined)[] = [];
  readonly get: StorageBackend["get"] = (_, options) => {
    this.signals.push(options?.signal);
    return new Promise((resolve) => this.ends.push(() => resolve(content)));
  };
}

/** When each call reaches the inner storage, in milliseconds. */
function timed(parts: Partial<StorageBackend> = {}): {
  readonly times: number[];
  readonly storage: StorageBackend;
} {
  const times: number[] = [];
  const note = (): void => void times.push(clock.time);
  const storage: StorageBackend = {
    ...memoryStorage(),
    get: async () => {
      note();
      return content;
    },
    put: async () => {
      note();
      return address;
    },
    ...parts,
  };
  return { times, storage };
}

test("no more calls run at once than allowed, also over several storages and names", async () => {
  const held = new Held();
  const layer = limit({ concurrency: 2 });
  const storage = layer(fakeStorage({ get: held.get }));
  const names = fakeNames();
  const layered = layer(names);
  const calls = [storage.get(address), storage.get(address), storage.get(address)];
  const resolving = layered.resolve("name");
  await clock.settle();
  expect([held.ends.length, names.calls.length]).toEqual([2, 0]);
  held.ends[0]!();
  await calls[0];
  await clock.settle();
  expect([held.ends.length, names.calls.length]).toEqual([3, 0]);
  held.ends[1]!();
  expect(await resolving).toEqual({ status: "absent" });
  held.ends[2]!();
  await Promise.all(calls);
});

test("a call that fails gives its place to the next", async () => {
  const storage = limit({ concurrency: 1 })(
    fakeStorage({ get: () => Promise.reject(passing()), has: async () => true }),
  );
  const [error, has] = await Promise.all([failure(storage.get(address)), storage.has(address)]);
  expect([(error as { code?: string }).code, has]).toEqual(["ERR_UNREACHABLE", true]);
});

test("a signal takes a call out of the queue, with its reason; closing, with ERR_CLOSED", async () => {
  const held = new Held();
  const inner = fakeStorage({ get: held.get });
  const storage = limit({ concurrency: 1 })(inner);
  const running = storage.get(address);
  const controller = new AbortController();
  const left = failure(storage.get(address, { signal: controller.signal }));
  const closed = failure(storage.put(content));
  await clock.settle();
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await left).toBe(reason);
  await storage.close!();
  expect(await closed).toMatchObject({ code: "ERR_CLOSED", operation: "storage.put" });
  expect(String(await closed)).toContain("outcome of the write is unknown");
  expect(inner.calls).toEqual(["get", "close"]);
  held.ends[0]!();
  expect(await running).toBe(content);
});

test("calls begin together as far as the burst goes, and then at the rate", async () => {
  const { times, storage } = timed();
  const layered = limit({ callsPerSecond: 4, burst: 3 })(storage);
  await clock.until(Promise.all(Array.from({ length: 7 }, () => layered.get(address))));
  expect(times).toEqual([0, 0, 0, 250, 500, 750, 1000]);
  // What was not used gathers again, up to the burst.
  clock.time = 60_000;
  times.length = 0;
  await clock.until(Promise.all(Array.from({ length: 4 }, () => layered.get(address))));
  expect(times).toEqual([60_000, 60_000, 60_000, 60_250]);
});

test("without a burst, one second's worth begins together, and at least one call", async () => {
  const fast = timed();
  const layered = limit({ callsPerSecond: 2.5 })(fast.storage);
  await clock.until(Promise.all(Array.from({ length: 3 }, () => layered.get(address))));
  expect(fast.times).toEqual([0, 0, 400]);
  const slow = timed();
  const rare = limit({ callsPerSecond: 0.1 })(slow.storage);
  clock.time = 0;
  await clock.until(Promise.all([rare.get(address), rare.get(address)]));
  expect(slow.times).toEqual([0, 10_000]);
});

test("a call that is given up while it waits for its turn takes nothing from the rate", async () => {
  const { times, storage } = timed();
  const layered = limit({ callsPerSecond: 1, burst: 1 })(storage);
  await layered.get(address);
  const controller = new AbortController();
  const left = failure(layered.get(address, { signal: controller.signal }));
  await clock.settle();
  controller.abort(new Error("enough"));
  await left;
  await clock.until(layered.get(address));
  expect(times).toEqual([0, 1000]);
});

test("bytes that come and bytes that go delay the calls after them", async () => {
  const { times, storage } = timed();
  const layered = limit({ bytesPerSecond: 1000 })(storage);
  // 1,000 gathered: the first call uses them up, the second is 1,000 over after one token.
  for (let i = 0; i < 3; i++) await clock.until(layered.get(address));
  expect(times).toEqual([0, 1, 1001]);
  times.length = 0;
  clock.time = 0;
  const writing = timed();
  const writer = limit({ bytesPerSecond: 500 })(writing.storage);
  for (let i = 0; i < 3; i++) await clock.until(writer.put(content));
  expect(writing.times).toEqual([0, 1002, 3002]);
});

test("the content of a name counts as bytes", async () => {
  const layered = limit({ bytesPerSecond: 1000 })(memoryNames());
  await layered.update("name", new Uint8Array(1000), { expected: null });
  await clock.until(layered.resolve("name"));
  await clock.until(layered.resolve("name"));
  expect(clock.time).toBe(1001);
});

test("a call that takes too long ends with ERR_TIMEOUT, and its signal fires", async () => {
  const held = new Held();
  const storage = limit({ milliseconds: 2000, concurrency: 1 })(fakeStorage({ get: held.get }));
  const [first, second] = [failure(storage.get(address)), failure(storage.get(address))];
  expect(await clock.until(first)).toMatchObject({
    code: "ERR_TIMEOUT",
    operation: "storage.get",
    retry: "safe",
  });
  expect([clock.time, held.signals[0]!.aborted]).toEqual([2000, true]);
  // The wait for its turn does not count.
  expect(await clock.until(second)).toMatchObject({ code: "ERR_TIMEOUT" });
  expect(clock.time).toBe(4000);
});

test("an upload has a millisecond more for each 32 bytes", async () => {
  const storage = limit({ milliseconds: 10 })(fakeStorage({ put: () => new Promise(() => undefined) }));
  await clock.until(failure(storage.put(new Uint8Array(3200))));
  expect(clock.time).toBe(110);
});

test("each step of a list has a turn and a deadline of its own", async () => {
  const inner = fakeStorage({
    async *list(): AsyncGenerator<typeof address> {
      yield address;
      yield address;
      await new Promise(() => undefined);
    },
  });
  const storage = limit({ concurrency: 1, milliseconds: 1000 })(inner);
  const found: number[] = [];
  const listing = (async () => {
    for await (const _ of storage.list!()) {
      clock.time += 5000;
      // The turn is free between two steps.
      await storage.has(address);
      found.push(clock.time);
    }
  })();
  expect(await clock.until(failure(listing))).toMatchObject({
    code: "ERR_TIMEOUT",
    operation: "storage.list",
  });
  expect(found).toEqual([5000, 10_000]);
});

test("a list counts as one call, and ends the inner one when it is left", async () => {
  let isEnded = false;
  const inner = fakeStorage({
    async *list(): AsyncGenerator<typeof address> {
      try {
        for (;;) yield address;
      } finally {
        isEnded = true;
      }
    },
  });
  const storage = limit({ callsPerSecond: 1, burst: 1 })(inner);
  let count = 0;
  for await (const _ of storage.list!()) if (++count === 5) break;
  expect([clock.time, isEnded]).toEqual([0, true]);
});

test("a watch is not limited", async () => {
  const { names } = limit({ concurrency: 1, milliseconds: 1 })(memoryRemote());
  const watching = names.watch!("name")[Symbol.asyncIterator]();
  const woken = watching.next();
  await clock.settle();
  await names.update("name", content, { expected: null });
  expect(await woken).toEqual({ done: false, value: undefined });
});

test("without options, nothing is limited", async () => {
  const storage = limit({})(memoryStorage());
  expect(await storage.get(await storage.put(content))).toEqual(content);
  expect(clock.timers).toBe(0);
});

test("options of wrong types, and numbers out of range, are refused", async () => {
  const names = ["concurrency", "callsPerSecond", "burst", "bytesPerSecond", "milliseconds"];
  const types = Object.fromEntries(names.map((name) => [name, "number"]));
  expect(await wrongTypeProblems((options) => limit(options), {}, types)).toEqual([]);
  for (const name of names) {
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => limit({ [name]: value })).toThrow(InvalidInputError);
    limit({ [name]: undefined });
  }
  expect(() => limit({ concurrency: 1.5 })).toThrow("whole number");
});
