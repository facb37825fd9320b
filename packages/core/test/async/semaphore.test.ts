import { getEventListeners } from "node:events";
import { tick } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Semaphore } from "../../src/async/semaphore.ts";

/** Pieces of work that end when the test says so; `began` has their numbers in the order in which they began. */
function pieces(semaphore: Semaphore) {
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const start = (number: number, signal?: AbortSignal): Promise<void> =>
    semaphore.run(signal, () => {
      began.push(number);
      return new Promise((resolve) => (ends[number] = resolve));
    });
  return { began, ends, start };
}

test("at most as many pieces of work run as there are permits, and the others follow in order", async () => {
  const { began, ends, start } = pieces(new Semaphore(2));
  const all = [0, 1, 2, 3].map((number) => start(number));
  await tick();
  expect(began).toEqual([0, 1]);
  ends[1]!();
  await tick();
  expect(began).toEqual([0, 1, 2]);
  ends[0]!();
  await tick();
  expect(began).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  await Promise.all(all);
});

test("work whose signal fires leaves the queue at once, with its reason, and without a listener", async () => {
  const { began, ends, start } = pieces(new Semaphore(1));
  const controller = new AbortController();
  const first = start(0);
  const second = start(1, controller.signal);
  const third = start(2);
  controller.abort("gave up");
  await expect(second).rejects.toBe("gave up");
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  ends[0]!();
  await first;
  await tick();
  expect(began).toEqual([0, 2]);
  ends[2]!();
  await third;
});

test.each([0, 1, 2, 3, 4, 5])(
  "a permit that is handed to work whose signal has just fired is not lost (%i steps later)",
  async (steps) => {
    const semaphore = new Semaphore(1);
    const { ends, start } = pieces(semaphore);
    const controller = new AbortController();
    const first = start(0);
    const second = semaphore
      .run(controller.signal, async () => (controller.signal.aborted ? "ran all the same" : "ran"))
      .catch((error: unknown) => error);
    ends[0]!();
    for (let step = 0; step < steps; step++) await Promise.resolve();
    controller.abort("gave up");
    await first;
    expect(["ran", "gave up"]).toContain(await second);
    expect(await semaphore.run(undefined, async () => "ran")).toBe("ran");
  },
);

test("a failure frees the permit, and is the caller's", async () => {
  const semaphore = new Semaphore(1);
  const reason = new Error("no");
  await expect(semaphore.run(undefined, () => Promise.reject(reason))).rejects.toBe(reason);
  expect(await semaphore.run(undefined, async () => "ran")).toBe("ran");
});

test("work that had to wait listens to its signal no longer than it waits", async () => {
  const { ends, start } = pieces(new Semaphore(1));
  const controller = new AbortController();
  const first = start(0);
  const second = start(1, controller.signal);
  ends[0]!();
  await first;
  await tick();
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  ends[1]!();
  await second;
});
