// Test set: mixed
import { inspect } from "node:util";
import { isRemoteLogError, type RemoteLogError } from "@remote-log/core";
import { s3Remote } from "@remote-log/s3";
import {
  expiredToken,
  minioQuotaExceeded,
  permanentRedirect,
  quotaExceeded,
  serverOrSkip,
  startMinio,
} from "@remote-log/servers";
import { bytes, failure } from "@remote-log/test-kit";
import { describe, expect, test } from "vitest";
import { fromFailure } from "../src/errors.ts";
import { fromSdkError } from "../src/service/sdk-failure.ts";
import { BUCKET, clientFor, newPrefix, ownServer, withBucket } from "./clients.ts";

const context = { operation: "storage.put", action: "storing a content in s3://bucket", bytes: 100 };

/** An error as the SDK throws it. */
function sdkError(
  name: string,
  status: number | undefined,
  message = "Something.",
  more: object = {},
): Error {
  return Object.assign(new Error(message), {
    name,
    $fault: "client",
    $metadata: { ...(status !== undefined && { httpStatusCode: status }) },
    ...more,
  });
}

const answered: readonly (readonly [string, number, string, string])[] = [
  ["AccessDenied", 403, "ERR_DENIED", "s3:GetObject"],
  ["AllAccessDisabled", 403, "ERR_DENIED", "refused"],
  ["Unknown", 403, "ERR_DENIED", "refused"],
  ["Unknown", 401, "ERR_DENIED", "refused"],
  ["ExpiredToken", 400, "ERR_DENIED", "new credentials"],
  ["InvalidToken", 400, "ERR_DENIED", "new credentials"],
  ["TokenRefreshRequired", 400, "ERR_DENIED", "new credentials"],
  ["InvalidAccessKeyId", 403, "ERR_DENIED", "access key"],
  ["SignatureDoesNotMatch", 403, "ERR_DENIED", "secret key"],
  ["RequestTimeTooSkewed", 403, "ERR_DENIED", "clock"],
  ["NoSuchBucket", 404, "ERR_INVALID_INPUT", "no such bucket"],
  ["InvalidBucketName", 400, "ERR_INVALID_INPUT", "bucket"],
  ["PermanentRedirect", 301, "ERR_INVALID_INPUT", "region"],
  ["Unknown", 301, "ERR_INVALID_INPUT", "region"],
  ["AuthorizationHeaderMalformed", 400, "ERR_INVALID_INPUT", "region"],
  ["QuotaExceeded", 507, "ERR_QUOTA", "room"],
  ["XMinioAdminBucketQuotaExceeded", 400, "ERR_QUOTA", "room"],
  ["XMinioStorageFull", 507, "ERR_QUOTA", "room"],
  ["Unknown", 507, "ERR_QUOTA", "room"],
  ["Unknown", 402, "ERR_QUOTA", "credit"],
  ["EntityTooLarge", 400, "ERR_TOO_LARGE", "100 bytes"],
  ["Unknown", 413, "ERR_TOO_LARGE", "100 bytes"],
  ["NotImplemented", 501, "ERR_UNSUPPORTED", "cannot"],
  ["MethodNotAllowed", 405, "ERR_UNSUPPORTED", "cannot"],
  ["RequestTimeout", 400, "ERR_TIMEOUT", "in time"],
  ["SlowDown", 503, "ERR_UNREACHABLE", "busy"],
  ["Unknown", 429, "ERR_UNREACHABLE", "busy"],
  ["ServiceUnavailable", 503, "ERR_UNREACHABLE", "busy"],
  ["InternalError", 500, "ERR_UNREACHABLE", "unknown"],
  ["Unknown", 502, "ERR_UNREACHABLE", "unknown"],
  ["NotFound", 404, "ERR_UNREACHABLE", "what is missing"],
  ["InvalidRequest", 400, "ERR_UNREACHABLE", "did not accept"],
];

test.each(answered)("the answer %s (%d) becomes %s", (name, status, code, text) => {
  const error = fromFailure(fromSdkError(sdkError(name, status)), context) as RemoteLogError;
  expect(isRemoteLogError(error)).toBe(true);
  expect(error).toMatchObject({ code, operation: "storage.put" });
  expect(error.message).toContain(text);
  expect(error.message).toContain("s3://bucket");
  const safe = code === "ERR_UNREACHABLE" || code === "ERR_TIMEOUT";
  expect(error.retry).toBe(safe ? "safe" : "never");
  expect(error.cause).toMatchObject({ status, message: "Something." });
});

test.each([
  ["AccessDenied", 403, "access-denied"],
  ["AccessDeniedException", 400, "access-denied"],
  ["ExpiredToken", 400, "expired-token"],
  ["SignatureDoesNotMatch", 403, "wrong-key"],
  ["CredentialsProviderError", undefined, "no-credentials"],
  ["RequestTimeTooSkewed", 403, "clock-skew"],
  ["NoSuchBucket", 404, "no-such-bucket"],
  ["PermanentRedirect", 301, "wrong-region"],
  ["QuotaExceeded", 507, undefined],
  ["EntityTooLarge", 400, undefined],
  ["RequestTimeout", 400, undefined],
  ["NotImplemented", 501, "not-implemented"],
  ["SlowDown", 503, "busy"],
  ["InternalError", 500, "service-failed"],
  ["NotFound", 404, "unspecific-404"],
  ["InvalidRequest", 400, "request-refused"],
  ["ENOTFOUND", undefined, "unknown-host"],
  ["EAI_AGAIN", undefined, "no-name-service"],
  ["CERT_HAS_EXPIRED", undefined, "expired-certificate"],
  ["SELF_SIGNED_CERT_IN_CHAIN", undefined, "untrusted-certificate"],
  ["ECONNREFUSED", undefined, "no-answer"],
] as const)("the reason of %s (%s) is %s", (name, status, reason) => {
  const error = fromFailure(fromSdkError(sdkError(name, status)), context) as RemoteLogError;
  expect(error.reason).toBe(reason);
});

test("what a service asks for with Retry-After is kept, for the shell to put into the error", () => {
  const headers = { "retry-after": "20" };
  const failure = fromSdkError(sdkError("SlowDown", 503, "Slow down.", { $response: { headers } }));
  expect(failure.retryAfterMilliseconds).toBe(20_000);
  expect(fromSdkError(sdkError("SlowDown", 503)).retryAfterMilliseconds).toBeUndefined();
});

test("what decides are the service's own words, and not the message that people read", () => {
  const failure = fromSdkError(
    sdkError("InvalidArgument", 400, "Unsupported header 'x-amz-checksum-crc32' received."),
  );
  expect(failure.text).toBe("Unsupported header 'x-amz-checksum-crc32' received.");
  Object.defineProperty(failure, "message", { value: "Something." });
  expect(fromFailure(failure, context)).toMatchObject({ reason: "unknown-checksum" });
});

const unanswered: readonly (readonly [string, string, string])[] = [
  ["ECONNREFUSED", "ERR_UNREACHABLE", "safe"],
  ["ECONNRESET", "ERR_UNREACHABLE", "safe"],
  ["EPIPE", "ERR_UNREACHABLE", "safe"],
  ["EHOSTUNREACH", "ERR_UNREACHABLE", "safe"],
  ["ENOTFOUND", "ERR_UNREACHABLE", "safe"],
  ["EAI_AGAIN", "ERR_UNREACHABLE", "safe"],
  ["ETIMEDOUT", "ERR_TIMEOUT", "safe"],
  ["UND_ERR_CONNECT_TIMEOUT", "ERR_TIMEOUT", "safe"],
  ["CERT_HAS_EXPIRED", "ERR_UNREACHABLE", "never"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "ERR_UNREACHABLE", "never"],
];

test.each(unanswered)("no answer (%s) becomes %s, retry %s", (code, expected, retry) => {
  // The SDK gives some of them the name TimeoutError; the code of the system counts.
  for (const thrown of [
    Object.assign(sdkError("TimeoutError", undefined), { code }),
    new TypeError("fetch failed", { cause: Object.assign(new Error("deeper"), { code }) }),
  ]) {
    const error = fromFailure(fromSdkError(thrown), context) as RemoteLogError;
    expect(error).toMatchObject({ code: expected, retry });
    expect(error.message).toContain(code);
  }
});

test("a time-out of the SDK, missing credentials and a missing region say what they are", () => {
  const map = (thrown: unknown) => fromFailure(fromSdkError(thrown), context) as RemoteLogError;
  expect(map(sdkError("TimeoutError", undefined))).toMatchObject({ code: "ERR_TIMEOUT" });
  expect(map(sdkError("CredentialsProviderError", undefined))).toMatchObject({ code: "ERR_DENIED" });
  expect(map(new Error("Region is missing")).message).toContain("AWS_REGION");
  expect(map(new Error("Region is missing"))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "no-region",
  });
  expect(map(new TypeError("Failed to fetch")).message).toContain("CORS");
  expect(map("a text")).toMatchObject({ code: "ERR_UNREACHABLE" });
  expect(map(undefined)).toMatchObject({ code: "ERR_UNREACHABLE" });
});

test("the right region is named, wherever the service says it", () => {
  const map = (thrown: unknown) => (fromFailure(fromSdkError(thrown), context) as RemoteLogError).message;
  const malformed = "The authorization header is malformed; the region 'a' is wrong; expecting 'eu-west-1'";
  expect(map(sdkError("AuthorizationHeaderMalformed", 400, malformed))).toContain("region eu-west-1.");
  const $response = { headers: { "x-amz-bucket-region": "ap-south-1" } };
  expect(map(sdkError("PermanentRedirect", 301, "x", { $response }))).toContain("region ap-south-1.");
});

test("an answer that the SDK has no parser for, as in workers, is read all the same", () => {
  const map = (status: number, body: string) => {
    const unparsed = sdkError("ReferenceError", status, "DOMParser is not defined", { $response: { body } });
    return fromFailure(fromSdkError(unparsed), context) as RemoteLogError;
  };
  const xml = "<?xml version='1.0'?><Error><Code>NoSuchBucket</Code><Message>No bucket.</Message></Error>";
  expect(map(404, xml)).toMatchObject({ code: "ERR_INVALID_INPUT", cause: { message: "No bucket." } });
  const page = map(502, "<html><hr>Bad gateway");
  expect(page).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  expect(page.message).not.toContain("DOMParser");
});

test("checksums that the SDK adds, and a service refuses, are named with the settings that end them", () => {
  const thrown = sdkError("InvalidArgument", 400, "Unsupported header 'x-amz-checksum-crc32' received.");
  expect(fromFailure(fromSdkError(thrown), context)).toMatchObject({
    code: "ERR_UNSUPPORTED",
    message: expect.stringContaining("WHEN_REQUIRED") as string,
  });
});

test("an abort, an error of the project and a mistake in the program pass through unchanged", () => {
  const passed = [new DOMException("stop", "AbortError"), new TypeError("bad"), "a text", undefined];
  for (const one of passed) expect(fromFailure(one, context)).toBe(one);
});

test("what a service says is shown without control characters, keys and signatures, and not at any length", () => {
  const message = `\u001b[31mred\u0007 ${"x".repeat(5000)}`;
  const error = fromFailure(
    fromSdkError(sdkError("InvalidRequest", 400, message)),
    context,
  ) as RemoteLogError;
  expect(error.message).not.toMatch(/\p{Cc}/u);
  expect(error.message.length).toBeLessThan(600);
  const noCode = fromSdkError(sdkError("Hush <script> hush", 400)).code;
  expect(noCode).toBe("");
  const long = "FwoGZXIvYXdzE".repeat(20);
  const said = `Signature=abcdef123 and token: t0ken here, x-amz-security-token ${long} is not valid`;
  const shown = inspect(fromFailure(fromSdkError(sdkError("InvalidRequest", 400, said)), context), {
    depth: 10,
  });
  expect(shown).not.toMatch(/abcdef123|t0ken|FwoGZXIvYXdzE/);
});

describe("on a server", async () => {
  const server = await ownServer();

  const operations = (client: ReturnType<typeof clientFor>["client"], prefix: string) => {
    const { storage, names } = s3Remote({ client, bucket: BUCKET, prefix });
    return { storage, names };
  };

  test.each([
    ["expired credentials", expiredToken(), "ERR_DENIED"],
    ["a full bucket", quotaExceeded(), "ERR_QUOTA"],
    ["a full bucket of MinIO", minioQuotaExceeded(), "ERR_QUOTA"],
    ["another region", permanentRedirect("eu-west-1", "s3.eu-west-1.amazonaws.com"), "ERR_INVALID_INPUT"],
  ] as const)("%s", async (_, fault, code) => {
    const { client } = clientFor(server, { followRegionRedirects: false });
    const prefix = newPrefix();
    const { storage, names } = operations(client, prefix);
    server.faults.add(fault, { when: ({ key }) => key.startsWith(prefix) });
    expect(await failure(storage.put(bytes("x")))).toMatchObject({ code, operation: "storage.put" });
    const updating = names.update("log", bytes("x"), { expected: null });
    expect(await failure(updating)).toMatchObject({ code, operation: "names.update" });
  });

  test("a clock that is wrong by an hour is put right by the SDK itself", async () => {
    const { client } = clientFor(await ownServer({ now: () => Date.now() - 3_600_000 }));
    const { storage } = operations(client, newPrefix());
    const address = await storage.put(bytes("x"));
    expect(await storage.get(address)).toEqual(bytes("x"));
  });

  const minio = await serverOrSkip("minio");
  const servers = [server, ...(minio.skip ? [] : [await withBucket(startMinio())])];

  test.each(servers.map((one) => [one.name, one] as const))(
    "no error shows the secret key, the session token or a signature (%s)",
    async (_, { endpoint, region, credentials }) => {
      const secretAccessKey = "wrong-secret-key-wrong-secret-key";
      const sessionToken = "session-token-session-token";
      for (const wrong of [
        { accessKeyId: credentials.accessKeyId, secretAccessKey },
        { accessKeyId: "UNKNOWNKEY", secretAccessKey, sessionToken },
        { accessKeyId: credentials.accessKeyId, secretAccessKey, sessionToken },
      ]) {
        const { client } = clientFor({ endpoint, region, credentials: wrong });
        const { storage, names } = operations(client, newPrefix());
        const address = await operations(
          clientFor({ endpoint, region, credentials }).client,
          "x",
        ).storage.put(bytes("x"));
        for (const doing of [
          () => storage.put(bytes("x")),
          () => storage.get(address),
          () => storage.has(address),
          () => names.resolve("log"),
          () => names.update("log", bytes("x"), { expected: null }),
        ]) {
          const error = await failure(doing());
          expect(error).toMatchObject({ code: "ERR_DENIED" });
          const shown = inspect(error, { depth: 10, showHidden: true, getters: true });
          expect(shown).not.toContain(secretAccessKey);
          expect(shown).not.toContain(sessionToken);
          expect(shown).not.toMatch(/AWS4-HMAC|Signature=|[0-9a-f]{64}/);
        }
      }
    },
  );

  test("an endpoint where nobody listens is ERR_UNREACHABLE", async () => {
    const { client } = clientFor({ ...server, endpoint: "http://127.0.0.1:1" });
    const { storage, names } = operations(client, "x");
    expect(await failure(storage.put(bytes("x")))).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
    expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  });
});
