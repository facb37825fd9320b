// What a budget tells of its retries, and where it ends.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Retry, RetryBudget } from "../../src/async/retry.ts";
import { delay } from "../../src/async/signals.ts";
import { UnreachableError } from "../../src/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function unreachable(retryAfterMilliseconds?: number): UnreachableError {
  return new UnreachableError("No.", { operation: "test", retryAfterMilliseconds });
}

/** Work that fails in some ways, one after the other, and then succeeds; and when it was tried. */
function failing(errors: readonly Error[]): { times: number[]; work: () => Promise<string> } {
  const rest = [...errors];
  const times: number[] = [];
  const work = async (): Promise<string> => {
    times.push(performance.now());
    if (rest.length > 0) throw rest.shift()!;
    return "done";
  };
  return { times, work };
}

test("a failure says how often the work was tried, and nothing if it was tried once", async () => {
  const heard: number[] = [];
  const onRetry = ({ tries }: Retry): void => void heard.push(tries);
  const once = await failure(new RetryBudget().run(failing([unreachable()]).work, { most: 1 }));
  expect(once).not.toHaveProperty("tries", expect.anything());
  const { times, work } = failing(Array.from({ length: 9 }, () => unreachable()));
  const last = failure(new RetryBudget({ onRetry }).run(work, { most: 4 }));
  await vi.runAllTimersAsync();
  expect(await last).toMatchObject({ tries: 4 });
  expect(times).toHaveLength(4);
  expect(heard).toEqual([1, 2, 3]);
});

test("what a client repeated itself counts three, and is told as the tries that were made here", async () => {
  const exhausted = (): UnreachableError =>
    new UnreachableError("503", { operation: "test", retry: "exhausted" });
  const { times, work } = failing(Array.from({ length: 9 }, exhausted));
  const last = failure(new RetryBudget().run(work, { most: 7 }));
  await vi.runAllTimersAsync();
  expect(await last).toMatchObject({ tries: 3 });
  expect(times).toHaveLength(3);
});

test("a frozen error comes back as it is", async () => {
  const frozen = Object.freeze<Error>(unreachable());
  const last = failure(new RetryBudget().run(failing([frozen, frozen]).work, { most: 2 }));
  await vi.runAllTimersAsync();
  expect(await last).toBe(frozen);
});

test("a try that failed before counts, and the next one waits for what it asks for", async () => {
  const begun = performance.now();
  const { times, work } = failing([unreachable()]);
  const result = new RetryBudget().run(work, { most: 3, failed: unreachable(2000) });
  await vi.runAllTimersAsync();
  expect(await result).toBe("done");
  expect(times).toHaveLength(2);
  expect(times[0]! - begun).toBeGreaterThanOrEqual(2000);
  const last = failing([unreachable()]);
  const failed = failure(new RetryBudget().run(last.work, { most: 2, failed: unreachable() }));
  await vi.runAllTimersAsync();
  expect(await failed).toMatchObject({ tries: 2 });
  expect(last.times).toHaveLength(1);
});

test("if retries are given back, a large part of the requests may fail for ever, and an outage ends soon", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const tries = async (refunds: boolean): Promise<number> => {
    const budget = new RetryBudget({ failsAsOne: false, refunds, retries: 4 });
    // Each piece fails three times before it succeeds.
    for (let i = 1; i <= 50; i++) {
      const { times, work } = failing([unreachable(), unreachable(), unreachable()]);
      if ((await budget.run(work).catch(() => "failed")) === "failed") return i;
      expect(times).toHaveLength(4);
    }
    const { times, work } = failing(Array.from({ length: 99 }, () => unreachable()));
    await failure(budget.run(work, { most: 99 }));
    return 1000 + times.length;
  };
  const results = [tries(false), tries(true)];
  await vi.runAllTimersAsync();
  // Three spent, a quarter earned: the second piece finds less than it needs.
  expect(await Promise.all(results)).toEqual([2, 1005]);
});

test("no try begins later than two minutes after the first", async () => {
  const times: number[] = [];
  const work = async (): Promise<void> => {
    times.push(performance.now());
    await delay(50_000, undefined);
    throw unreachable();
  };
  const result = failure(new RetryBudget().run(work, { most: 100 }));
  await vi.runAllTimersAsync();
  expect(await result).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(times).toHaveLength(3);
});

test("what is thrown besides the errors of the project comes back at once, as it is", async () => {
  for (const thrown of [null, undefined, "text", new Error("no")]) {
    const { times, work } = failing([unreachable(), thrown as Error]);
    const last = failure(new RetryBudget().run(work));
    await vi.runAllTimersAsync();
    expect(await last).toBe(thrown);
    expect(thrown instanceof Error ? Object.keys(thrown) : []).toEqual([]);
    expect(times).toHaveLength(2);
  }
});

test.each([
  [119_999, 3],
  [120_000, 2],
])("of tries that have failed after %i ms there are %i", async (milliseconds, tries) => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  await vi.advanceTimersByTimeAsync(300_000);
  const begun = performance.now();
  let made = 0;
  const work = async (): Promise<void> => {
    made++;
    await delay(Math.max(0, begun + (made === 1 ? 60_000 : milliseconds) - performance.now()), undefined);
    throw unreachable();
  };
  const result = failure(new RetryBudget().run(work, { most: 3 }));
  await vi.runAllTimersAsync();
  expect(await result).toMatchObject({ tries });
  expect(made).toBe(tries);
});

test("a success gives back its own retries, and no others", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  for (const refunds of [undefined, true]) {
    const budget = new RetryBudget({ failsAsOne: false, retries: 3, ...(refunds && { refunds }) });
    const outage = failing(Array.from({ length: 9 }, () => unreachable()));
    const results = [failure(budget.run(outage.work, { most: 9 }))];
    await vi.runAllTimersAsync();
    expect(outage.times).toHaveLength(4);
    await budget.run(failing([]).work);
    const next = failing([unreachable()]);
    results.push(failure(budget.run(next.work)));
    await vi.runAllTimersAsync();
    await Promise.all(results);
    expect(next.times).toHaveLength(1);
  }
  // Three are spent, and a quarter is earned, if nothing is said of refunds.
  const budget = new RetryBudget({ failsAsOne: false, retries: 3 });
  const first = budget.run(failing([unreachable(), unreachable(), unreachable()]).work);
  await vi.runAllTimersAsync();
  expect(await first).toBe("done");
  const second = failure(budget.run(failing([unreachable()]).work));
  await vi.runAllTimersAsync();
  expect(await second).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("nobody waits for what can't succeed", async () => {
  const { times, work } = failing([unreachable()]);
  const result = failure(new RetryBudget().run(work, { maySucceed: () => false }));
  await vi.runAllTimersAsync();
  expect(await result).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(times).toHaveLength(1);
});

test("the wait is told as it will be: what was drawn, or what the service asks for if that is longer", async () => {
  const waits: number[] = [];
  for (const [random, asked] of [
    [0, undefined],
    [1, undefined],
    [1, 50],
    [1, 2000],
  ] as const) {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const onRetry = ({ milliseconds }: Retry): void => void waits.push(milliseconds);
    const result = new RetryBudget({ onRetry }).run(failing([unreachable(asked)]).work);
    await vi.runAllTimersAsync();
    expect(await result).toBe("done");
  }
  expect(waits).toEqual([0, 100, 100, 2000]);
});
