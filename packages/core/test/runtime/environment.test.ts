import { afterEach, expect, test, vi } from "vitest";
import { delay } from "../../src/async/signals.ts";
import { monotonicNow, startTimer, stopTimer, timeNow } from "../../src/runtime/clock.ts";
import { environment, useEnvironment } from "../../src/runtime/environment.ts";
import { random, randomBytes } from "../../src/runtime/random.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("time, timers and chance come from whoever takes the runtime's place, and from the runtime again after that", async () => {
  const scheduled: [milliseconds: number, mayEnd: boolean][] = [];
  const cancelled = vi.fn<() => void>();
  const giveBack = useEnvironment({
    now: () => 5,
    monotonicNow: () => 6,
    schedule(run, milliseconds, mayEnd) {
      scheduled.push([milliseconds, mayEnd]);
      run();
      return cancelled;
    },
    random: () => 0.25,
    randomBytes: (length) => new Uint8Array(length).fill(7),
  });
  try {
    expect([timeNow(), monotonicNow(), random(), randomBytes(2, "test.draw")]).toEqual([
      ...[5, 6, 0.25],
      Uint8Array.of(7, 7),
    ]);
    const waited = vi.fn<() => void>();
    await delay(1_000_000, undefined).then(waited);
    expect(waited).toHaveBeenCalledOnce();
    stopTimer(startTimer(() => undefined, 9, true));
    expect(scheduled).toEqual([
      [1_000_000, false],
      [9, true],
    ]);
    expect(cancelled).toHaveBeenCalledOnce();
  } finally {
    giveBack();
  }
  expect(timeNow()).toBeGreaterThan(1_600_000_000_000);
  expect(randomBytes(16, "test.draw")).not.toEqual(new Uint8Array(16).fill(7));
});

test("what is not replaced stays as it was, also what a second one replaced", () => {
  const giveBackFirst = useEnvironment({ random: () => 0.5 });
  const giveBackSecond = useEnvironment({ now: () => 1 });
  expect([random(), timeNow()]).toEqual([0.5, 1]);
  giveBackSecond();
  expect([random(), timeNow() > 1]).toEqual([0.5, true]);
  giveBackFirst();
  vi.spyOn(Math, "random").mockReturnValue(0.125);
  expect(random()).toBe(0.125);
});

test("an environment may be an instance of a class", () => {
  class Clock {
    readonly #start = 3;
    time = 0;
    now(): number {
      return this.#start + this.time;
    }
  }
  const clock = new Clock();
  const giveBack = useEnvironment(clock);
  clock.time = 4;
  expect(timeNow()).toBe(7);
  giveBack();
});

test("a timer that was cancelled never runs, and one that is not there can be cancelled", () => {
  vi.useFakeTimers();
  const run = vi.fn<() => void>();
  const timer = startTimer(run, 10);
  stopTimer(timer);
  stopTimer(undefined);
  startTimer(run, 20, true);
  vi.advanceTimersByTime(19);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledOnce();
});

test("signatures are made and verified by what takes the runtime's place", async () => {
  // What signs is chosen once: another test may have chosen already.
  vi.resetModules();
  const fresh = await import("../../src/runtime/environment.ts");
  const { signingKeyFromSeed, verifySignature } = await import("../../src/crypto/ed25519.ts");
  const calls: string[] = [];
  const signing = new Proxy(fresh.environment().signing!, {
    get: (api, name: "sign") => {
      calls.push(name);
      return api[name].bind(api);
    },
  });
  const giveBack = fresh.useEnvironment({ signing });
  try {
    const key = await signingKeyFromSeed(new Uint8Array(32));
    const signature = await key.sign(Uint8Array.of(1));
    expect(await verifySignature(key.publicKey, Uint8Array.of(1), signature)).toBe(true);
  } finally {
    giveBack();
  }
  expect(calls).toEqual(expect.arrayContaining(["sign", "verify"]));
});

test("one that has nothing to sign with says so", () => {
  const giveBack = useEnvironment({ signing: undefined });
  expect(environment().signing).toBeUndefined();
  giveBack();
  expect(environment().signing).toBe(globalThis.crypto.subtle);
});

test("a process may end before a timer that says so, and before no other", () => {
  const unref = vi.fn<() => void>();
  vi.spyOn(globalThis, "setTimeout").mockReturnValue({ unref } as unknown as ReturnType<typeof setTimeout>);
  startTimer(() => undefined, 5);
  expect(unref).not.toHaveBeenCalled();
  startTimer(() => undefined, 5, true);
  expect(unref).toHaveBeenCalledOnce();
  // Browsers give a number.
  vi.spyOn(globalThis, "setTimeout").mockReturnValue(7 as unknown as ReturnType<typeof setTimeout>);
  expect(() => startTimer(() => undefined, 5, true)).not.toThrow();
});
