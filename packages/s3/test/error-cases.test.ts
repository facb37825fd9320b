import type { RemoteLogError } from "@remote-log/core";
import { expect, test } from "vitest";
import { fromFailure, missingEtag, noConditionalWrites, refusesOwnEtag } from "../src/errors.ts";
import {
  ANSWER_TOO_LONG,
  type FailureParts,
  ServiceFailure,
  WEB_PAGE,
} from "../src/service/service-failure.ts";

const context = { operation: "storage.put", action: "storing a content in s3://bucket", bytes: 100 };

function errorOf(parts: Partial<FailureParts>): RemoteLogError {
  const failure = new ServiceFailure({ code: "", text: "Told.", ...parts });
  const error = fromFailure(failure, context) as RemoteLogError;
  expect(error.cause).toBe(failure);
  return error;
}

test.each([
  [{ code: "SlowDown", status: 503 }, "storing a content in s3://bucket failed (SlowDown, 503):"],
  [{ code: "SlowDown" }, "storing a content in s3://bucket failed (SlowDown):"],
  [{ status: 503 }, "storing a content in s3://bucket failed (503):"],
  [{}, "storing a content in s3://bucket failed:"],
])(
  "the message of %j begins with what failed, and with the code and the status that came",
  (parts, begin) => {
    expect(errorOf(parts).message.slice(1).startsWith(begin.slice(1))).toBe(true);
  },
);

test("what a service said of a request that it did not accept is repeated, if it said anything", () => {
  expect(errorOf({ code: "InvalidRequest", status: 400 }).message).toContain("It said: Told.");
  expect(errorOf({ code: "InvalidRequest", status: 400, text: "" }).message).not.toContain("It said");
});

test.each([
  ["an answer that is too long", { code: ANSWER_TOO_LONG, status: 200 }, "ERR_UNREACHABLE", "not-s3"],
  [
    "a code that only begins like one",
    { code: "SlowDownLater", status: 400 },
    "ERR_UNREACHABLE",
    "request-refused",
  ],
  ["a code with Exception after it", { code: "ThrottlingException", status: 400 }, "ERR_UNREACHABLE", "busy"],
  [
    "a code with Exception before it",
    { code: "ExceptionSlowDown", status: 400 },
    "ERR_UNREACHABLE",
    "request-refused",
  ],
  ["a code that says more than the status", { code: "SlowDown", status: 403 }, "ERR_UNREACHABLE", "busy"],
  ["499 without a code", { status: 499 }, "ERR_UNREACHABLE", "request-refused"],
  ["500 without a code", { status: 500 }, "ERR_UNREACHABLE", "service-failed"],
  [
    "a bucket that is not there",
    { code: "NoSuchBucket", status: 404 },
    "ERR_INVALID_INPUT",
    "no-such-bucket",
  ],
  [
    "a name that no bucket has",
    { code: "InvalidBucketName", status: 400 },
    "ERR_INVALID_INPUT",
    "no-such-bucket",
  ],
  // A code says where the bucket is; the status alone does not.
  ["a redirect of S3", { code: "TemporaryRedirect", status: 307 }, "ERR_INVALID_INPUT", "wrong-region"],
  [
    "a redirect that names the region",
    { status: 307, region: "eu-west-1" },
    "ERR_INVALID_INPUT",
    "wrong-region",
  ],
  ["a redirect of anybody", { status: 307 }, "ERR_UNREACHABLE", "redirect"],
  ["a code that says more than a redirect", { code: "SlowDown", status: 302 }, "ERR_UNREACHABLE", "busy"],
  ["a web page", { code: WEB_PAGE, status: 200 }, "ERR_UNREACHABLE", "web-page"],
  ["404 without a code", { status: 404 }, "ERR_UNREACHABLE", "unspecific-404"],
  ["nothing at all", {}, "ERR_UNREACHABLE", "no-answer"],
])("%s (%j) is %s with the reason %s", (_, parts, code, reason) => {
  expect(errorOf(parts)).toMatchObject({ code, reason, operation: "storage.put" });
});

const text = "The header x-amz-sdk-checksum-algorithm is not known.";

test.each([
  [{ code: "InvalidArgument", status: 400, text }, "unknown-checksum"],
  [{ code: "InvalidArgument", status: 400, text: "Unknown X-Amz-Checksum-Crc32" }, "unknown-checksum"],
  [{ code: "InvalidArgument", status: 400, text: "Some checksum" }, "request-refused"],
  // It knows the checksum, and found that it is wrong.
  [{ code: "XAmzContentChecksumMismatch", status: 400, text }, "request-refused"],
  [{ code: "BadDigest", status: 400, text }, "request-refused"],
  [{ code: "InternalError", status: 500, text }, "service-failed"],
])("a refusal that speaks of a checksum (%j) is %s", (parts, reason) => {
  expect(errorOf(parts)).toMatchObject({ reason });
});

test.each([
  ["no ETag", missingEtag(context), "no-etag"],
  ["no compare-and-set", noConditionalWrites(context, "Two writes went through."), "no-conditional-writes"],
  ["a service that refuses its own ETag", refusesOwnEtag(context), "no-conditional-writes"],
])("%s is ERR_UNSUPPORTED", (_, error, reason) => {
  expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", reason, operation: "storage.put", retry: "never" });
  expect(error.message).toContain(context.action);
});

test("a content that is too large is told with its length, if that is known", () => {
  const failure = new ServiceFailure({ code: "EntityTooLarge", text: "", status: 400 });
  const { bytes: _, ...without } = context;
  const [known, unknown] = [context, without].map((one) => fromFailure(failure, one));
  expect(known).toMatchObject({ code: "ERR_TOO_LARGE", limit: 99 });
  expect((known as RemoteLogError).message).toContain("100 bytes are more than the service takes");
  expect(unknown).toMatchObject({ code: "ERR_TOO_LARGE", limit: 0 });
  expect((unknown as RemoteLogError).message).not.toMatch(/\w bytes/);
});

test.each([
  ["storage.put", true],
  ["storage.delete", true],
  ["names.update", true],
  ["storage.get", false],
  ["storage.has", false],
  ["storage.list", false],
  ["names.resolve", false],
])(
  "a failed %s says that the outcome of a write is unknown: %s, if the service may have taken it",
  (operation, isWrite) => {
    const said = (parts: Partial<FailureParts>): string => {
      const failure = new ServiceFailure({ code: "", text: "Told.", ...parts });
      return (fromFailure(failure, { ...context, operation }) as RemoteLogError).message;
    };
    for (const parts of [
      { status: 500 },
      { status: 502 },
      {},
      { code: "ECONNRESET" },
      { code: "ETIMEDOUT" },
    ]) {
      expect(said(parts).includes("The outcome of the write is unknown."), said(parts)).toBe(isWrite);
    }
    const refusals = [302, 400, 403, 404, 413, 429, 501, 503, 507].map((status) => ({ status }));
    for (const parts of [
      ...refusals,
      { code: "ENOTFOUND" },
      { code: "CERT_HAS_EXPIRED" },
      { code: ANSWER_TOO_LONG },
      { code: WEB_PAGE, status: 200 },
    ]) {
      expect(said(parts)).not.toContain("outcome");
    }
  },
);
