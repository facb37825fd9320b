import { afterEach, expect, test, vi } from "vitest";
import { hedge } from "../../src/async/hedge.ts";

afterEach(() => void vi.useRealTimers());

const options = {
  patienceMilliseconds: 5,
  signal: undefined,
  choose: (failures: readonly unknown[]): unknown => failures[0],
};

const silent = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("the next source is asked when one fails, and none behind the first that answers", async () => {
  const asked: number[] = [];
  const ask = (number: number, answer: () => Promise<string>) => () => {
    asked.push(number);
    return answer();
  };
  const sources = [
    ask(0, () => Promise.reject(new Error("no"))),
    ask(1, async () => "one"),
    ask(2, async () => "two"),
  ];
  expect(await hedge(sources, { ...options, patienceMilliseconds: 60_000 })).toEqual({
    value: "one",
    index: 1,
  });
  expect(asked).toEqual([0, 1]);
});

test("a silent source is overtaken, and ended when another has answered", async () => {
  let ended: AbortSignal | undefined;
  const sources = [
    (signal: AbortSignal) => {
      ended = signal;
      return silent(signal);
    },
    async () => "second",
  ];
  expect(await hedge<string>(sources, options)).toEqual({ value: "second", index: 1 });
  expect(ended!.aborted).toBe(true);
});

test("if all fail, the chosen failure is thrown", async () => {
  const sources = ["first", "second"].map((text) => () => Promise.reject(new Error(text)));
  await expect(hedge(sources, { ...options, choose: (failures) => failures.at(-1) })).rejects.toThrow(
    "second",
  );
});

test("the failures are told in the order in which the sources were asked, whoever fails first", async () => {
  let fail: (error: Error) => void = () => undefined;
  const slow = new Promise<string>((_, reject) => (fail = reject));
  const overtaking = async (): Promise<string> => {
    setTimeout(() => fail(new Error("asked first")));
    throw new Error("overtook it");
  };
  await expect(hedge([() => slow, overtaking], options)).rejects.toThrow("asked first");
});

test("the caller's signal ends it with its reason", async () => {
  const controller = new AbortController();
  const asking = hedge([silent, silent], { ...options, signal: controller.signal });
  controller.abort("gave up");
  await expect(asking).rejects.toBe("gave up");
});

test("a source that was overtaken may still answer when all others have failed", async () => {
  let answer = (_value: string): void => undefined;
  const sources = [
    () => new Promise<string>((resolve) => (answer = resolve)),
    () => {
      setImmediate(() => answer("late"));
      return Promise.reject(new Error("no"));
    },
  ];
  expect(await hedge(sources, options)).toEqual({ value: "late", index: 0 });
});

test("each source has the whole of the patience, and no timer is left after an answer", async () => {
  vi.useFakeTimers();
  const asked: number[] = [];
  const ask = (number: number, answer: () => Promise<string>) => () => {
    asked.push(number);
    return answer();
  };
  const after = (milliseconds: number, end: () => void) => setTimeout(end, milliseconds);
  const asking = hedge(
    [
      ask(0, () => new Promise((_, reject) => after(4, () => reject(new Error("no"))))),
      ask(1, () => new Promise((resolve) => after(9, () => resolve("one")))),
      ask(2, () => new Promise(() => undefined)),
      ask(3, () => new Promise(() => undefined)),
    ],
    options,
  );
  await vi.advanceTimersByTimeAsync(8);
  expect(asked).toEqual([0, 1]);
  await vi.advanceTimersByTimeAsync(2);
  expect(asked).toEqual([0, 1, 2]);
  await vi.advanceTimersByTimeAsync(3);
  expect(await asking).toEqual({ value: "one", index: 1 });
  expect(vi.getTimerCount()).toBe(0);
});
