// What a failed request means: the codes of services, of the SDK and of the system, as errors of the project.

import { type RemoteLogError, UnsupportedError } from "@remote-log/core";
import {
  byThisClock,
  type ConnectionReason,
  connectionFailure,
  type FailureKind,
  failureOf,
  isPassingRedirect,
  type OperationContext,
  redirectAdvice,
} from "@remote-log/core/adapter";
import { ANSWER_TOO_LONG, ServiceFailure, WEB_PAGE } from "./service/service-failure.ts";

/**
 * The `reason` of an error of this adapter, if its code has more than one case.
 *
 * | reason | code | when |
 * | --- | --- | --- |
 * | `"access-denied"` | `ERR_DENIED` | the service refused; without `s3:ListBucket`, S3 does so also for what is not there |
 * | `"expired-token"` | `ERR_DENIED` | the session token has expired, or is not valid |
 * | `"wrong-key"` | `ERR_DENIED` | the access key is unknown, or the secret key is not the one that belongs to it |
 * | `"no-credentials"` | `ERR_DENIED` | the SDK found none |
 * | `"clock-skew"` | `ERR_DENIED` | the clocks of this machine and of the service differ too much |
 * | `"no-such-bucket"` | `ERR_INVALID_INPUT` | the endpoint has no bucket of this name |
 * | `"wrong-region"` | `ERR_INVALID_INPUT` | the bucket is in another region |
 * | `"no-region"` | `ERR_INVALID_INPUT` | the client has no region |
 * | `"not-implemented"` | `ERR_UNSUPPORTED` | 501, 405: the service lacks this part of S3 |
 * | `"unknown-checksum"` | `ERR_UNSUPPORTED` | the service refuses the checksums that the client adds |
 * | `"no-conditional-writes"` | `ERR_UNSUPPORTED` | compare-and-set was asked for, and the service does not enforce it |
 * | `"no-etag"` | `ERR_UNSUPPORTED` | the ETag did not come, or CORS hides it |
 * | `"read-only"` | `ERR_UNSUPPORTED` | a write to a public remote |
 * | `"busy"` | `ERR_UNREACHABLE` | 429, 503, `SlowDown` |
 * | `"service-failed"` | `ERR_UNREACHABLE` | 5xx |
 * | `"request-refused"` | `ERR_UNREACHABLE` | another 4xx; the message repeats what the service said |
 * | `"unspecific-404"` | `ERR_UNREACHABLE` | 404 without a word of what is missing, so nothing is known |
 * | `"redirect"` | `ERR_UNREACHABLE` | a redirect of no service of S3; `retry` is `"safe"` if it may pass (302, 303, 307) |
 * | `"not-s3"` | `ERR_UNREACHABLE` | something that is no S3 interface answered, or without end |
 * | `"web-page"` | `ERR_UNREACHABLE` | a page in HTML came: a network that wants a password first, most often |
 * | `"incomplete-list"` | `ERR_UNREACHABLE` | a list says that there is more, but not where |
 * | `"no-answer"` | `ERR_UNREACHABLE` | refused, cut off, or hidden by CORS |
 *
 * Names without an address, and certificates that can't be trusted, have the reasons that they have with every adapter:
 * {@link ConnectionReason}.
 */
export type S3ErrorReason =
  | ConnectionReason
  | "access-denied"
  | "expired-token"
  | "wrong-key"
  | "no-credentials"
  | "clock-skew"
  | "no-such-bucket"
  | "wrong-region"
  | "no-region"
  | "not-implemented"
  | "unknown-checksum"
  | "no-conditional-writes"
  | "no-etag"
  | "read-only"
  | "busy"
  | "service-failed"
  | "request-refused"
  | "unspecific-404"
  | "redirect"
  | "not-s3"
  | "web-page"
  | "incomplete-list"
  | "no-answer";

/** What a failed request may turn out to be: one of the reasons, or the only case of its code. */
type Case =
  | Exclude<
      S3ErrorReason,
      ConnectionReason | "no-conditional-writes" | "no-etag" | "read-only" | "incomplete-list"
    >
  | "quota"
  | "too-large"
  | "timeout";

/**
 * The kind of each case, and how it shows: by a code of a service, of the SDK or of the system, or by an HTTP status if no
 * code says more.
 */
const cases: Readonly<Record<Case, readonly [kind: FailureKind, signs?: string]>> = {
  "access-denied": [
    "denied",
    "AccessDenied AllAccessDisabled AccountProblem Forbidden UnauthorizedAccess NotSignedUp 401 403",
  ],
  "expired-token": ["denied", "ExpiredToken InvalidToken InvalidTokenId TokenRefreshRequired"],
  "wrong-key": ["denied", "InvalidAccessKeyId SignatureDoesNotMatch InvalidSecurity"],
  "no-credentials": ["denied", "CredentialsProviderError TokenProviderError"],
  "clock-skew": ["denied", "RequestTimeTooSkewed RequestExpired RequestInTheFuture"],
  "no-such-bucket": ["invalid", "NoSuchBucket InvalidBucketName"],
  "wrong-region": [
    "invalid",
    "PermanentRedirect TemporaryRedirect AuthorizationHeaderMalformed IllegalLocationConstraint 301",
  ],
  "no-region": ["invalid", "RegionMissing"],
  quota: [
    "quota",
    "QuotaExceeded ServiceQuotaExceeded InsufficientStorage StorageFull " +
      "StorageQuotaExceeded XMinioAdminBucketQuotaExceeded XMinioStorageFull 402 507",
  ],
  "too-large": ["too-large", "EntityTooLarge MaxMessageLengthExceeded 413"],
  "not-implemented": ["unsupported", "NotImplemented MethodNotAllowed 405 501"],
  "unknown-checksum": ["unsupported"],
  timeout: [
    "timeout",
    "RequestTimeout TimeoutError ETIMEDOUT ESOCKETTIMEDOUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT " +
      "UND_ERR_BODY_TIMEOUT 408",
  ],
  busy: ["busy", "SlowDown ServiceUnavailable Throttling TooManyRequests 429 503"],
  "unspecific-404": ["unreachable"],
  redirect: ["unreachable"],
  "not-s3": ["unreachable", ANSWER_TOO_LONG],
  // 511 says just that: Network Authentication Required.
  "web-page": ["unreachable", `${WEB_PAGE} 511`],
  "service-failed": ["unreachable"],
  "request-refused": ["unreachable"],
  "no-answer": ["unreachable"],
};

/** The cases of `"unreachable"` in which the service has not taken a write: it refused, or was not reached at all. */
const NOT_TAKEN: ReadonlySet<Case> = new Set([
  "unspecific-404",
  "redirect",
  "not-s3",
  "web-page",
  "request-refused",
]);

/** What is wrong in some cases, and what to do about it. The others are said as their kind has it. */
export type Meanings = Readonly<Partial<Record<Case, readonly [what: string | undefined, advice?: string]>>>;

const ENDPOINT = "Check that the endpoint is that of an S3 interface.";
const LOG_IN = redirectAdvice({ status: 302, type: "default" });

/** The cases of a request that the SDK sent. */
function meaningsOf({ region }: ServiceFailure, { bytes }: OperationContext): Meanings {
  return {
    "access-denied": [undefined, accessAdvice("this user s3:GetObject, and to write s3:PutObject")],
    "expired-token": ["the session token has expired or is not valid", "Get new credentials."],
    "wrong-key": [
      "the service does not know the access key, or the secret key does not belong to it",
      "Check both, and that they are those of this endpoint.",
    ],
    "no-credentials": [
      "no credentials were found",
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or pass a client that has them. A bucket that " +
        "everybody may read needs none: use @remote-log/s3/public.",
    ],
    "clock-skew": [
      `the clocks of this machine and of the service differ too much: the request was signed ${byThisClock()}`,
      "Set this one right.",
    ],
    "wrong-region": [
      `the bucket is in ${region === undefined ? "another region" : `the region ${region}`}`,
      "Set the region of the client, or region=… in the URI.",
    ],
    "no-region": ["the client has no region", "Set AWS_REGION, or region=… in the URI."],
    "too-large": [bytes === undefined ? undefined : `${bytes} bytes are more than the service takes`],
    "not-implemented": ["the service cannot do it", ENDPOINT],
    "unknown-checksum": [
      "the service does not know the checksums that the client adds",
      'Make the client with requestChecksumCalculation and responseChecksumValidation set to "WHEN_REQUIRED".',
    ],
    "unspecific-404": [
      "the service answered 404 without saying what is missing, so nothing is known",
      ENDPOINT,
    ],
  };
}

/** The cases of every request, with credentials or without. */
function commonMeanings({ text }: ServiceFailure): Meanings {
  return {
    "no-such-bucket": [
      "there is no such bucket at this endpoint",
      "Check its name and the endpoint, or make it.",
    ],
    redirect: ["a redirect came that is none of S3, so nothing is known", `${LOG_IN}${ENDPOINT}`],
    "not-s3": ["something answered that is no S3 interface: its answer is too long", ENDPOINT],
    "web-page": ["a web page came instead of an answer of S3, so nothing is known", `${LOG_IN}${ENDPOINT}`],
    "service-failed": ["the service failed", "Try again."],
    "request-refused": ["the service did not accept the request", text && `It said: ${text}`],
    "no-answer": [
      undefined,
      "Check the network, the endpoint and, in a browser, that the bucket allows its origin (CORS). Then try again.",
    ],
  };
}

/** What to do about a refusal. */
export function accessAdvice(who: string): string {
  return `Allow ${who}. Without s3:ListBucket, S3 gives the same answer for what is not there: allow it, too.`;
}

/**
 * Maps a failed request of the SDK to an error of the project; anything else (an abort, an error of the project, a mistake
 * in the program) comes back as it is. A missing object (`NoSuchKey`) and a condition that did not hold are settled
 * where they occur.
 */
export function fromFailure(error: unknown, context: OperationContext): unknown {
  return error instanceof ServiceFailure ? errorOf(error, context, meaningsOf(error, context)) : error;
}

/**
 * Makes the error of a failed request.
 *
 * @param meanings - what to say in the cases that depend on how the request was sent
 */
export function errorOf(
  cause: ServiceFailure,
  context: OperationContext,
  meanings: Meanings,
): RemoteLogError {
  const unconnected = connectionFailure(cause, context);
  if (unconnected !== undefined) return unconnected;
  const found = caseOf(cause);
  const [kind] = cases[found];
  const [what, advice] = meanings[found] ?? commonMeanings(cause)[found] ?? [];
  const detail = [cause.code, cause.status].filter((part) => part !== "" && part !== undefined).join(", ");
  // The only cases of their codes need none.
  const reason = /^(quota|too-large|timeout)$/.test(found) ? undefined : found;
  const outcome = NOT_TAKEN.has(found) ? "none" : undefined;
  return failureOf(kind, context, { cause, detail: detail || undefined, what, advice, reason, outcome });
}

function caseOf({ code, status, text, region }: ServiceFailure): Case {
  // Some services put "Exception" after it, and some don't.
  const coded = caseWith(code.replace(/Exception$/, ""));
  // S3 says with a code, or at least a region, where a bucket is. A network that wants a password first says neither.
  if (coded === undefined && isPassingRedirect({ status: status ?? 0, type: "default" })) {
    return region === undefined ? "redirect" : "wrong-region";
  }
  const known = coded ?? caseWith(`${status}`);
  if (known !== undefined) return known;
  if (status === undefined) return "no-answer";
  // No code tells this one from other arguments that a service refuses.
  const isOfChecksum = /x-amz-(sdk-)?checksum/i.test(text) && !/Mismatch|Digest/.test(code);
  if (status === 400 && isOfChecksum) return "unknown-checksum";
  if (status === 404) return "unspecific-404";
  return status >= 500 ? "service-failed" : "request-refused";
}

function caseWith(sign: string): Case | undefined {
  return (Object.keys(cases) as Case[]).find((found) => cases[found][1]?.split(" ").includes(sign));
}

/**
 * The ETag of an object did not come with the reply: a browser shows a header of another origin only if the bucket
 * says that it may.
 */
export function missingEtag({ operation, action }: OperationContext): UnsupportedError {
  return unsupported(
    "no-etag",
    operation,
    `While ${action}, the service sent no ETag that can be read. In a browser, add "ETag" to ExposeHeaders in the ` +
      "CORS configuration of the bucket. Elsewhere, check that the endpoint is that of an S3 interface.",
  );
}

/** Compare-and-set is needed, and the probe found that the service does not enforce it. */
export function noConditionalWrites({ operation, action }: OperationContext, seen: string): UnsupportedError {
  return unsupported(
    "no-conditional-writes",
    operation,
    `While ${action}, it was found that compare-and-set does not work here. ${seen} Nothing was changed. ` +
      "If the log has one writer alone, say so: open the remote with `openS3Remote`, or with " +
      '`compareAndSet: "none"`, or put compare-and-set=none into its URI.',
  );
}

/** Compare-and-set is needed, and the service does not take its own ETag as the condition. */
export function refusesOwnEtag({ operation, action }: OperationContext): UnsupportedError {
  return unsupported(
    "no-conditional-writes",
    operation,
    `While ${action}, the service refused the very ETag that the name has, with and without its quotes. Nothing was ` +
      'changed. Use `compareAndSet: "none"`: the log then has one writer.',
  );
}

function unsupported(reason: S3ErrorReason, operation: string, message: string): UnsupportedError {
  return new UnsupportedError(message, { operation, reason });
}
