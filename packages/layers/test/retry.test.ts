import {
  addressOf,
  DeniedError,
  NotFoundError,
  rawSha256,
  TimeoutError,
  UnreachableError,
} from "@remote-log/core";
import { retry } from "@remote-log/layers";
import { memoryNames, memoryStorage } from "@remote-log/memory";
import { failure, wrongTypeProblems } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failing, fakeNames, fakeStorage, passing } from "./fake-remote.ts";
import { ManualClock } from "./manual-clock.ts";

const content = new Uint8Array([1, 2, 3]);
const address = await addressOf(content, rawSha256);

let clock: ManualClock;
let giveBack: () => void;
beforeEach(() => {
  ({ clock, giveBack } = ManualClock.use());
});
afterEach(() => giveBack());

test("a call that failed in a way that may pass is made again, and its waits grow", async () => {
  const inner = fakeStorage({ get: failing(3, passing, () => content) });
  const waits: number[] = [];
  const storage = retry({ onRetry: ({ milliseconds }) => waits.push(milliseconds) })(inner);
  expect(await clock.until(storage.get(address))).toEqual(content);
  expect(inner.calls).toEqual(["get", "get", "get", "get"]);
  expect(waits).toEqual([50, 100, 200]);
});

test("every method of a storage is repeated", async () => {
  const contents = [content];
  const inner = fakeStorage({
    put: failing(1, passing, () => address),
    putMany: failing(1, passing, () => []),
    has: failing(1, passing, () => true),
    delete: failing(1, passing, () => undefined),
    release: failing(1, passing, () => undefined),
  });
  const storage = retry()(inner);
  await clock.until(storage.put(content));
  await clock.until(storage.putMany!(contents));
  await clock.until(storage.has(address));
  await clock.until(storage.delete!(address));
  await clock.until(storage.release!(address));
  const twice = ["put", "putMany", "has", "delete", "release"].flatMap((name) => [name, name]);
  expect(inner.calls).toEqual(twice);
});

test("it ends after as many tries as it was told, with the last failure and how often it was tried", async () => {
  const errors = [passing(), passing(), passing()];
  const inner = fakeStorage({
    get: failing(
      9,
      () => errors.shift() ?? passing(),
      () => content,
    ),
  });
  const error = await clock.until(failure(retry({ tries: 3 })(inner).get(address)));
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", tries: 3 });
  expect(inner.calls.length).toBe(3);
});

test.each([
  ["ERR_NOT_FOUND", () => new NotFoundError("Not there.", { operation: "storage.get" })],
  ["ERR_DENIED", () => new DeniedError("No.", { operation: "storage.get" })],
  ["never", () => new UnreachableError("Gone.", { operation: "storage.get", retry: "never" })],
  ["an error of something else", () => new TypeError("undefined is not a function")],
])("%s is passed on at once, as it is", async (_, make) => {
  const error = make();
  const inner = fakeStorage({
    get: failing(
      9,
      () => error,
      () => content,
    ),
  });
  expect(await clock.until(failure(retry()(inner).get(address)))).toBe(error);
  expect(inner.calls.length).toBe(1);
});

test("what the service asks for is waited for, by all calls", async () => {
  const begun: number[] = [];
  const get = failing(
    1,
    () => passing("storage.get", 7_000),
    () => content,
  );
  const inner = fakeStorage({
    get: async () => {
      begun.push(clock.time);
      return get();
    },
  });
  const storage = retry()(inner);
  const first = storage.get(address);
  await clock.settle();
  const second = storage.get(address);
  await clock.until(Promise.all([first, second]));
  expect(begun[0]).toBe(0);
  expect(begun.slice(1).every((time) => time >= 7_000)).toBe(true);
  expect(begun.length).toBe(3);
});

test("an outage uses up the budget that all calls share, and then each call fails at once", async () => {
  const inner = fakeStorage({ get: failing(1e6, passing, () => content) });
  const storage = retry({ budget: 6 })(inner);
  for (let i = 0; i < 5; i++) await clock.until(failure(storage.get(address)));
  // Five calls, and six retries between them.
  expect(inner.calls.length).toBe(11);
  const other = retry({ budget: 6 })(fakeStorage({ get: failing(1, passing, () => content) }));
  expect(await clock.until(other.get(address))).toEqual(content);
});

test("two storages of one layer have a budget each", async () => {
  const layer = retry({ budget: 4 });
  await clock.until(failure(layer(fakeStorage({ get: failing(1e6, passing, () => content) })).get(address)));
  const sound = fakeStorage({ get: failing(2, passing, () => content) });
  expect(await clock.until(layer(sound).get(address))).toEqual(content);
});

test("a signal ends a wait with its reason, and leaves no timer", async () => {
  const inner = fakeStorage({ get: failing(9, passing, () => content) });
  const controller = new AbortController();
  const reading = failure(retry()(inner).get(address, { signal: controller.signal }));
  await clock.settle();
  expect(clock.timers).toBe(1);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await reading).toBe(reason);
  expect(clock.timers).toBe(0);
  expect(inner.calls.length).toBe(1);
});

test("closing ends a wait with ERR_CLOSED, and closes the inner storage", async () => {
  const inner = fakeStorage({ get: failing(9, passing, () => content) });
  const storage = retry()(inner);
  const reading = failure(storage.get(address));
  await clock.settle();
  await storage.close!();
  expect(await reading).toMatchObject({ code: "ERR_CLOSED", operation: "storage.get" });
  expect(await failure(storage.has(address))).toMatchObject({ code: "ERR_CLOSED", operation: "storage.has" });
  expect(inner.calls).toEqual(["get", "close"]);
});

test("a list is begun again until its first address has come, and not after that", async () => {
  let begun = 0;
  const inner = fakeStorage({
    async *list() {
      begun++;
      if (begun < 3) throw passing("storage.list");
      yield address;
      throw passing("storage.list");
    },
  });
  const found: string[] = [];
  const reading = (async () => {
    for await (const one of retry()(inner).list!()) found.push(`${one}`);
  })();
  expect(await clock.until(failure(reading))).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect([begun, found]).toEqual([3, [`${address}`]]);
});

test("a list that is left ends the inner one", async () => {
  let isEnded = false;
  const inner = fakeStorage({
    async *list() {
      try {
        yield address;
        yield address;
      } finally {
        isEnded = true;
      }
    },
  });
  for await (const _ of retry()(inner).list!()) break;
  expect(isEnded).toBe(true);
});

test("resolving a name, and asking for compare-and-set, are repeated", async () => {
  const names = retry()(
    fakeNames({
      resolve: failing(1, passing, () => ({ status: "absent" as const })),
      probeCompareAndSet: failing(1, passing, () => "atomic" as const),
    }),
  );
  expect(await clock.until(names.resolve("name"))).toEqual({ status: "absent" });
  expect(await clock.until(names.probeCompareAndSet!())).toBe("atomic");
});

test("an update whose answer was lost is not sent again: its own success would be a conflict", async () => {
  const inner = memoryNames();
  const lossy = fakeNames({
    ...inner,
    update: async (...args) => {
      await inner.update(...args);
      throw new TimeoutError("No answer.", { operation: "names.update" });
    },
  });
  const error = await clock.until(failure(retry()(lossy).update("name", content, { expected: null })));
  expect(error).toMatchObject({ code: "ERR_TIMEOUT" });
  expect(lossy.calls).toEqual(["update"]);
  expect(await inner.resolve("name")).toMatchObject({ revision: "1" });
});

test("options of wrong types, and numbers out of range, are refused", async () => {
  const types = { tries: "number", budget: "number", onRetry: "function" };
  expect(await wrongTypeProblems((options) => retry(options), {}, types)).toEqual([]);
  for (const options of [{ tries: 0 }, { tries: 1.5 }, { budget: 0 }, { budget: Number.NaN }])
    expect(() => retry(options)).toThrow("whole number");
  retry({ tries: undefined, budget: undefined, onRetry: undefined })(memoryStorage());
});
