import { expect, test } from "vitest";
import { SharedWork } from "../src/shared-work.ts";
import { failure } from "./clients.ts";

/** Work that ends when the test says so. */
function work() {
  let signal: AbortSignal | undefined;
  let left = 0;
  let end: { resolve(value: string): void; reject(reason: unknown): void } | undefined;
  const shared = new SharedWork<string>(
    (given) => {
      signal = given;
      return new Promise((resolve, reject) => (end = { resolve, reject }));
    },
    () => left++,
  );
  return { shared, end: end!, isEnded: () => signal?.aborted, left: () => left };
}

test("work goes on as long as one waits for it, and ends when the last has left", async () => {
  const { shared, isEnded, left } = work();
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [first, second].map(({ signal }) => failure(shared.wait(signal)));
  first.abort("enough");
  expect(await waits[0]).toBe("enough");
  expect([isEnded(), left()]).toEqual([false, 0]);
  second.abort("enough, too");
  expect(await waits[1]).toBe("enough, too");
  expect([isEnded(), left()]).toEqual([true, 1]);
});

test("all who wait get the result, or the failure", async () => {
  const good = work();
  const waits = [good.shared.wait(undefined), good.shared.wait(undefined)];
  good.end.resolve("done");
  expect(await Promise.all(waits)).toEqual(["done", "done"]);
  expect(good.left()).toBe(1);
  const bad = work();
  const failing = [failure(bad.shared.wait(undefined)), failure(bad.shared.wait(undefined))];
  const reason = new Error("no");
  bad.end.reject(reason);
  expect(await Promise.all(failing)).toEqual([reason, reason]);
});

test("a failure that nobody waits for is nobody's unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", listener);
  try {
    const { shared, end } = work();
    expect(await failure(shared.wait(AbortSignal.abort("enough")))).toBe("enough");
    end.reject(new Error("late"));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", listener);
  }
  expect(unhandled).toEqual([]);
});
