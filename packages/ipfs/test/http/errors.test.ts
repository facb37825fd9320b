// What a service said decides, and nothing that is written for people.

import { UnreachableError } from "@remote-log/core";
import { connectionFailure, HttpFailure } from "@remote-log/core/adapter";
import { unknownOutcomes } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import { saysTooLate, statusOf, textOf, translateFailure, wordsOf } from "../../src/http/errors.ts";

const context = { operation: "storage.get", action: "reading b… at the node" };
const LATE = "context deadline exceeded";

/** As both clients throw it: with the reply, and the node's words as its message. */
function thrownByClient(name: string, message: string, status?: number): Error {
  const reply = status === undefined ? {} : { response: { status } };
  return Object.assign(new Error(message), { name, ...reply });
}

test.each([
  ["a failure of ours", new HttpFailure(500, "routing: not found"), "routing: not found"],
  ["an error of a client", thrownByClient("HTTPError", "block was not found", 500), "block was not found"],
  ["a time-out of a client", thrownByClient("TimeoutError", LATE), LATE],
  ["an error of the runtime", new TypeError("fetch failed: could not find the host"), ""],
  ["an error of this project", new UnreachableError("routing: not found", { operation: "x" }), ""],
  ["no error", "routing: not found", ""],
  ["a reply under another name", thrownByClient("Error", "block was not found", 500), "block was not found"],
  [
    "a client's error that lost its reply",
    thrownByClient("HTTPError", "block was not found"),
    "block was not found",
  ],
  ["a client's error without a text", { name: "HTTPError", message: 7 }, ""],
])("the words of a service are read where they are kept: %s", (_what, error, words) => {
  expect(wordsOf(error)).toBe(words);
});

test("a message of ours decides nothing, even if it sounds like a service", () => {
  for (const message of ["no space left on device", LATE, "storage quota"]) {
    const error = new HttpFailure(500, "");
    error.message = message;
    expect(translateFailure(error, context)).toMatchObject({ code: "ERR_UNREACHABLE" });
    expect(translateFailure(new Error(message), context)).toMatchObject({ code: "ERR_UNREACHABLE" });
  }
  const said = new HttpFailure(500, "no space left on device");
  said.message = "";
  expect(translateFailure(said, context)).toMatchObject({ code: "ERR_QUOTA" });
});

describe("time that ran out is told", () => {
  test.each([
    ["by status", new HttpFailure(504, "")],
    ["by a node's words", new HttpFailure(500, LATE)],
    ["by the type of a client's error", thrownByClient("TimeoutError", "")],
    ["by the code of the system", new TypeError("fetch failed", { cause: { code: "ETIMEDOUT" } })],
    ["by the code of undici", Object.assign(new Error("x"), { code: "UND_ERR_HEADERS_TIMEOUT" })],
    ["by its code for a body", Object.assign(new Error("x"), { code: "UND_ERR_BODY_TIMEOUT" })],
    ["by its code for a connection", new Error("x", { cause: { code: "UND_ERR_CONNECT_TIMEOUT" } })],
  ])("%s", (_how, error) => {
    expect(saysTooLate(error)).toBe(true);
    expect(translateFailure(error, context)).toMatchObject({ code: "ERR_TIMEOUT", retry: "safe" });
  });

  test("and by nothing else", () => {
    expect(saysTooLate(new HttpFailure(500, "leveldb: closed"))).toBe(false);
    expect(saysTooLate(new Error(LATE))).toBe(false);
    expect(saysTooLate(undefined)).toBe(false);
    expect(saysTooLate(null)).toBe(false);
  });
});

test.each([
  [404, "ERR_UNREACHABLE", "wrong-service"],
  [405, "ERR_UNSUPPORTED", "wrong-service"],
  [429, "ERR_UNREACHABLE", undefined],
  [500, "ERR_UNREACHABLE", undefined],
])("status %s is %s, with the reason %s", (status, code, reason) => {
  const error = translateFailure(new HttpFailure(status, ""), context);
  expect(error).toMatchObject({ code, operation: "storage.get" });
  expect(error.reason).toBe(reason);
});

test("a client's error gives away its status and its text, and nothing else of it is kept", () => {
  const error = Object.assign(thrownByClient("HTTPError", "leveldb: closed", 500), { request: "hunter2" });
  expect([statusOf(error), textOf(error)]).toEqual([500, "leveldb: closed"]);
  expect(translateFailure(error, context).cause).toEqual(new Error("leveldb: closed"));
});

test("the text of a failure is that of its cause as well, and says how a service answered only if it did", () => {
  const caused = (why: string) => new Error("fetch failed", { cause: new Error(why) });
  expect([textOf(caused("refused")), textOf(caused("")), textOf(new Error("x", { cause: "y" }))]).toEqual([
    "fetch failed: refused",
    "fetch failed",
    "x",
  ]);
  expect(textOf("routing: not found")).toBe("it failed");
  expect(statusOf({ response: { status: "500" } })).toBeUndefined();
  expect(translateFailure(new HttpFailure(500, "leveldb: closed"), context).message).toContain(
    "at the node: it answered 500 (",
  );
  expect(translateFailure(new Error("leveldb: closed"), context).message).toContain(
    "at the node: leveldb: closed.",
  );
});

test("a name that nobody knows, and a certificate that is none, are told as by every adapter", () => {
  const unknown = new TypeError("fetch failed", {
    cause: Object.assign(new Error("getaddrinfo ENOTFOUND kubo.example"), { code: "ENOTFOUND" }),
  });
  const told = connectionFailure(unknown, context);
  expect(told).toBeDefined();
  expect(translateFailure(unknown, context).message).toBe(told!.message);
});

unknownOutcomes((operation, failed) => {
  const error = typeof failed === "number" ? new HttpFailure(failed, "") : failed;
  return translateFailure(error, { operation, action: "asking the node" }).message;
});
