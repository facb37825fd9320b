import { expect, test } from "vitest";
import { checkWhole } from "../../src/adapter/check-whole.ts";

const check = (value: number, least?: number): void =>
  checkWhole(
    { first: 5, limit: value },
    { operation: "fake.open", largest: 9, ...(least !== undefined && { least }) },
  );

test.each([1, 5, 9])("%d lies in the range from 1 to 9", (value) => {
  expect(() => check(value)).not.toThrow();
});

test.each([0, 10, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  "%d is refused by the name of its option",
  (value) => {
    expect(() => check(value)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_INPUT",
        operation: "fake.open",
        message: expect.stringContaining("limit must be a whole number from 1 to 9"),
      }),
    );
  },
);

test("the least number may be another one than 1", () => {
  expect(() => check(0, 0)).not.toThrow();
  expect(() => check(2, 3)).toThrow("from 3 to 9");
});
