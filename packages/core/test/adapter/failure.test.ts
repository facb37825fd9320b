// What an error made from a kind of failure says.

import { expect, test } from "vitest";
import { failureOf, kindOfStatus } from "../../src/adapter/index.ts";

const context = { operation: "storage.put", action: "storing a content at db.example", bytes: 100 };

test("a failure says what failed, what the service said, what is wrong and what to do", () => {
  const plain = failureOf("quota", context, { detail: "code 53100" });
  expect(plain).toMatchObject({ code: "ERR_QUOTA", operation: "storage.put", retry: "never" });
  expect(plain.message).toBe(
    "Storing a content at db.example failed (code 53100): the service has no room or no credit left. Free some, then try again.",
  );
});

test("an adapter has the last word on what is wrong, what to do, the reason and the retry", () => {
  const own = failureOf("invalid", context, {
    what: "there is no such table",
    advice: "Make it.",
    reason: "no-such-table",
    retry: "safe",
  });
  expect(own).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "no-such-table", retry: "safe" });
  expect(own.message).toBe("Storing a content at db.example failed: there is no such table. Make it.");
});

test("a write that is too large has the limit that is known of it", () => {
  expect(failureOf("too-large", context)).toMatchObject({ code: "ERR_TOO_LARGE", limit: 99 });
  expect(failureOf("too-large", context, { limit: 7 })).toMatchObject({ limit: 7 });
});

test("a write of no bytes that is too large has the limit 0, as one of unknown size has", () => {
  expect(failureOf("too-large", { ...context, bytes: 0 })).toMatchObject({ limit: 0 });
  const { bytes: _, ...unknown } = context;
  expect(failureOf("too-large", unknown)).toMatchObject({ limit: 0 });
});

test.each([
  ["denied", [401, 403, 407]],
  ["quota", [402, 507]],
  ["busy", [429, 503]],
  ["timeout", [408, 504]],
  ["unsupported", [405, 501]],
  ["too-large", [413]],
  ["unreachable", [404, 409, 410, 412, 500, 502, 418]],
])("%s is what the statuses %j mean", (kind, statuses) => {
  expect(statuses.map(kindOfStatus)).toEqual(statuses.map(() => kind));
});
