// Which error keeps how long a service asked to be left alone.

import { expect, test } from "vitest";
import { HttpFailure, parseRetryAfter } from "../../src/adapter/index.ts";
import { keepRetryAfter } from "../../src/adapter/retry-after.ts";
import { UnreachableError } from "../../src/index.ts";

const asking = new HttpFailure(503, "Slow down.", 12_000);
const busy = (retryAfterMilliseconds?: number): UnreachableError =>
  new UnreachableError("It is busy.", { operation: "storage.get", retryAfterMilliseconds });

test("an error keeps what the failure asked for, where others see it", () => {
  const error = busy();
  expect(keepRetryAfter(asking, error)).toBe(error);
  expect(Object.entries(error)).toContainEqual(["retryAfterMilliseconds", 12_000]);
});

test("an error that says how long has the last word", () => {
  expect(keepRetryAfter(asking, busy(7))).toMatchObject({ retryAfterMilliseconds: 7 });
});

test.each([
  ["is of another project", new Error("no")],
  ["is a text", "no"],
  ["is nothing", undefined],
  ["is null", null],
])("what %s is left as it is", (_what, translated) => {
  expect(keepRetryAfter(asking, translated)).toBe(translated);
  if (typeof translated === "object" && translated !== null)
    expect(translated).not.toHaveProperty("retryAfterMilliseconds");
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a text", "503"],
  ["an error", new Error("cut off")],
  ["a time that is no number", { retryAfterMilliseconds: "12" }],
  ["a reply without headers", { response: {} }],
  ["headers of another form", { response: { headers: { "retry-after": "12" } } }],
  ["a reply that does not ask", { response: new Response("") }],
])("a failure that is %s asks for nothing", (_what, failure) => {
  expect(keepRetryAfter(failure, busy())).toMatchObject({ retryAfterMilliseconds: undefined });
});

test("what is no whole number of seconds is no time to wait for", () => {
  for (const header of ["7.5", "7,5", "+7.5", "x7.5"]) {
    // Some runtimes take some of them for a date, which is over.
    expect(parseRetryAfter(header) ?? 0).toBe(0);
  }
});
