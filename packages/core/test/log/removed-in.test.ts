// What is removed, by the word of a manifest, and what a reader is told of it.

import { expect, test } from "vitest";
import { RemovedEntries } from "../../src/log/removed-entries.ts";
import { removedBy, removedError } from "../../src/log/removed-in.ts";

const manifest = { firstKept: 2, removed: [5, 8, 9].map((first) => ({ first, count: 1 })) };
const ranges = [
  { first: 0, count: 2 },
  { first: 5, count: 1 },
  { first: 8, count: 2 },
];

test("removed are the entries before the first that is kept, and those that the manifest names", () => {
  expect(removedBy(manifest)).toEqual(ranges);
  expect(removedBy({ firstKept: 0, removed: [] })).toEqual([]);
  expect(removedBy(undefined)).toEqual([]);
});

test("whoever passes over the removed entries continues after the last in a row", () => {
  const removed = new RemovedEntries(manifest);
  const numbers = [0, 1, 2, 4, 5, 6, 8, 9, 10];
  expect(numbers.map((sequence) => removed.endAt(sequence))).toEqual([2, 2, 2, 4, 6, 6, 10, 10, 10]);
  const following = numbers.map((sequence) => removed.firstFrom(sequence));
  expect(following).toEqual([0, 1, 5, 5, 5, 8, 8, 9, Infinity]);
  expect(removed.error(8, "reader.read")).toMatchObject({
    ...{ code: "ERR_REMOVED", operation: "reader.read", sequence: 8, next: 10 },
  });
});

test("the error for a removed entry says where to continue, and that more are missing only if they are", () => {
  const told = (sequence: number) => removedError(sequence, ranges, "entry.open");
  const others = expect.stringContaining("as those of all entries up to 9 were");
  const [early, last] = [told(8), told(9)];
  expect(early).toMatchObject({ sequence: 8, next: 10, message: others });
  expect(last).toMatchObject({ sequence: 9, next: 10 });
  // Also of an entry about which the manifest says nothing.
  const unknown = told(3);
  expect(unknown).toMatchObject({ sequence: 3, next: 4 });
  for (const { message } of [last, unknown]) expect(message).not.toContain("up to");
});
