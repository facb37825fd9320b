import assert from "node:assert/strict";
import { isRemoteLogError } from "@remote-log/core";
import { test } from "#runner";
import { DatabaseError } from "#src/client";
import { translate } from "#src/errors";

const context = { operation: "storage.put", action: "storing a content", bytes: 1001 };

const table = [
  { sqlState: "28P01", code: "ERR_DENIED" },
  { sqlState: "42501", code: "ERR_DENIED" },
  { sqlState: "42P01", code: "ERR_INVALID_INPUT" },
  { sqlState: "3D000", code: "ERR_INVALID_INPUT" },
  { sqlState: "53100", code: "ERR_QUOTA" },
  { sqlState: "53300", code: "ERR_UNREACHABLE" },
  { sqlState: "57014", code: "ERR_TIMEOUT" },
  { sqlState: "54000", code: "ERR_TOO_LARGE" },
  { sqlState: "08006", code: "ERR_UNREACHABLE" },
];

for (const { sqlState, code } of table) {
  test(`the code ${sqlState} becomes ${code}, its cause kept`, () => {
    const cause = new DatabaseError(sqlState);
    const error = translate(cause, context);
    assert.ok(isRemoteLogError(error));
    assert.deepEqual([error.code, error.operation, error.cause], [code, "storage.put", cause]);
  });
}
