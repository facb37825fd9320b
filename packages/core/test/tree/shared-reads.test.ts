// Reads that callers share: what is kept of them, and what is at hand at once.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { SharedReads } from "../../src/tree/shared-reads.ts";

const { signal } = new AbortController();

test("what came last is at hand without a promise, and what came of the others without a read", async () => {
  const shared = new SharedReads<string, string>(2);
  const read = vi.fn<() => Promise<string>>(async () => "one");
  expect(await shared.run("a", signal, read)).toBe("one");
  expect(shared.run("a", signal, read)).toBe("one");
  expect(await shared.run("b", signal, async () => "two")).toBe("two");
  const again = shared.run("a", signal, read);
  expect(again).toBeInstanceOf(Promise);
  expect(await again).toBe("one");
  expect(shared.run("a", undefined, read)).toBe("one");
  expect(read).toHaveBeenCalledTimes(1);
});

test("of as many as it may, those are kept that were asked for last", async () => {
  const shared = new SharedReads<string, string>(2);
  for (const key of ["a", "b", "a", "c"]) await shared.run(key, signal, async () => key);
  expect(["a", "b", "c"].map((key) => shared.get(key) !== undefined)).toEqual([true, false, true]);
});

test("a read that failed is begun again, and whoever gave up gets nothing", async () => {
  const shared = new SharedReads<string, string>(2);
  const no = new Error("no");
  expect(await failure(Promise.resolve(shared.run("a", signal, () => Promise.reject(no))))).toBe(no);
  expect(shared.get("a")).toBeUndefined();
  expect(await shared.run("a", signal, async () => "one")).toBe("one");
  const late = shared.run("a", AbortSignal.abort("gave up"), async () => "one");
  expect(await failure(Promise.resolve(late))).toBe("gave up");
});
