import { failure, tick } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { type ChangeListener, defineNames, watchBySubscribing } from "../../src/adapter/index.ts";
import { DeniedError, type NameResolver, type UpdateOptions } from "../../src/index.ts";
import { nameDriver, never } from "./fake-drivers.ts";

const content = new Uint8Array([1, 2, 3]);

test("a name is absent, found, unchanged; an update that expects something else is ERR_NAME_CONFLICT", async () => {
  const names = defineNames(nameDriver().driver);
  expect(await names.resolve("name")).toEqual({ status: "absent" });
  const first = await names.update("name", content, { expected: null });
  expect(await names.resolve("name")).toEqual({ status: "found", content, revision: first });
  expect(await names.resolve("name", { known: "another" })).toMatchObject({ status: "found" });
  expect(await failure(names.update("name", content, { expected: null }))).toMatchObject({
    code: "ERR_NAME_CONFLICT",
    operation: "names.update",
    message: expect.stringMatching(/"name" at the fake service.*does not exist yet/),
  });
});

test("an unchanged that was not asked about is no answer", async () => {
  const resolve = async () => ({ status: "unchanged" as const, revision: "1" });
  const names = defineNames(nameDriver({ resolve }).driver);
  expect(await names.resolve("name", { known: "1" })).toEqual({ status: "unchanged", revision: "1" });
  for (const options of [{}, { known: "2" }]) {
    expect(await failure(names.resolve("name", options))).toMatchObject({ code: "ERR_UNREACHABLE" });
  }
});

test("bytes are copied on the way in and on the way out", async () => {
  const { driver, held } = nameDriver();
  const names = defineNames(driver);
  const mine = new Uint8Array(content);
  const updating = names.update("name", mine, { expected: null });
  mine.fill(9);
  await updating;
  expect(held.get("name")!.content).toEqual(content);
  held.set("name", { content: Buffer.from([0, 1, 2, 3]).subarray(1), revision: "2" });
  const found = await names.resolve("name");
  expect(found).toMatchObject({ status: "found" });
  expect((found as { content: Uint8Array }).content.constructor).toBe(Uint8Array);
});

test("a content over the limit, and a read over maxBytes, are ERR_TOO_LARGE", async () => {
  const { driver, held, calls } = nameDriver();
  const names = defineNames(driver);
  const error = await failure(names.update("name", new Uint8Array(101), { expected: null }));
  expect(error).toMatchObject({ code: "ERR_TOO_LARGE", limit: 100, operation: "names.update" });
  expect(calls()).toBe(0);
  held.set("name", { content: new Uint8Array(50), revision: "1" });
  expect(await failure(names.resolve("name", { maxBytes: 49 }))).toMatchObject({ limit: 49 });
  expect(await names.resolve("name", { maxBytes: 50 })).toMatchObject({ status: "found" });
});

test.each([
  [
    "a name that is no text",
    (n: NameResolver) => n.resolve(7 as never),
    /`name` must be a text, not a number/,
  ],
  [
    "a name without a prototype",
    (n: NameResolver) => n.update(Object.create(null), content, { expected: null }),
    /`name` must be a text, not an object/,
  ],
  ["half a character", (n: NameResolver) => n.resolve("a\ud800"), /half of a surrogate pair/],
  [
    "half a character to update",
    (n: NameResolver) => n.update("\udc00", content, { expected: null }),
    /half of a surrogate pair/,
  ],
  [
    "no options at all",
    (n: NameResolver) => n.update("n", content, undefined as never),
    /`expected` must be/,
  ],
  [
    "an undefined expectation",
    (n: NameResolver) => n.update("n", content, {} as UpdateOptions),
    /`expected` must be a revision, or null .* not undefined/,
  ],
  [
    "a text as content",
    (n: NameResolver) => n.update("n", "x" as never, { expected: null }),
    /`content` must be/,
  ],
  [
    "a number as known",
    (n: NameResolver) => n.resolve("n", { known: 1 as never }),
    /`known` must be a revision/,
  ],
])(
  "an argument of a wrong type is ERR_INVALID_INPUT before the driver is asked: %s",
  async (_, act, message) => {
    const { driver, calls } = nameDriver();
    expect(await failure(act(defineNames(driver)))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      message: expect.stringMatching(message),
    });
    expect(calls()).toBe(0);
  },
);

/** A driver whose changes and losses a test brings about. */
function watched() {
  const listeners: ChangeListener[] = [];
  let ended = 0;
  let subscribed: (() => void) | undefined;
  const subscribe = async (_name: string, listener: ChangeListener) => {
    await new Promise<void>((resolve) => (subscribed = resolve));
    listeners.push(listener);
    return () => void ended++;
  };
  const names = defineNames(nameDriver({ watch: watchBySubscribing(subscribe) }).driver);
  /** Lets the subscription that is waiting begin. */
  const begin = async (): Promise<void> => {
    while (subscribed === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    subscribed();
    subscribed = undefined;
    await tick();
  };
  return { names, listeners, begin, ended: () => ended };
}

test("a watch yields once its subscription is there: what changed before it was told to nobody", async () => {
  const { names, begin } = watched();
  const watching = names.watch("name")[Symbol.asyncIterator]();
  let woken = false;
  const waking = watching.next().then(() => (woken = true));
  await tick();
  expect(woken).toBe(false);
  await begin();
  await waking;
});

test("changes while the caller is busy are one; the next one wakes it again", async () => {
  const { names, listeners, begin, ended } = watched();
  const watching = names.watch("name")[Symbol.asyncIterator]();
  const first = watching.next();
  await begin();
  await first;
  for (let i = 0; i < 3; i++) listeners[0]!.changed();
  expect(await watching.next()).toEqual({ done: false, value: undefined });
  let woken = false;
  const waking = watching.next().then(() => (woken = true));
  await tick();
  expect(woken).toBe(false);
  listeners[0]!.changed();
  await waking;
  await watching.return?.();
  expect(ended()).toBe(1);
});

test("a lost subscription is taken up again, and then the caller looks once: it may have missed something", async () => {
  const { names, listeners, begin, ended } = watched();
  const watching = names.watch("name")[Symbol.asyncIterator]();
  const first = watching.next();
  await begin();
  await first;
  const waking = watching.next();
  listeners[0]!.lost(new Error("connection reset"));
  await begin();
  expect(await waking).toEqual({ done: false, value: undefined });
  expect([listeners.length, ended()]).toEqual([2, 1]);
  const again = watching.next();
  listeners[1]!.changed();
  expect(await again).toEqual({ done: false, value: undefined });
  await watching.return?.();
});

test("a change and a loss at once still wake the caller after the next subscription", async () => {
  const { names, listeners, begin } = watched();
  const watching = names.watch("name")[Symbol.asyncIterator]();
  const first = watching.next();
  await begin();
  await first;
  listeners[0]!.changed();
  listeners[0]!.lost(new Error("connection reset"));
  const waking = watching.next();
  await begin();
  expect(await waking).toEqual({ done: false, value: undefined });
  await watching.return?.();
});

test("a failure that will not pass ends the watch; one that may pass does not", async () => {
  let tries = 0;
  const denied = new DeniedError("no", { operation: "names.watch" });
  const subscribe = () => Promise.reject(++tries < 3 ? new TypeError("fetch failed") : denied);
  const names = defineNames(nameDriver({ watch: watchBySubscribing(subscribe) }).driver);
  expect(await failure(names.watch("name")[Symbol.asyncIterator]().next())).toBe(denied);
  expect(tries).toBe(3);
});

test("an abort ends a watch that waits with its reason, and close with ERR_CLOSED; the subscription is ended", async () => {
  const { names, begin, ended } = watched();
  const controller = new AbortController();
  const watching = names.watch("name", { signal: controller.signal })[Symbol.asyncIterator]();
  const first = watching.next();
  await begin();
  await first;
  const waiting = failure(watching.next());
  controller.abort("gave up");
  expect(await waiting).toBe("gave up");
  await tick();
  expect(ended()).toBe(1);
  const other = names.watch("name")[Symbol.asyncIterator]();
  const second = other.next();
  await begin();
  await second;
  const closed = failure(other.next());
  await names.close();
  expect(await closed).toMatchObject({ code: "ERR_CLOSED", operation: "names.watch" });
  await tick();
  expect(ended()).toBe(2);
});

test("a subscription that begins only after the caller has left is ended all the same", async () => {
  const { names, begin, ended } = watched();
  const controller = new AbortController();
  const waiting = failure(names.watch("name", { signal: controller.signal })[Symbol.asyncIterator]().next());
  await tick();
  controller.abort("gave up");
  expect(await waiting).toBe("gave up");
  await begin();
  expect(ended()).toBe(1);
});

test("an aborted signal ends a driver that ignores it", async () => {
  const names = defineNames(nameDriver({ resolve: never }).driver);
  const controller = new AbortController();
  const resolving = failure(names.resolve("name", { signal: controller.signal }));
  controller.abort("gave up");
  expect(await resolving).toBe("gave up");
});

test("a watch that ends between two steps ends its subscription, by a signal and by close", async () => {
  for (const how of ["signal", "close"]) {
    const { names, begin, ended } = watched();
    const controller = new AbortController();
    const watching = names.watch("name", { signal: controller.signal })[Symbol.asyncIterator]();
    const first = watching.next();
    await begin();
    await first;
    if (how === "signal") controller.abort("gave up");
    else await names.close();
    await failure(watching.next());
    await tick();
    expect(ended()).toBe(1);
  }
});

test("a subscription that is lost while it is being begun is taken up again", async () => {
  let subscriptions = 0;
  const watch = watchBySubscribing((_name, { lost }) => {
    if (++subscriptions > 1) return Promise.resolve(() => undefined);
    queueMicrotask(() => lost(new Error("reset")));
    return never();
  });
  const watching = defineNames(nameDriver({ watch }).driver).watch("name")[Symbol.asyncIterator]();
  expect(await watching.next()).toEqual({ done: false, value: undefined });
  expect(subscriptions).toBe(2);
  await watching.return?.();
});

test("a subscription whose end is silent holds up neither a caller who leaves nor the next subscription", async () => {
  const listeners: ChangeListener[] = [];
  const watch = watchBySubscribing(async (_name, listener) => {
    listeners.push(listener);
    return never;
  });
  const watching = defineNames(nameDriver({ watch }).driver).watch("name")[Symbol.asyncIterator]();
  await watching.next();
  listeners[0]!.lost(new Error("reset"));
  await watching.next();
  expect(listeners).toHaveLength(2);
  await watching.return?.();
});

test("a subscription that is lost as soon as it is there is taken up after longer and longer pauses", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  try {
    let subscriptions = 0;
    const watch = watchBySubscribing(async (_name, { lost }) => {
      subscriptions++;
      queueMicrotask(() => lost(new Error("reset")));
      return () => undefined;
    });
    const watching = defineNames(nameDriver({ watch }).driver).watch("name")[Symbol.asyncIterator]();
    const drained = (async () => {
      for (;;) await watching.next();
    })();
    drained.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(60_000);
    // Pauses of 0.1, 0.2 … 25.6, 30 seconds, less up to a half of each.
    expect(subscriptions).toBeLessThan(14);
    expect(subscriptions).toBeGreaterThan(5);
  } finally {
    vi.useRealTimers();
  }
});

test("what the client fails with when it is closed is translated, with what was being done", async () => {
  const cause = new TypeError("boom");
  const names = defineNames(nameDriver({ close: () => Promise.reject(cause) }).driver);
  expect(await failure(names.close())).toMatchObject({
    code: "ERR_UNREACHABLE",
    operation: "names.close",
    cause,
  });
});

test("an abort in any moment around the beginning of a subscription leaves none behind", async () => {
  for (let turns = 0; turns < 20; turns++) {
    let running = 0;
    const controller = new AbortController();
    const abortIn = (left: number): void =>
      left === 0 ? controller.abort("gave up") : queueMicrotask(() => abortIn(left - 1));
    const watch = watchBySubscribing(async () => {
      running++;
      abortIn(turns);
      return () => void running--;
    });
    const names = defineNames(nameDriver({ watch }).driver);
    const watching = names.watch("name", { signal: controller.signal })[Symbol.asyncIterator]();
    await watching.next().catch(() => undefined);
    await tick();
    await watching.next().catch(() => undefined);
    await tick();
    expect(running, `after ${turns} turns`).toBe(0);
  }
});
