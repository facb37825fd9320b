import { HttpFailure } from "@remote-log/core/adapter";
import { unknownOutcomes } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { translateFailure } from "../src/errors.ts";

const context = { operation: "storage.put", action: "storing a content" };

test.each([
  [400, "ERR_UNREACHABLE", "safe"],
  [401, "ERR_DENIED", "never"],
  [402, "ERR_QUOTA", "never"],
  [403, "ERR_DENIED", "never"],
  [405, "ERR_UNSUPPORTED", "never"],
  [408, "ERR_TIMEOUT", "safe"],
  [413, "ERR_TOO_LARGE", "never"],
  [429, "ERR_UNREACHABLE", "safe"],
  [500, "ERR_UNREACHABLE", "safe"],
  [501, "ERR_UNSUPPORTED", "never"],
  [504, "ERR_TIMEOUT", "safe"],
  [507, "ERR_QUOTA", "never"],
])("the status %d is %s", (status, code, retry) => {
  const error = translateFailure(new HttpFailure(status, "no"), context);
  expect(error).toMatchObject({ code, retry, operation: "storage.put", cause: { message: "no" } });
  expect(error.message).toContain(`While storing a content: it answered ${status} (no).`);
});

test("a node that says nothing is not quoted", () => {
  expect(translateFailure(new HttpFailure(500, ""), context).message).toContain("it answered 500.");
});

test("what is too large for a proxy is a chunk", () => {
  expect(translateFailure(new HttpFailure(413, ""), context)).toMatchObject({ limit: 4103 });
});

test("a bad request is asked whether it went to a node, and a busy node is asked again", () => {
  expect(translateFailure(new HttpFailure(499, ""), context).message).toContain("a Bee node?");
  for (const status of [429, 500]) {
    expect(translateFailure(new HttpFailure(status, ""), context).message).toContain("Try again");
  }
});

test.each([
  [new TypeError("fetch failed", { cause: new Error("refused") }), "fetch failed: refused"],
  [new TypeError("fetch failed", { cause: new Error("") }), "fetch failed"],
  [new TypeError("fetch failed", { cause: "a text" }), "fetch failed"],
  [Object.assign(new Error("odd"), { status: 402 }), "odd"],
  ["a text", "it failed"],
  [undefined, "it failed"],
])("%o, without an answer, is ERR_UNREACHABLE", (thrown, said) => {
  const error = translateFailure(thrown, context);
  expect(error).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe", cause: { message: said } });
  expect(error.message).toContain(
    `While storing a content: ${said}. The outcome of the write is unknown. Is it running`,
  );
});

unknownOutcomes((operation, failed) => {
  const error = typeof failed === "number" ? new HttpFailure(failed, "") : failed;
  return translateFailure(error, { operation, action: "asking the node" }).message;
});
