// A watch whose subscription is refused or lost: how long it waits, what ends it, and what it leaves behind.

import { failure, tick, unhandledDuring } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { type ChangeListener, type Unsubscribe, watchBySubscribing } from "../../src/adapter/index.ts";
import { DeniedError, UnreachableError } from "../../src/index.ts";

const context = { operation: "names.watch", action: "watching the name" };
const denied = new DeniedError("no", { operation: "names.watch" });
const passing = new UnreachableError("not now", { operation: "names.watch", retry: "safe" });

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A watch as the shell calls it. */
function watchOf(
  subscribe: (listener: ChangeListener) => Promise<Unsubscribe>,
  translate: (error: unknown) => unknown = () => passing,
) {
  const controller = new AbortController();
  const call = { signal: controller.signal, context };
  const watching = watchBySubscribing((_name, listener) => subscribe(listener))("name", call, translate);
  const steps = watching[Symbol.asyncIterator]() as AsyncGenerator<void>;
  return { steps, controller };
}

/** The pauses between subscriptions, in milliseconds; `live` is how long each of them lives, or is begun in vain. */
async function pauses(count: number, live: (listener: ChangeListener) => Promise<Unsubscribe>) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const begun: number[] = [];
  const { steps, controller } = watchOf((listener) => {
    begun.push(Date.now());
    return live(listener);
  });
  const drained = (async () => {
    for (;;) await steps.next();
  })().catch((error: unknown) => error);
  while (begun.length <= count) await vi.advanceTimersToNextTimerAsync();
  controller.abort("enough");
  expect(await drained).toBe("enough");
  return begun.slice(1).map((at, i) => at - begun[i]!);
}

test.each([
  ["the longest of each", 1, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]],
  ["the shortest of each", 0, [50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000]],
])("pauses double up to 30 seconds, less up to a half by chance: %s", async (_what, random, expected) => {
  vi.spyOn(Math, "random").mockReturnValue(random);
  expect(await pauses(11, () => Promise.reject(new Error("refused")))).toEqual(expected);
});

/** Subscribes, and loses the subscription some time later. */
const lostAfter = (milliseconds: number) => async (listener: ChangeListener) => {
  setTimeout(() => listener.lost(new Error("reset")), milliseconds);
  return () => undefined;
};

test("a subscription that lived longer than the pause before it is taken up soon; any other is waited for longer", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  // From the beginning of one to that of the next: its life and the pause.
  expect(await pauses(4, lostAfter(1000))).toEqual([1100, 1100, 1100, 1100]);
  expect(await pauses(3, lostAfter(201))).toEqual([301, 301, 301]);
  // Its life was the pause before it, and not more.
  expect(await pauses(3, lostAfter(200))).toEqual([300, 400, 600]);
});

test("an attempt that takes long and fails is no subscription that lived: pauses get longer", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const slow = (): Promise<never> =>
    new Promise((_, reject) => setTimeout(() => reject(new Error("refused")), 1000));
  expect(await pauses(3, slow)).toEqual([1100, 1200, 1400]);
});

test("the reason of a signal is no failure of the service, and is not translated", async () => {
  const translate = vi.fn<() => Error>(() => denied);
  const { steps, controller } = watchOf(async () => () => undefined, translate);
  await steps.next();
  const waiting = failure(steps.next());
  controller.abort("gave up");
  expect(await waiting).toBe("gave up");
  expect(translate).not.toHaveBeenCalled();
});

test("a failure that the adapter leaves as it is ends the watch: nothing says that it passes", async () => {
  const cause = new TypeError("fetch failed");
  const { steps } = watchOf(
    () => Promise.reject(cause),
    (error) => error,
  );
  expect(await failure(steps.next())).toBe(cause);
});

test("a subscription that is lost twice ends with its first loss", async () => {
  const listeners: ChangeListener[] = [];
  const { steps } = watchOf(async (listener) => {
    listeners.push(listener);
    return () => undefined;
  });
  await steps.next();
  const waiting = failure(steps.next());
  listeners[0]!.lost(denied);
  listeners[0]!.lost(passing);
  expect(await waiting).toBe(denied);
});

test("a caller who leaves waits for the end of the subscription, and one that was lost is not waited for", async () => {
  const listeners: ChangeListener[] = [];
  let end = (): void => undefined;
  const { steps } = watchOf(async (listener) => {
    listeners.push(listener);
    return () => new Promise<void>((resolve) => (end = resolve));
  });
  await steps.next();
  let hasLeft = false;
  const leaving = steps.return(undefined).then(() => (hasLeft = true));
  await tick();
  expect(hasLeft).toBe(false);
  end();
  await leaving;
  const refused = watchOf(async (listener) => {
    listener.lost(denied);
    return () => new Promise<void>(() => undefined);
  });
  expect(await failure(refused.steps.next())).toBe(denied);
});

test("a loss before a refusal leaves no rejection that nobody handles", async () => {
  const heard = await unhandledDuring(async () => {
    const { steps } = watchOf((listener) => {
      listener.lost(passing);
      throw denied;
    });
    expect(await failure(steps.next())).toBe(denied);
  });
  expect(heard).toEqual([]);
});
