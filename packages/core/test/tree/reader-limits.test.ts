import { expect, test } from "vitest";
import { defaultLimits, LARGEST_NODE, limitsOf } from "../../src/tree/reader-limits.ts";

test("the limits are those of the documentation, unless others are given", () => {
  const documented = {
    headBytes: 4_194_304,
    pageBytes: 4_194_304,
    contentBytes: 16_777_216,
    collectedBytes: 268_435_456,
    concurrency: 128,
    requestMilliseconds: 60_000,
    patienceMilliseconds: 5_000,
  };
  expect(limitsOf()).toEqual(documented);
  expect(defaultLimits).toEqual(documented);
  expect(limitsOf({ pageBytes: 1, concurrency: 2 ** 31 - 1 })).toEqual({
    ...documented,
    pageBytes: 1,
    concurrency: 2 ** 31 - 1,
  });
});

test("the largest index node holds 256 refs with the longest addresses", () => {
  expect(LARGEST_NODE).toBe(65_536);
});

test.each([0, -1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY])(
  "a limit of %d is refused",
  (limit) => {
    expect(() => limitsOf({ headBytes: limit })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
    );
  },
);
