import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { backOff, pauseAfter } from "../../src/service/back-off.ts";

test("a write waits up to twice as long after each attempt, and at most 80 ms after the first", () => {
  expect([1, 2, 3, 4, 5].map((attempts) => pauseAfter(attempts, 1))).toEqual([80, 160, 320, 640, 1280]);
  expect(pauseAfter(3, 0.25)).toBe(80);
  expect(pauseAfter(5, 0)).toBe(0);
});

test("an abort ends the pause with its own reason", async () => {
  expect(await failure(backOff(1, AbortSignal.abort("enough")))).toBe("enough");
});
