// When an attempt is made again: at once, after a wait that grows, seldom, or only on request.

import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Attempt, RetryLoop } from "../../src/writer/retry-loop.ts";

beforeEach(() => {
  vi.useFakeTimers();
  // Every wait is as long as it can be.
  vi.spyOn(Math, "random").mockReturnValue(1);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A loop whose attempts end as they are told, the last answer again and again; `times` has when each began. */
function loopOf(...answers: Attempt[]) {
  const controller = new AbortController();
  const times: number[] = [];
  const began = Date.now();
  const attempt = vi.fn<(signal: AbortSignal) => Promise<Attempt>>(async () => {
    times.push(Date.now() - began);
    return (answers.length > 1 ? answers.shift() : answers[0])!;
  });
  const loop = new RetryLoop(attempt, controller.signal);
  return { loop, times, attempt, controller };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const failed = { outcome: "failed" } as const;
const done = { outcome: "done" } as const;
const blocked = { outcome: "blocked" } as const;
const unconfirmed = { outcome: "unconfirmed" } as const;
const differences = (times: readonly number[]) => times.slice(1).map((time, i) => time - times[i]!);

test("what was done is not done again before somebody says so", async () => {
  const { loop, times, attempt, controller } = loopOf(done);
  expect(times).toEqual([]);
  loop.wake();
  await pass(3_600_000);
  expect(times).toEqual([0]);
  expect(attempt).toHaveBeenCalledWith(controller.signal);
  loop.wake();
  await pass(0);
  expect(times).toEqual([0, 3_600_000]);
  expect(vi.getTimerCount()).toBe(0);
});

test("what comes during an attempt is done with the next one, however often it comes", async () => {
  const { loop, attempt } = loopOf(done);
  attempt.mockImplementationOnce(async () => {
    await Promise.resolve();
    loop.wake();
    loop.wake();
    return done;
  });
  loop.wake();
  await loop.idle();
  expect(attempt).toHaveBeenCalledTimes(2);
});

test("after failures the waits double, up to a minute, and begin anew after a success", async () => {
  const answers: Attempt[] = Array.from({ length: 11 }, () => failed);
  const { loop, times } = loopOf(...answers, done, failed);
  loop.wake();
  await pass(400_000);
  const waits = [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000];
  expect(differences(times)).toEqual(waits);
  loop.wake();
  await pass(300);
  expect(differences(times.slice(12))).toEqual([200]);
});

test("a success begins the waits anew, also if something new came meanwhile", async () => {
  const { loop, times, attempt } = loopOf(failed);
  for (const outcome of [failed, failed]) attempt.mockResolvedValueOnce(outcome);
  attempt.mockImplementationOnce(async () => {
    loop.wake();
    return done;
  });
  loop.wake();
  await pass(600 + 200);
  expect(attempt).toHaveBeenCalledTimes(5);
  expect(times).toEqual([600, 800]);
});

test("what comes during an attempt that fails sits out the wait", async () => {
  const { loop, attempt } = loopOf(done);
  attempt.mockImplementationOnce(async () => {
    await Promise.resolve();
    loop.wake();
    return failed;
  });
  loop.wake();
  await pass(199);
  expect(attempt).toHaveBeenCalledTimes(1);
  await pass(1);
  expect(attempt).toHaveBeenCalledTimes(2);
});

test("waits leave nothing behind on the signal that ends the loop", async () => {
  const { loop, times, controller } = loopOf(failed);
  loop.wake();
  await pass(300_000);
  expect(times.length).toBeGreaterThan(10);
  expect(getEventListeners(controller.signal, "abort").length).toBeLessThan(4);
});

test("a wait is at least half as long", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { loop, times } = loopOf(failed);
  loop.wake();
  await pass(700);
  expect(times).toEqual([0, 100, 300, 700]);
});

test("a failure that came further than those before begins the waits anew", async () => {
  const { loop, times } = loopOf(failed, failed, failed, { ...failed, progressed: true }, failed);
  loop.wake();
  await pass(2500);
  expect(differences(times)).toEqual([200, 400, 800, 200, 400]);
});

test("a service is left alone as long as it asks, up to an hour, and the wait comes on top", async () => {
  const { loop, times } = loopOf(
    { ...failed, retryAfterMilliseconds: 5000 },
    { ...failed, retryAfterMilliseconds: 10 * 3_600_000 },
    done,
  );
  loop.wake();
  await pass(10_000_000);
  expect(differences(times)).toEqual([5200, 3_600_400]);
});

test("new entries sit out the wait after a failure, and end the one for a confirmation", async () => {
  for (const [outcome, expected] of [
    [failed, [0, 200]],
    [unconfirmed, [0, 50]],
  ] as const) {
    const { loop, times } = loopOf(outcome, done);
    loop.wake();
    await pass(50);
    loop.wake();
    await pass(1000);
    expect(times).toEqual(expected);
  }
});

test("what is not confirmed is looked at again after waits that grow, and at once if there is something new", async () => {
  const { loop, times, attempt } = loopOf(unconfirmed);
  loop.wake();
  await pass(1500);
  expect(differences(times)).toEqual([200, 400, 800]);
  attempt.mockImplementationOnce(async () => {
    await Promise.resolve();
    loop.wake();
    return unconfirmed;
  });
  await pass(1500);
  expect(attempt).toHaveBeenCalledTimes(6);
});

test("a device that is online again tries at once, and the waits begin anew", async () => {
  for (const outcome of [failed, unconfirmed]) {
    const { loop, times } = loopOf(outcome);
    loop.hurry();
    loop.wake();
    await pass(1500);
    expect(times).toEqual([0, 200, 600, 1400]);
    loop.hurry();
    await pass(0);
    expect(times.at(-1)).toBe(1500);
    await pass(200);
    expect(times.at(-1)).toBe(1700);
  }
});

test("a remote that refuses is tried seldom, up to every ten minutes, for ever", async () => {
  const { loop, times } = loopOf(blocked);
  loop.wake();
  await pass(3_000_000);
  const waits = [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000];
  // Besides the shortest wait, which keeps many entries from becoming as many requests.
  expect(differences(times)).toEqual(waits.map((wait) => wait + 200));
});

test("a remote that refuses is asked again for new entries, but not for each", async () => {
  const { loop, times, attempt } = loopOf(blocked);
  loop.wake();
  await pass(50);
  loop.wake();
  await pass(149);
  loop.wake();
  expect(times).toEqual([0]);
  await pass(1);
  expect(times).toEqual([0, 200]);
  await pass(1000);
  loop.wake();
  await pass(0);
  expect(times).toEqual([0, 200, 1200]);
  expect(attempt).toHaveBeenCalledTimes(3);
});

test("after a final failure nothing is tried until it may continue, and then what came meanwhile is", async () => {
  const { loop, times } = loopOf({ outcome: "final" }, done);
  loop.wake();
  await pass(1000);
  loop.wake();
  await pass(3_600_000);
  expect(times).toEqual([0]);
  loop.resume();
  expect(times).toEqual([0]);
  loop.wake();
  await pass(0);
  expect(times).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

test("an abort ends the loop: within an attempt, within a wait, and before", async () => {
  const inWait = loopOf(failed);
  inWait.loop.wake();
  await pass(50);
  inWait.controller.abort();
  await inWait.loop.idle();
  expect(vi.getTimerCount()).toBe(0);
  await pass(100_000);
  expect(inWait.times).toHaveLength(1);
  inWait.loop.wake();
  await pass(100_000);
  expect(inWait.times).toHaveLength(1);

  for (const outcome of ["failed", "blocked", "final"] as const) {
    const within = loopOf(done);
    within.attempt.mockImplementationOnce(async () => {
      await Promise.resolve();
      within.controller.abort();
      within.loop.wake();
      return { outcome };
    });
    within.loop.wake();
    await within.loop.idle();
    expect(vi.getTimerCount()).toBe(0);
    await pass(1_000_000);
    expect(within.attempt).toHaveBeenCalledTimes(1);
  }
});

test("it is idle once no attempt is running", async () => {
  const { loop, attempt } = loopOf(done);
  await loop.idle();
  let end: (attempt: Attempt) => void = () => undefined;
  attempt.mockImplementationOnce(() => new Promise((resolve) => (end = resolve)));
  loop.wake();
  let isIdle = false;
  const idle = loop.idle().then(() => (isIdle = true));
  await pass(1000);
  expect(isIdle).toBe(false);
  end(done);
  await idle;
});
