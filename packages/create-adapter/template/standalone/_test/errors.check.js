import assert from "node:assert/strict";
import { test } from "node:test";
import { isRemoteLogError } from "@remote-log/core";
import { SENDER } from "../dist/client.js";
import { failureOf, fromService } from "../dist/errors.js";

const table = [
  [401, "ERR_DENIED", "never"],
  [402, "ERR_QUOTA", "never"],
  [403, "ERR_DENIED", "never"],
  [413, "ERR_TOO_LARGE", "never"],
  [429, "ERR_UNREACHABLE", "safe"],
  [507, "ERR_QUOTA", "never"],
  [400, "ERR_UNREACHABLE", "safe"],
  [404, "ERR_UNREACHABLE", "safe"],
  [500, "ERR_UNREACHABLE", "safe"],
  [503, "ERR_UNREACHABLE", "safe"],
];

for (const [status, code, retry] of table) {
  test(`status ${status} becomes ${code} with the verdict ${retry}, its cause kept`, () => {
    const cause = new Error("what the client threw");
    const error = failureOf(status, { operation: "storage.put", limit: 1000, cause });
    assert.ok(isRemoteLogError(error));
    assert.deepEqual([error.code, error.retry, error.operation], [code, retry, "storage.put"]);
    assert.equal(error.cause, cause);
    assert.match(error.message, new RegExp(String(status)));
  });
}

test("what is too large for the service names the limit", () => {
  assert.equal(failureOf(413, { operation: "storage.put", limit: 1000 }).limit, 1000);
});

for (const status of [200, 404, 412]) {
  test(`a status ${status} that is not from the service is no answer`, () => {
    const reply = { status, sender: SENDER };
    assert.equal(fromService(reply, "storage.put"), reply);
    for (const sender of [null, "a login page"]) {
      const error = { code: "ERR_UNREACHABLE", operation: "storage.put" };
      assert.throws(() => fromService({ status, sender }, "storage.put"), error);
    }
  });
}

test("a refusal is taken from anyone: a gateway in front of the service may say it", () => {
  for (const status of [401, 413, 507]) {
    assert.equal(fromService({ status, sender: null }, "storage.put").status, status);
  }
});
