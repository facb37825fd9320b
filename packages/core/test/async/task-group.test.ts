import { tick } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { failFast, TaskGroup } from "../../src/async/task-group.ts";

/** Work that ends when the test says so; `began` has the numbers in the order in which they began. */
function works() {
  const began: number[] = [];
  const ends: { resolve(): void; reject(reason: unknown): void }[] = [];
  const work = (number: number) => (): Promise<void> => {
    began.push(number);
    return new Promise((resolve, reject) => (ends[number] = { resolve, reject }));
  };
  return { began, ends, work };
}

test("a group runs at most as much work as its limit, and ends when all of it has ended", async () => {
  const group = new TaskGroup(2);
  const { began, ends, work } = works();
  await group.add(work(0));
  await group.add(work(1));
  const third = group.add(work(2));
  await tick();
  expect(began).toEqual([0, 1]);
  ends[1]!.resolve();
  await third;
  expect(began).toEqual([0, 1, 2]);
  let isSettled = false;
  const settled = group.settled().then(() => (isSettled = true));
  ends[0]!.resolve();
  await tick();
  expect(isSettled).toBe(false);
  ends[2]!.resolve();
  await settled;
});

test("after a failure nothing begins, and the first failure is the one that is told", async () => {
  const group = new TaskGroup(2);
  const { began, ends, work } = works();
  await group.add(work(0));
  await group.add(work(1));
  const third = group.add(work(2));
  ends[1]!.reject("first");
  await expect(third).rejects.toBe("first");
  ends[0]!.reject("second");
  await expect(group.settled()).rejects.toBe("first");
  await expect(group.add(work(3))).rejects.toBe("first");
  expect(began).toEqual([0, 1]);
});

test("work that follows other work begins once all before it has succeeded, and not if any failed", async () => {
  for (const isFailing of [false, true]) {
    const group = new TaskGroup(9);
    const { began, ends, work } = works();
    await group.add(work(0));
    await group.add(work(1));
    await group.addAfter(work(2));
    ends[0]!.resolve();
    await tick();
    expect(began).toEqual([0, 1]);
    if (isFailing) ends[1]!.reject("no");
    else ends[1]!.resolve();
    await tick();
    expect(began).toEqual(isFailing ? [0, 1] : [0, 1, 2]);
    if (isFailing) await expect(group.settled()).rejects.toBe("no");
    else {
      ends[2]!.resolve();
      await group.settled();
    }
  }
});

test("things done side by side all end before the whole does", async () => {
  const { began, ends, work } = works();
  let isOver = false;
  const all = failFast(undefined, [0, 1], (number) => work(number)()).then(() => (isOver = true));
  await tick();
  expect(began).toEqual([0, 1]);
  ends[0]!.resolve();
  await tick();
  expect(isOver).toBe(false);
  ends[1]!.resolve();
  await all;
});

test("the first of several things to fail aborts the others, and its failure is thrown", async () => {
  const reasons: unknown[] = [];
  const all = failFast(undefined, [0, 1], (number, signal) =>
    number === 0
      ? tick().then(() => Promise.reject(new Error("first")))
      : new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(new Error("ended"));
          }),
        ),
  );
  await expect(all).rejects.toThrow("first");
  expect(reasons).toEqual([new Error("first")]);
});
