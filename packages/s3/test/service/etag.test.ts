import { expect, test } from "vitest";
import { etagFor, isRevision, revisionOf } from "../../src/service/etag.ts";

test.each([
  ['"abc"', '"abc"'],
  ['W/"abc"', '"abc"'],
  ["abc", "abc"],
  ['"abcW/def"', '"abcW/def"'],
  [`"${"a".repeat(256)}"`, `"${"a".repeat(256)}"`],
  [`"${"a".repeat(257)}"`, undefined],
  ["a".repeat(256), "a".repeat(256)],
  ["a".repeat(257), undefined],
  ['""', undefined],
  ["*", undefined],
  ['"a", "b"', undefined],
  ['"a b"', undefined],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
])("the ETag %j stands for the revision %j", (etag, revision) => {
  expect(revisionOf(etag)).toBe(revision);
});

test("a weak mark is no part of a revision, and not sent in a condition", () => {
  expect([isRevision('W/"abc"'), isRevision('"abc"')]).toEqual([false, true]);
});

test("a service gets its ETag back as it sent it, and without quotes if it refuses them", () => {
  expect([etagFor('"abc"', true), etagFor('"abc"', false), etagFor("abc", false)]).toEqual([
    '"abc"',
    "abc",
    "abc",
  ]);
});
