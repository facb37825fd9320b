import assert from "node:assert/strict";
import { test } from "node:test";
import { isRemoteLogError } from "@remote-log/core";
import { failureOf } from "../dist/errors.js";

const table = [
  [401, "ERR_DENIED", "never"],
  [402, "ERR_QUOTA", "never"],
  [403, "ERR_DENIED", "never"],
  [507, "ERR_QUOTA", "never"],
  [400, "ERR_UNREACHABLE", "safe"],
  [404, "ERR_UNREACHABLE", "safe"],
  [500, "ERR_UNREACHABLE", "safe"],
  [503, "ERR_UNREACHABLE", "safe"],
];

for (const [status, code, retry] of table) {
  test(`status ${status} becomes ${code} with the verdict ${retry}, its cause kept`, () => {
    const cause = new Error("what the client threw");
    const error = failureOf(status, "storage.put", cause);
    assert.ok(isRemoteLogError(error));
    assert.deepEqual([error.code, error.retry, error.operation], [code, retry, "storage.put"]);
    assert.equal(error.cause, cause);
    assert.match(error.message, new RegExp(String(status)));
  });
}
