import assert from "node:assert/strict";
import { isRemoteLogError } from "@remote-log/core";
import { test } from "#runner";
import { SENDER } from "#src/client";
import { answerOf, translate, UnexpectedAnswer } from "#src/errors";

const context = { operation: "storage.put", action: "storing a content", bytes: 1001 };

const table = [
  { status: 401, code: "ERR_DENIED", retry: "never" },
  { status: 402, code: "ERR_QUOTA", retry: "never" },
  { status: 403, code: "ERR_DENIED", retry: "never" },
  { status: 413, code: "ERR_TOO_LARGE", retry: "never" },
  { status: 429, code: "ERR_UNREACHABLE", retry: "safe" },
  { status: 507, code: "ERR_QUOTA", retry: "never" },
  { status: 400, code: "ERR_UNREACHABLE", retry: "safe" },
  { status: 404, code: "ERR_UNREACHABLE", retry: "safe" },
  { status: 500, code: "ERR_UNREACHABLE", retry: "safe" },
  { status: 503, code: "ERR_UNREACHABLE", retry: "safe" },
];

for (const { status, code, retry } of table) {
  test(`status ${status} becomes ${code} with the verdict ${retry}, its cause kept`, () => {
    const cause = new UnexpectedAnswer(status, "made up");
    const error = translate(cause, context);
    assert.ok(isRemoteLogError(error));
    assert.deepEqual([error.code, error.retry, error.operation], [code, retry, "storage.put"]);
    assert.equal(error.cause, cause);
    assert.match(error.message, new RegExp(String(status)));
  });
}

for (const status of [200, 404, 412]) {
  test(`a status ${status} that is not from the service is no answer`, () => {
    const reply = { status, sender: SENDER };
    assert.equal(answerOf(reply, 200, 404, 412), reply);
    for (const sender of [null, "a login page"]) {
      assert.throws(() => answerOf({ status, sender }, 200, 404, 412), UnexpectedAnswer);
    }
  });
}
