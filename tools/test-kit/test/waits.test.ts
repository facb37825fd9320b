import { existsSync } from "node:fs";
import { cpuMilliseconds, failure, Gauge, until } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";

test("failure gives the error of a promise that rejects, and fails for one that resolves", async () => {
  const error = new Error("no");
  expect(await failure(Promise.reject(error))).toBe(error);
  await expect(failure(Promise.resolve(7))).rejects.toMatchObject({
    message: expect.stringContaining("should have rejected"),
    cause: 7,
  });
});

test("until goes by the condition, and waits as long as there is progress", async () => {
  let looks = 0;
  await until(() => looks++ === 20, { progress: () => looks, stallMilliseconds: 0 });
  expect(looks).toBe(21);
});

test("until gives up on what makes no progress, and names it", async () => {
  const waiting = until(() => false, { what: "a reply", progress: () => 1, stallMilliseconds: 20 });
  await expect(waiting).rejects.toThrow("Waited for a reply, and nothing changed for 20 ms.");
});

test("until rejects with what its condition throws", async () => {
  const waiting = until(() => {
    throw new TypeError("broken");
  });
  await expect(waiting).rejects.toThrow(TypeError);
});

test("the time of processors counts work, and grows with it", () => {
  const work = (rounds: number) => (): void => {
    let sum = 0;
    for (let i = 0; i < rounds; i++) sum += Math.sqrt(i);
    expect(sum).toBeGreaterThan(0);
  };
  work(1_000_000)();
  expect(cpuMilliseconds(work(100_000_000))).toBeGreaterThan(3 * cpuMilliseconds(work(1_000_000)));
});

test("a gauge counts what is under way, and what leaves twice only once", async () => {
  const gauge = new Gauge();
  const [first, second] = [gauge.enter(), gauge.enter()];
  first();
  first();
  expect([gauge.now, gauge.most, gauge.total]).toEqual([1, 2, 2]);
  second();
  const error = new Error("broken");
  await expect(gauge.during(() => Promise.reject(error))).rejects.toBe(error);
  expect([gauge.now, gauge.most, gauge.total]).toEqual([0, 2, 3]);
});

test("a temporary folder is there, and is another one each time", async () => {
  const [one, two] = [await temporaryFolder(), await temporaryFolder()];
  expect(existsSync(one)).toBe(true);
  expect(two).not.toBe(one);
});
