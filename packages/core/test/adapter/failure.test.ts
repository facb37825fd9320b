// What an error made from a kind of failure says.

import { expect, test } from "vitest";
import { failureOf } from "../../src/adapter/index.ts";

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
