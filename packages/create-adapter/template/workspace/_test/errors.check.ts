import { isRemoteLogError } from "@remote-log/core";
import { expect, test } from "vitest";
import { failureOf } from "../src/errors.ts";

test.each([
  [401, "ERR_DENIED", "never"],
  [402, "ERR_QUOTA", "never"],
  [403, "ERR_DENIED", "never"],
  [507, "ERR_QUOTA", "never"],
  [400, "ERR_UNREACHABLE", "safe"],
  [404, "ERR_UNREACHABLE", "safe"],
  [500, "ERR_UNREACHABLE", "safe"],
  [503, "ERR_UNREACHABLE", "safe"],
])("status %i becomes %s with the verdict %s, its cause kept", (status, code, retry) => {
  const cause = new Error("what the client threw");
  const error = failureOf(status, "storage.put", cause);
  expect(isRemoteLogError(error)).toBe(true);
  expect(error).toMatchObject({ code, retry, operation: "storage.put", cause });
  expect(error.message).toContain(String(status));
});
