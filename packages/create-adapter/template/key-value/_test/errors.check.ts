import assert from "node:assert/strict";
import { test } from "#runner";
import { ServiceError } from "#src/client";
import { meaningOf } from "#src/errors";

const table = [
  { code: "KEY_NOT_FOUND", meaning: "absent" },
  { code: "WRONG_REVISION", meaning: "conflict" },
  { code: "FORBIDDEN", meaning: "denied" },
  { code: "NO_SPACE", meaning: "quota" },
  { code: "VALUE_TOO_LONG", meaning: "too-large" },
  { code: "TIMED_OUT", meaning: "timeout" },
  { code: "SOMETHING_NEW", meaning: undefined },
];

for (const { code, meaning } of table) {
  test(`the refusal ${code} means ${meaning ?? "that nothing is known"}`, () => {
    assert.equal(meaningOf(new ServiceError(code)), meaning);
  });
}

test("what is no refusal of the service means that nothing is known", () => {
  assert.equal(meaningOf(new TypeError("KEY_NOT_FOUND")), undefined);
});
