import { afterEach, expect, test, vi } from "vitest";
import { monotonicNow } from "../../src/runtime/clock.ts";

afterEach(() => vi.restoreAllMocks());

test("a clock that is set does not move the time that passes", () => {
  const before = monotonicNow();
  vi.spyOn(Date, "now").mockReturnValue(0);
  expect(monotonicNow()).toBeGreaterThanOrEqual(before);
  // It counts from the beginning of the process, or from some other moment: not from 1970.
  expect(monotonicNow()).toBeLessThan(1_000_000_000_000);
});
