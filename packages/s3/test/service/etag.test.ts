import { expect, test } from "vitest";
import { etagFor, furtherForms, isRevision, revisionOf } from "../../src/service/etag.ts";

test.each([
  ['"abc"', '"abc"'],
  ['W/"abc"', '"abc"'],
  ["abc", "abc"],
  ['"abcW/def"', '"abcW/def"'],
  ['"abc-gzip"', '"abc"'],
  ['W/"abc-gzip"', '"abc"'],
  ['"abc;gzip"', '"abc"'],
  ['"abc--gzip"', '"abc"'],
  ['"abc-br"', '"abc"'],
  ["abc-gzip", "abc"],
  ['"abc-2"', '"abc-2"'],
  ['"abcgzip"', '"abcgzip"'],
  ['"-gzip"', '"-gzip"'],
  // The end of an ETag is what a compressor adds to; the same letters within it belong to the object.
  ['"abc-gzip-1"', '"abc-gzip-1"'],
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

test("a service that refuses a revision may want its ETag without quotes, or with the mark of a coding", () => {
  expect(furtherForms('"abc"', '"abc"')).toEqual(["abc"]);
  expect(furtherForms('"abc"', 'W/"abc-gzip"')).toEqual(['"abc-gzip"', "abc", "abc-gzip"]);
  expect(furtherForms("abc", "abc")).toEqual([]);
  expect(furtherForms('"abc"', undefined)).toEqual(["abc"]);
  // What is no ETag is never sent in a condition: `*` would overwrite whatever is there.
  for (const none of ["*", '"a", "b"', '"a b"']) expect(furtherForms('"abc"', none)).toEqual(["abc"]);
});
