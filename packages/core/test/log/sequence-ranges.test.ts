// Sets of entries as ranges, against sets of numbers.

import { runs } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  countOf,
  endOf,
  firstAfter,
  joinRanges,
  rangeWith,
  type SequenceRanges,
  subtractRanges,
} from "../../src/log/sequence-ranges.ts";

const range = fc.record({ first: fc.nat(40), count: fc.nat(6) });
const ranges = fc.array(range, { maxLength: 12 });

const numbersIn = (set: Iterable<{ readonly first: number; readonly count: number }>): number[] => {
  const numbers = new Set<number>();
  for (const { first, count } of set) for (let i = 0; i < count; i++) numbers.add(first + i);
  return [...numbers].sort((a, b) => a - b);
};

const isSet = (set: SequenceRanges): boolean =>
  set.every(({ first, count }, i) => count > 0 && (i === 0 || first > endOf(set[i - 1]!)));

test("joined, subtracted and looked up, ranges are what sets of their numbers are", () => {
  fc.assert(
    fc.property(ranges, ranges, fc.nat(50), (some, others, at) => {
      const [one, other] = [joinRanges(some), joinRanges(others)];
      expect(isSet(one)).toBe(true);
      expect(numbersIn(one)).toEqual(numbersIn(some));
      expect(countOf(one)).toBe(numbersIn(some).length);
      const rest = subtractRanges(one, other);
      expect(isSet(rest)).toBe(true);
      expect(numbersIn(rest)).toEqual(numbersIn(some).filter((n) => !numbersIn(others).includes(n)));
      const found = rangeWith(one, at);
      expect(found !== undefined).toBe(numbersIn(some).includes(at));
      if (found !== undefined) expect(one).toContain(found);
      expect(firstAfter(one, at)).toBe(numbersIn(some).find((n) => n >= at) ?? Infinity);
    }),
    { numRuns: runs(200, 5000) },
  );
});
