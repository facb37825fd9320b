import { describe, expect, test } from "vitest";
import { seeded } from "../../src/clock/seeded.ts";
import { TimerQueue } from "../../src/clock/timer-queue.ts";
import { VirtualClock } from "../../src/clock/virtual-clock.ts";

describe("a virtual clock", () => {
  test("jumps from one timer to the next, in their order, and passes what was cancelled", async () => {
    const clock = new VirtualClock(1);
    const seen: string[] = [];
    const note = (what: string) => () => void seen.push(`${what} at ${clock.elapsed}`);
    clock.schedule(note("second"), 5000);
    clock.schedule(note("third"), 5000);
    clock.schedule(note("first"), 10);
    clock.schedule(note("never"), 20)();
    clock.schedule(note("too late"), 10_001);
    await clock.runUntil(10_000);
    expect(seen).toEqual(["first at 10", "second at 5000", "third at 5000"]);
    expect([clock.elapsed, clock.monotonicNow(), clock.now() - Date.UTC(2026, 0, 5)]).toEqual([
      10_000, 10_000, 10_000,
    ]);
  });

  test("stands still until everything that a timer has begun waits for another timer", async () => {
    const clock = new VirtualClock(1);
    const seen: number[] = [];
    clock.schedule(async () => {
      for (let i = 0; i < 1000; i++) await Promise.resolve();
      seen.push(clock.elapsed);
      await clock.wait(7);
      seen.push(clock.elapsed);
    }, 3);
    clock.schedule(() => void seen.push(-clock.elapsed), 4);
    await clock.runUntil(Number.POSITIVE_INFINITY);
    expect(seen).toEqual([3, -4, 10]);
  });

  test("fails with what a timer failed with", async () => {
    const [thrown, rejected] = [new VirtualClock(1), new VirtualClock(1)];
    thrown.schedule(() => {
      throw new Error("thrown");
    }, 1);
    rejected.schedule(() => Promise.reject(new Error("rejected")), 1);
    await expect(thrown.runUntil(2)).rejects.toThrow("thrown");
    await expect(rejected.runUntil(2)).rejects.toThrow("rejected");
  });

  test("ends once it is told that all is over", async () => {
    const clock = new VirtualClock(1);
    let left = 3;
    const again = (): void => {
      left--;
      clock.schedule(again, 10);
    };
    again();
    await clock.runUntil(Number.POSITIVE_INFINITY, () => left === 0);
    expect([left, clock.elapsed]).toEqual([0, 20]);
  });
});

test("a queue of timers gives them in the order in which they are due", () => {
  const { random } = seeded(1, "timers");
  const queue = new TimerQueue();
  const times = Array.from({ length: 500 }, () => Math.floor(random() * 50));
  const run = (): void => undefined;
  for (const [order, at] of times.entries()) queue.add({ at, order, run, cancelled: false });
  const taken: [number, number][] = [];
  for (let first = queue.first; first !== undefined; first = queue.first) {
    expect(queue.take()).toBe(first);
    taken.push([first.at, first.order]);
  }
  const sorted = times
    .map((at, order): [number, number] => [at, order])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  expect(taken).toEqual(sorted);
});

describe("randomness by a seed", () => {
  test("is the same for the same seed and purpose, and another one for others", () => {
    const draw = (seed: number, purpose: string): number[] => {
      const stream = seeded(seed, purpose);
      return [stream.random(), stream.exponential(10), ...stream.bytes(8)];
    };
    expect(draw(1, "a")).toEqual(draw(1, "a"));
    expect(draw(1, "a")).not.toEqual(draw(2, "a"));
    expect(draw(1, "a")).not.toEqual(draw(1, "b"));
  });

  test("is spread evenly, and exponential times have their mean", () => {
    const { random, exponential, bytes } = seeded(3, "spread");
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) buckets[Math.floor(random() * 10)]!++;
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150);
    let sum = 0;
    for (let i = 0; i < 10_000; i++) sum += exponential(5);
    expect(Math.abs(sum / 10_000 - 5)).toBeLessThan(0.25);
    expect(new Set(bytes(4096)).size).toBe(256);
  });
});
