import { expect, test } from "vitest";
import { fromSdkError } from "../../src/service/sdk-failure.ts";
import { isFailure, refusesConditions, ServiceFailure } from "../../src/service/service-failure.ts";
import { codeOfRuntime, unanswered } from "../../src/service/unanswered.ts";

const answered = (more: object, status: unknown = 400) => ({
  $metadata: { httpStatusCode: status },
  ...more,
});

test("a failure has what the service said, its id of the request and its name, and is called what it is", () => {
  const failure = fromSdkError({
    ...answered({ name: "SlowDown", message: "Slow down." }, 503),
    $metadata: { httpStatusCode: 503, requestId: "r1" },
    $response: { headers: { server: "MinIO", "retry-after": "2" } },
  });
  expect(failure).toMatchObject({
    name: "ServiceFailure",
    code: "SlowDown",
    text: "Slow down.",
    status: 503,
    server: "MinIO",
    requestId: "r1",
    retryAfterMilliseconds: 2000,
  });
});

test("what was not said is undefined", () => {
  const failure = fromSdkError(answered({}));
  expect(failure).toMatchObject({
    code: "",
    text: "",
    server: undefined,
    requestId: undefined,
    region: undefined,
  });
});

test.each([
  ["a name that says nothing", { name: "Unknown" }, ""],
  ["another such name", { name: "UnknownError" }, ""],
  ["the name of every error", { name: "Error" }, ""],
  ["the name of every error of S3", { name: "S3ServiceException" }, ""],
  ["no name", {}, ""],
  ["the code of the system beside it", { name: "SlowDown", code: "ECONNRESET" }, "SlowDown"],
  ["words that mean something only without an answer", { message: "Region is missing" }, ""],
])("the code of an answer with %s", (_, error, code) => {
  expect(fromSdkError(answered(error))).toMatchObject({ code, status: 400 });
});

test.each([
  ["Region is missing", "RegionMissing"],
  ["Checksum mismatch: expected a", "ChecksumMismatch"],
  ["A Region is missing", ""],
  ["anything", ""],
])("without an answer, the words %j stand for %j", (message, code) => {
  expect(fromSdkError(new Error(message))).toMatchObject({ code, status: undefined, text: message });
});

test("a status that is no number is none", () => {
  expect(fromSdkError(answered({ name: "Told" }, "404")).status).toBeUndefined();
});

test.each([null, undefined, "a text", 7])("%j may be thrown, too", (thrown) => {
  for (const failure of [fromSdkError(thrown), unanswered(thrown)]) {
    expect(failure).toMatchObject({ name: "ServiceFailure", code: "", status: undefined, text: `${thrown}` });
  }
});

test.each([
  ["eu-west-1", "eu-west-1"],
  ["a".repeat(40), "a".repeat(40)],
  ["a".repeat(41), undefined],
  ["", undefined],
  ["<b>eu", undefined],
  ["eu-west-1<b>", undefined],
  ["EU", undefined],
])("the region %j is taken for %j", (said, region) => {
  const $response = { headers: { "x-amz-bucket-region": said } };
  expect(fromSdkError(answered({ name: "PermanentRedirect", $response })).region).toBe(region);
});

test("a region that can't be one leaves it to the next place that may name it", () => {
  const $response = { headers: { "x-amz-bucket-region": "EU West" } };
  expect(fromSdkError(answered({ $response, Region: "eu-west-1" })).region).toBe("eu-west-1");
});

test.each([
  [{}, ""],
  [{ name: "Error" }, ""],
  [{ name: "TypeError" }, "TypeError"],
  [{ name: "TimeoutError", code: "ECONNREFUSED" }, "ECONNREFUSED"],
  [{ name: "TypeError", cause: { code: "ENOTFOUND" } }, "ENOTFOUND"],
  [{ name: "TypeError", code: 5, cause: { code: 6 } }, "TypeError"],
])("the code of what a runtime throws (%j) is %j", (thrown, code) => {
  expect(codeOfRuntime(thrown)).toBe(code);
  expect(unanswered({ ...thrown, message: "No." })).toMatchObject({ code, text: "No.", status: undefined });
});

test.each(["UnknownError", "Unknown"])("%s is no word of the service", (message) => {
  expect(fromSdkError(answered({ name: "AccessDenied", message }, 403))).toMatchObject({
    code: "AccessDenied",
    text: "",
  });
});

test("fetch says that it failed, and its cause why: the cause is kept", () => {
  const cause = Object.assign(new Error("getaddrinfo ENOTFOUND far.example"), { code: "ENOTFOUND" });
  const thrown = new TypeError("fetch failed", { cause });
  for (const failure of [fromSdkError(thrown), unanswered(thrown)]) {
    expect(failure).toMatchObject({ code: "ENOTFOUND", text: "getaddrinfo ENOTFOUND far.example" });
  }
  // A cause without a word says less than nothing.
  const silent = new TypeError("fetch failed", { cause: new Error("") });
  for (const failure of [fromSdkError(silent), unanswered(silent)])
    expect(failure).toMatchObject({ text: "fetch failed" });
  // An answer says itself what is wrong.
  expect(fromSdkError(answered({ message: "Slow down.", cause }))).toMatchObject({ text: "Slow down." });
});

test("a failure is known by any of its codes and statuses, and nothing else is one", () => {
  const failure = new ServiceFailure({ code: "NoSuchKey", text: "", status: 404 });
  expect(isFailure(failure, "NoSuchKey")).toBe(true);
  expect(isFailure(failure, 404)).toBe(true);
  expect(isFailure(failure, 412, "NoSuchKey")).toBe(true);
  expect(isFailure(failure, 404, "Other")).toBe(true);
  expect(isFailure(failure, 412, "Other")).toBe(false);
  expect(isFailure(Object.assign(new Error("x"), { code: "NoSuchKey", status: 404 }), "NoSuchKey", 404)).toBe(
    false,
  );
  expect(isFailure(undefined, 404)).toBe(false);
});

test.each([
  [501, "Anything.", true],
  [400, "If-None-Match is not supported", true],
  [400, "if-match: unknown header", true],
  [400, "Conditional writes are off", true],
  [400, "Something else.", false],
  [412, "At least one of the pre-conditions did not hold", false],
  [500, "If-Match", false],
])("%d with the words %j refuses conditions: %s", (status, text, refuses) => {
  expect(refusesConditions(new ServiceFailure({ code: "", text, status }))).toBe(refuses);
});
