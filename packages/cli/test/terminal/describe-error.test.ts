// What standard error shows of an error: what happened, and the deepest cause, on one line.

import { UnreachableError } from "@remote-log/core";
import { closedUrl } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { causeOf, describe } from "../../src/terminal/describe-error.ts";
import { Place } from "../rlog.ts";

function wrapped(cause: unknown, message = "It failed."): UnreachableError {
  return new UnreachableError(message, { operation: "storage.get", cause: new Error("between", { cause }) });
}

test("the deepest cause is shown with its code", () => {
  const deepest = Object.assign(new Error("connect to 10.1.2.3:80"), { code: "ECONNREFUSED" });
  const shown = "rlog: It failed. (The cause: connect to 10.1.2.3:80 [ECONNREFUSED]) [ERR_UNREACHABLE]";
  expect(describe(wrapped(deepest), false)).toBe(shown);
  const several = Object.assign(new AggregateError([deepest, new Error("another")], ""), {
    code: "ECONNREFUSED",
  });
  expect(describe(wrapped(several), false)).toBe(shown);
  expect(describe(wrapped(deepest), true)).toContain(`${shown}\nUnreachableError: It failed.`);
});

test("an error without a cause, or that says already what its cause does, shows none", () => {
  expect(describe(new Error("Alone."), false)).toBe("rlog: Alone.");
  expect(describe("a text", false)).toBe("rlog: a text");
  expect(causeOf(wrapped(new Error("connect: no"), "While reading: connect: no. Check it."))).toBeUndefined();
  expect(causeOf(wrapped(new Error("")))).toBeUndefined();
});

test("a chain that leads back into itself ends", () => {
  const circle = new Error("round and round");
  circle.cause = circle;
  expect(causeOf(wrapped(circle))).toBe("round and round");
});

test("nothing in it commands a terminal, breaks the line or is a secret", () => {
  const env = { AWS_SECRET_ACCESS_KEY: "of-the-user", MY_API_TOKEN: "plainword" };
  const text =
    "\u001b[2J\u202ea\nb https://alice:hunter2@db.example/ password=swordfish of-the-user plainword " +
    "rlog:0f0f?remote=x#c2VjcmV0 end";
  const shown = causeOf(wrapped(new Error(text)), env) ?? "";
  expect(shown).not.toMatch(/\p{Cc}|\u202e|hunter2|swordfish|of-the-user|plainword|c2VjcmV0/u);
  expect(shown).toMatch(/^\S* a b https:\/\/.*db\.example.* end$/);
});

test("a command that fails shows it without --debug", async () => {
  const place = await Place.make();
  place.env = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "of-the-user" };
  const closed = await closedUrl();
  const uri = `s3://bucket/p?endpoint=${encodeURIComponent(closed)}`;
  await place.ok(["init", "--public", "--remote", uri]);
  const { code, err } = await place.rlog(["publish"], "");
  expect(code).not.toBe(0);
  expect(err).toMatch(/^rlog: .*\(The cause: .*ECONNREFUSED.*127\.0\.0\.1.*\[ERR_\w+\]$/m);
  expect(err).not.toContain("of-the-user");
});
