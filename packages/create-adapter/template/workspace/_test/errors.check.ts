import { isRemoteLogError } from "@remote-log/core";
import { expect, test } from "vitest";
import { SENDER } from "../src/client.ts";
import { failureOf, fromService } from "../src/errors.ts";

test.each([
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
])("status %i becomes %s with the verdict %s, its cause kept", (status, code, retry) => {
  const cause = new Error("what the client threw");
  const error = failureOf(status, { operation: "storage.put", limit: 1000, cause });
  expect(isRemoteLogError(error)).toBe(true);
  expect(error).toMatchObject({ code, retry, operation: "storage.put", cause });
  expect(error.message).toContain(String(status));
});

test("what is too large for the service names the limit", () => {
  expect(failureOf(413, { operation: "storage.put", limit: 1000 })).toMatchObject({ limit: 1000 });
});

test.each([200, 404, 412])("a status %i that is not from the service is no answer", (status) => {
  const reply = { status, sender: SENDER };
  expect(fromService(reply, "storage.put")).toBe(reply);
  for (const sender of [null, "a login page"]) {
    const error = expect.objectContaining({ code: "ERR_UNREACHABLE", operation: "storage.put" });
    expect(() => fromService({ status, sender }, "storage.put")).toThrow(error);
  }
});

test.each([401, 413, 507])("a refusal %i is taken from anyone: a gateway may say it", (status) => {
  expect(fromService({ status, sender: null }, "storage.put").status).toBe(status);
});
