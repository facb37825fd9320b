// How an iteration ends, and what an object refuses once it is closed.

import { getEventListeners } from "node:events";
import { failure } from "@remote-log/test-kit";
import { afterEach, expect, test, vi } from "vitest";
import { Lifetime } from "../../src/adapter/index.ts";

const context = { operation: "storage.list", action: "listing the contents" };
const newLifetime = (interruption: "immediate" | "cooperative" = "immediate"): Lifetime =>
  new Lifetime({ what: "storage", translate: (error) => error, interruption });

afterEach(() => void vi.useRealTimers());

/** A source of numbers up to a last one; `end` is called when it is given up. */
function source(last: number, end: () => Promise<unknown> = async () => undefined) {
  let given = 0;
  const ended = vi.fn<() => Promise<IteratorResult<number>>>(async () => {
    await end();
    return { done: true, value: undefined };
  });
  const numbers: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => (given < last ? { done: false, value: ++given } : { done: true, value: undefined }),
      return: ended,
    }),
  };
  return { numbers, ended };
}

test("a closed object begins no work, also if its work is never left half-way", async () => {
  for (const interruption of ["immediate", "cooperative"] as const) {
    const life = newLifetime(interruption);
    await life.close();
    const work = vi.fn<() => Promise<void>>(async () => undefined);
    expect(await failure(life.run(context, undefined, work))).toMatchObject({ code: "ERR_CLOSED" });
    const open = vi.fn<() => AsyncIterable<number>>(() => source(1).numbers);
    expect(await failure(life.iterate(context, undefined, open).next())).toMatchObject({
      code: "ERR_CLOSED",
    });
    expect([work.mock.calls.length, open.mock.calls.length]).toEqual([0, 0]);
  }
});

test("a signal that has fired opens no source", async () => {
  const open = vi.fn<() => AsyncIterable<number>>(() => source(1).numbers);
  const aborted = AbortSignal.abort("gave up");
  expect(await failure(newLifetime().iterate(context, aborted, open).next())).toBe("gave up");
  expect(open).not.toHaveBeenCalled();
});

test("a source that came to its end is not ended once more; one that is left is, once", async () => {
  const whole = source(2);
  const given: number[] = [];
  for await (const one of newLifetime().iterate(context, undefined, () => whole.numbers)) given.push(one);
  expect([given, whole.ended.mock.calls.length]).toEqual([[1, 2], 0]);
  const left = source(2);
  for await (const _ of newLifetime().iterate(context, undefined, () => left.numbers)) break;
  expect(left.ended).toHaveBeenCalledOnce();
});

test("a caller who leaves ends what the source waits for, and leaves neither a listener nor a timer behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { signal } = new AbortController();
  let given: AbortSignal | undefined;
  const steps = newLifetime().iterate(context, signal, (inner) => {
    given = inner;
    return source(2).numbers;
  });
  await steps.next();
  expect(given!.aborted).toBe(false);
  await steps.return(undefined);
  expect(given!.aborted).toBe(true);
  expect([vi.getTimerCount(), getEventListeners(signal, "abort")]).toEqual([0, []]);
});

test("a source that does not end holds its caller for a second", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const silent = source(2, () => new Promise(() => undefined));
  const steps = newLifetime().iterate(context, undefined, () => silent.numbers);
  await steps.next();
  let hasLeft = false;
  const leaving = steps.return(undefined).then(() => (hasLeft = true));
  await vi.advanceTimersByTimeAsync(999);
  expect(hasLeft).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await leaving;
});
