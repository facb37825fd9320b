// Which entries a mirroring could not get, as ranges, and which of several failures is told.

import { expect, test } from "vitest";
import {
  IntegrityError,
  MalformedError,
  NotFoundError,
  UnreachableError,
  WithheldError,
} from "../../src/index.ts";
import { gravest, MissingRanges } from "../../src/mirror/missing-entries.ts";

const operation = "storage.get";
const silence = new UnreachableError("no answer", { operation, retry: "safe" });
const absence = new NotFoundError("not there", { operation });
const foreign = new Error("of no class of this project");
const removal = new WithheldError("removed", { operation, sequence: 7 });
const lie = new IntegrityError("false", { operation });
const malformed = new MalformedError("nonsense", { operation });
/** As an error of another copy of this package is. */
const ofAnotherCopy = Object.assign(
  Object.create(UnreachableError.prototype as object, Object.getOwnPropertyDescriptors(silence)),
  { code: "ERR_INTEGRITY" },
) as Error;

test.each([
  ["nothing", [], undefined],
  ["an absence before silence", [silence, absence], absence],
  ["what is no error of this project before silence", [silence, foreign], foreign],
  ["a removal before an absence", [absence, removal], removal],
  ["a removal before silence", [silence, removal], removal],
  ["a lie before a removal", [removal, lie], lie],
  ["nonsense before a removal", [removal, malformed], malformed],
  ["a lie that another copy of this package found", [removal, ofAnotherCopy], ofAnotherCopy],
])("of several failures the gravest is told: %s", (_what, errors, told) => {
  expect(gravest(errors)).toBe(told);
  expect(gravest([...errors].reverse())).toBe(told);
});

test.each([
  [silence, new UnreachableError("no answer either", { operation, retry: "safe" })],
  [absence, foreign],
  [lie, malformed],
])("of equally grave failures the first is told: %s", (first, second) => {
  expect(gravest([first, second])).toBe(first);
});

/** The ranges of some that are added one after the other. */
function rangesOf(...added: [from: number, to: number, error: unknown][]) {
  const missing = new MissingRanges();
  for (const range of added) missing.add(...range);
  const ranges = missing.ranges().map(({ from, to, error }) => [from, to, error]);
  return { ranges, count: missing.count };
}

test("ranges are in order, and neighbours with the same code are one", () => {
  const again = new NotFoundError("not there either", { operation });
  expect(rangesOf([7, 9, absence], [5, 7, again], [0, 2, silence], [2, 3, silence])).toEqual({
    ranges: [
      [0, 3, silence],
      [5, 9, again],
    ],
    count: 7,
  });
});

test("ranges with another code, or with entries between them, stay apart", () => {
  for (const other of [silence, foreign, undefined]) {
    const apart: [number, number, unknown][] = [
      [0, 2, absence],
      [2, 3, other],
      [4, 5, other],
    ];
    expect(rangesOf(...apart)).toEqual({ ranges: apart, count: 4 });
  }
});

test("after 4,096 ranges the last one grows over what comes, and entries are counted all the same", () => {
  const apart = (count: number): [number, number, unknown][] =>
    Array.from({ length: count }, (_, i) => [2 * i, 2 * i + 1, absence]);
  const { ranges: most } = rangesOf(...apart(4096));
  expect(most).toEqual(apart(4096));
  for (const count of [4097, 9000]) {
    const { ranges, count: entries } = rangesOf(...apart(count).reverse());
    expect([ranges.length, entries]).toEqual([4096, count]);
    expect(ranges.slice(0, -1)).toEqual(most.slice(0, -1));
    expect(ranges.at(-1)).toEqual([8190, 2 * count - 1, absence]);
  }
});
