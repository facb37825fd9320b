import { getEventListeners } from "node:events";
import { failure } from "@remote-log/test-kit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mayPass, RetryBudget } from "../../src/async/retry.ts";
import { DeniedError, QuotaExhaustedError, TimeoutError, UnreachableError } from "../../src/index.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const open = new AbortController().signal;
const unreachable = (retryAfterMilliseconds?: number): UnreachableError =>
  new UnreachableError("No answer.", { operation: "test", retryAfterMilliseconds });

/** Work that fails with each of some errors, and then succeeds; it notes when it is tried. */
function failing(errors: readonly unknown[]): { times: number[]; work: () => Promise<string> } {
  const rest = [...errors];
  const times: number[] = [];
  const work = async (): Promise<string> => {
    times.push(performance.now());
    if (rest.length > 0) throw rest.shift();
    return "done";
  };
  return { times, work };
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => Math.round(time - times[i]!));
}

test("work is tried again after failures that may pass, with waits that double, and a random part of each", async () => {
  const { times, work } = failing([unreachable(), unreachable(), unreachable(), unreachable()]);
  const result = new RetryBudget({ signal: open }).run(work);
  await vi.runAllTimersAsync();
  expect(await result).toBe("done");
  expect(gaps(times)).toEqual([50, 100, 200, 400]);
});

test("work is tried five times; then its last failure counts", async () => {
  const { times, work } = failing(Array.from({ length: 9 }, () => unreachable()));
  const result = failure(new RetryBudget({ signal: open }).run(work));
  await vi.runAllTimersAsync();
  expect(await result).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(times).toHaveLength(5);
});

test.each([
  new DeniedError("No.", { operation: "test" }),
  new QuotaExhaustedError("Full.", { operation: "test" }),
  new UnreachableError("A redirect.", { operation: "test", retry: "never" }),
  new TypeError("fetch failed"),
])("a failure that does not pass is not repeated: %s", async (error) => {
  const { times, work } = failing([error]);
  expect(await failure(new RetryBudget({ signal: open }).run(work))).toBe(error);
  expect(times).toHaveLength(1);
  expect(mayPass(error)).toBe(false);
});

test("an outage uses the budget up, and ends the waits of all", async () => {
  const budget = new RetryBudget({ signal: open });
  let tries = 0;
  const work = async (): Promise<void> => {
    tries++;
    throw unreachable();
  };
  const results = Array.from({ length: 20 }, () => failure(budget.run(work)));
  await vi.runAllTimersAsync();
  for (const error of await Promise.all(results)) expect(error).toMatchObject({ code: "ERR_UNREACHABLE" });
  // All are tried twice at most but for the one that found nothing left, which ended the waits of the others.
  expect(tries).toBe(20 + 13);
});

test("successes fill the budget: one failure in a hundred is repeated for ever", async () => {
  const budget = new RetryBudget({ signal: open });
  for (let i = 0; i < 200; i++) {
    const { work } = failing(i % 4 === 0 ? [unreachable()] : []);
    const result = budget.run(work);
    await vi.runAllTimersAsync();
    expect(await result).toBe("done");
  }
});

test("a timeout is repeated, and many at once are an outage: each has held its place for long", async () => {
  const single = failing([new TimeoutError("Late.", { operation: "test" })]);
  const result = new RetryBudget({ signal: open }).run(single.work);
  await vi.runAllTimersAsync();
  expect(await result).toBe("done");

  const budget = new RetryBudget({ signal: open });
  let tries = 0;
  const work = async (): Promise<void> => {
    tries++;
    throw new TimeoutError("Late.", { operation: "test" });
  };
  const results = Array.from({ length: 16 }, () => failure(budget.run(work)));
  await vi.runAllTimersAsync();
  for (const error of await Promise.all(results)) expect(error).toMatchObject({ code: "ERR_TIMEOUT" });
  expect(tries).toBe(16);
});

test("a service that asks for a pause gets it, from all of the work", async () => {
  const budget = new RetryBudget({ signal: open });
  const first = failing([unreachable(2000)]);
  const one = budget.run(first.work);
  await vi.advanceTimersByTimeAsync(10);
  const second = failing([]);
  const two = budget.run(second.work);
  await vi.runAllTimersAsync();
  expect(await Promise.all([one, two])).toEqual(["done", "done"]);
  expect(gaps(first.times)[0]).toBeGreaterThanOrEqual(2000);
  expect(second.times[0]! - first.times[0]!).toBeGreaterThanOrEqual(2000);
});

test("a service that asks for more than a minute is left alone", async () => {
  const { times, work } = failing([unreachable(3_600_000)]);
  expect(await failure(new RetryBudget({ signal: open }).run(work))).toMatchObject({
    retryAfterMilliseconds: 3_600_000,
  });
  expect(times).toHaveLength(1);
});

test("an abort ends a wait at once, with its own reason", async () => {
  const controller = new AbortController();
  const reason = new Error("gave up");
  const { times, work } = failing([unreachable(30_000)]);
  const result = failure(new RetryBudget({ signal: controller.signal }).run(work));
  await vi.advanceTimersByTimeAsync(20);
  controller.abort(reason);
  expect(await result).toBe(reason);
  expect(times).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("pieces that do not fail as one continue when another has failed", async () => {
  const budget = new RetryBudget({ failsAsOne: false });
  const failed = failing(Array.from({ length: 9 }, () => unreachable()));
  const others = failing([unreachable(), unreachable(), unreachable(), unreachable()]);
  const results = Promise.all([failure(budget.run(failed.work, { most: 2 })), budget.run(others.work)]);
  await vi.runAllTimersAsync();
  expect(await results).toEqual([expect.objectContaining({ code: "ERR_UNREACHABLE" }), "done"]);
  expect([failed.times.length, others.times.length]).toEqual([2, 5]);
});

test("a piece of its own signal ends with it, and the others continue", async () => {
  const controller = new AbortController();
  const budget = new RetryBudget({ signal: open });
  const ended = failing([unreachable()]);
  const others = failing([unreachable()]);
  const results = Promise.all([
    failure(budget.run(ended.work, { signal: controller.signal })),
    budget.run(others.work),
  ]);
  await vi.advanceTimersByTimeAsync(20);
  const reason = new Error("gave up");
  controller.abort(reason);
  await vi.runAllTimersAsync();
  expect(await results).toEqual([reason, "done"]);
});

test("waits grow to five seconds, and not beyond", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const { times, work } = failing(Array.from({ length: 8 }, () => unreachable()));
  const result = new RetryBudget().run(work, { most: 9 });
  await vi.runAllTimersAsync();
  expect(await result).toBe("done");
  expect(gaps(times)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test("a service that asks for a whole minute gets it", async () => {
  const { times, work } = failing([unreachable(60_000)]);
  const result = new RetryBudget().run(work);
  await vi.runAllTimersAsync();
  expect(await result).toBe("done");
  expect(gaps(times)[0]).toBeGreaterThanOrEqual(60_000);
  expect(await failure(new RetryBudget().run(failing([unreachable(60_001)]).work))).toMatchObject({
    code: "ERR_UNREACHABLE",
  });
});

test("after a pause all begin at random moments within a tenth of a second", async () => {
  const budget = new RetryBudget();
  const first = failing([unreachable(2000)]);
  const second = failing([]);
  const results = [budget.run(first.work)];
  await vi.advanceTimersByTimeAsync(10);
  results.push(budget.run(second.work));
  await vi.runAllTimersAsync();
  expect(await Promise.all(results)).toEqual(["done", "done"]);
  const gap = second.times[0]! - first.times[0]!;
  expect(gap).toBeGreaterThan(2010);
  expect(gap).toBeLessThanOrEqual(2100);
});

test("a failure without a request for a pause holds nobody else up", async () => {
  const budget = new RetryBudget();
  const results = [budget.run(failing([unreachable()]).work)];
  await vi.advanceTimersByTimeAsync(0);
  const second = failing([]);
  const begun = performance.now();
  results.push(budget.run(second.work));
  await vi.runAllTimersAsync();
  await Promise.all(results);
  expect(second.times).toEqual([begun]);
});

test("four successes pay for one retry, and a full budget grows no further", async () => {
  const budget = new RetryBudget({ failsAsOne: false });
  const tries = async (): Promise<number> => {
    let count = 0;
    const results = Array.from({ length: 20 }, () =>
      failure(
        budget.run(async () => {
          count++;
          throw unreachable();
        }),
      ),
    );
    await vi.runAllTimersAsync();
    await Promise.all(results);
    return count;
  };
  for (let i = 0; i < 40; i++) await budget.run(async () => undefined);
  expect(await tries()).toBe(20 + 32);
  for (let i = 0; i < 4; i++) await budget.run(async () => undefined);
  expect(await tries()).toBe(20 + 1);
});

test("four timeouts use up the whole budget", async () => {
  const late = (): TimeoutError => new TimeoutError("Late.", { operation: "test" });
  const budget = new RetryBudget({ failsAsOne: false });
  const results = Array.from({ length: 4 }, () => budget.run(failing([late()]).work));
  await vi.runAllTimersAsync();
  expect(await Promise.all(results)).toEqual(["done", "done", "done", "done"]);
});

test.each(["the whole", "the piece"])(
  "work that fails after the signal of %s has its own failure",
  async (whose) => {
    const controller = new AbortController();
    const error = unreachable();
    const { signal } = controller;
    const budget = new RetryBudget(whose === "the whole" ? { signal } : {});
    const work = async (): Promise<void> => {
      controller.abort(new Error("gave up"));
      throw error;
    };
    expect(await failure(budget.run(work, whose === "the piece" ? { signal } : {}))).toBe(error);
  },
);

test("when the whole fails, what waits for a retry has its own failure, and what has not begun the first", async () => {
  const budget = new RetryBudget();
  const own = unreachable(1000);
  const final = new DeniedError("No.", { operation: "test" });
  const results = [failure(budget.run(failing([own]).work))];
  const failed = failure(
    budget.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw final;
    }),
  );
  await vi.advanceTimersByTimeAsync(10);
  const { times, work } = failing([]);
  results.push(failure(budget.run(work)));
  await vi.runAllTimersAsync();
  expect(await failed).toBe(final);
  expect(await Promise.all(results)).toEqual([own, final]);
  expect((await Promise.all(results))[0]).toBe(own);
  expect(times).toEqual([]);
});

test("nobody listens to a signal after the waits", async () => {
  const { signal } = new AbortController();
  const result = new RetryBudget({ signal }).run(failing([unreachable()]).work);
  await vi.runAllTimersAsync();
  await result;
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
