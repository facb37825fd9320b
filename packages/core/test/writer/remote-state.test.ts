// What is believed of a remote before anything was read, and how long it may lag.

import { afterEach, expect, test, vi } from "vitest";
import { hadTimeToShow, UNKNOWN } from "../../src/writer/remote-state.ts";

afterEach(() => void vi.useRealTimers());

test("of a remote of which nothing was read nothing is believed", () => {
  for (const [what, value] of Object.entries(UNKNOWN)) expect(Boolean(value), what).toBe(false);
});

test("a name that may lag has a minute to show an update; one of an earlier process has had it", () => {
  vi.useFakeTimers();
  const state = { ...UNKNOWN, acknowledgedAt: performance.now() };
  expect(hadTimeToShow(UNKNOWN)).toBe(true);
  expect(hadTimeToShow(state)).toBe(false);
  vi.advanceTimersByTime(59_999);
  expect(hadTimeToShow(state)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(hadTimeToShow(state)).toBe(true);
});
