import {
  DeniedError,
  InvalidInputError,
  QuotaExhaustedError,
  type RemoteLogError,
  TimeoutError,
  TooLargeError,
  UnreachableError,
  UnsupportedError,
} from "@remote-log/core";
import { ServiceFailure } from "./service-failure.ts";

/** What was being done when a request failed. */
export interface FaultContext {
  /** The operation, as `subject.verb`. */
  readonly operation: string;
  /** What was being done, on what, for the message: `"storing a content in s3://bucket/logs"`. */
  readonly action: string;
  /** How many bytes were sent, where that may have been too many. */
  readonly bytes?: number;
  /** Whether it was asked for without credentials. */
  readonly anonymous?: boolean;
}

type Kind =
  | "denied"
  | "expired"
  | "key"
  | "credentials"
  | "clock"
  | "bucket"
  | "region"
  | "setting"
  | "quota"
  | "size"
  | "unsupported"
  | "timeout"
  | "busy"
  | "name"
  | "certificate"
  | "connection";

/** What each code of a service, of the SDK and of the system means. */
const kindOfCode: Readonly<Record<string, Kind>> = {
  AccessDenied: "denied",
  AccessDeniedException: "denied",
  AllAccessDisabled: "denied",
  AccountProblem: "denied",
  Forbidden: "denied",
  UnauthorizedAccess: "denied",
  NotSignedUp: "denied",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  InvalidToken: "expired",
  InvalidTokenId: "expired",
  TokenRefreshRequired: "expired",
  InvalidAccessKeyId: "key",
  SignatureDoesNotMatch: "key",
  InvalidSecurity: "key",
  CredentialsProviderError: "credentials",
  TokenProviderError: "credentials",
  RequestTimeTooSkewed: "clock",
  RequestExpired: "clock",
  RequestInTheFuture: "clock",
  NoSuchBucket: "bucket",
  InvalidBucketName: "bucket",
  PermanentRedirect: "region",
  TemporaryRedirect: "region",
  AuthorizationHeaderMalformed: "region",
  IllegalLocationConstraintException: "region",
  QuotaExceeded: "quota",
  QuotaExceededException: "quota",
  ServiceQuotaExceededException: "quota",
  InsufficientStorage: "quota",
  StorageFull: "quota",
  StorageQuotaExceeded: "quota",
  XMinioAdminBucketQuotaExceeded: "quota",
  XMinioStorageFull: "quota",
  EntityTooLarge: "size",
  MaxMessageLengthExceeded: "size",
  NotImplemented: "unsupported",
  MethodNotAllowed: "unsupported",
  RequestTimeout: "timeout",
  TimeoutError: "timeout",
  ETIMEDOUT: "timeout",
  ESOCKETTIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  SlowDown: "busy",
  ServiceUnavailable: "busy",
  Throttling: "busy",
  TooManyRequests: "busy",
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  CERT_HAS_EXPIRED: "certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate",
};

/** What a status means where the code says nothing. */
const kindOfStatus: Readonly<Record<number, Kind>> = {
  301: "region",
  307: "region",
  401: "denied",
  402: "quota",
  403: "denied",
  405: "unsupported",
  408: "timeout",
  413: "size",
  429: "busy",
  501: "unsupported",
  503: "busy",
  507: "quota",
};

/**
 * Maps a failed request to an error of the project; anything else (an abort, an error of the project, a mistake in
 * the program) comes back as it is. A missing object (`NoSuchKey`) and a condition that did not hold are settled
 * where they occur.
 */
export function fromFailure(error: unknown, context: FaultContext): unknown {
  return error instanceof ServiceFailure ? errorFor(error, context) : error;
}

function errorFor(
  cause: ServiceFailure,
  { operation, action, bytes = 1, anonymous }: FaultContext,
): RemoteLogError {
  const { code, status } = cause;
  const options = { operation, cause };
  const shown = [code, status].filter((part) => part !== "" && part !== undefined).join(", ");
  const failed = `${action.charAt(0).toUpperCase()}${action.slice(1)} failed${shown && ` (${shown})`}`;
  const kind = kindOfCode[code] ?? (status === undefined ? undefined : kindOfStatus[status]);
  switch (kind) {
    case "denied":
      return new DeniedError(
        `${failed}: the service refused. Allow ${anonymous ? "everybody s3:GetObject" : "this user s3:GetObject, and to write s3:PutObject"}. ` +
          "Where s3:ListBucket is not allowed, S3 gives the same answer for what is not there: allow it, too.",
        options,
      );
    case "expired":
      return new DeniedError(
        `${failed}: the session token has expired or is not valid. Get new credentials.`,
        options,
      );
    case "key":
      return new DeniedError(
        `${failed}: the service does not know the access key, or the secret key does not belong to it. Check both, ` +
          "and that they are those of this endpoint.",
        options,
      );
    case "credentials":
      return new DeniedError(
        `${failed}: no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or ` +
          "pass a client that has them. A bucket that everybody may read needs none: use @remote-log/s3/public.",
        options,
      );
    case "clock":
      return new DeniedError(
        `${failed}: the clock of this machine and that of the service differ too much. Set this one right.`,
        options,
      );
    case "bucket":
      return new InvalidInputError(
        `${failed}: there is no such bucket at this endpoint. Check its name and the endpoint, or make it.`,
        options,
      );
    case "region":
      return new InvalidInputError(
        `${failed}: the bucket is in ${cause.region === undefined ? "another region" : `the region ${cause.region}`}. ` +
          "Set the region of the client, or region=… in the URI.",
        options,
      );
    case "quota":
      return new QuotaExhaustedError(
        `${failed}: the service has no room or no credit left. Free some, then retry.`,
        options,
      );
    case "size":
      return new TooLargeError(
        `${failed}: ${bytes} bytes are more than the service takes. Lower \`largestContent\` to what it takes.`,
        { ...options, limit: bytes - 1 },
      );
    case "unsupported":
      return new UnsupportedError(
        `${failed}: the service cannot do it. Check that the endpoint is that of its S3 interface.`,
        options,
      );
    case "timeout":
      return new TimeoutError(
        `${failed}: no answer came in time, and the outcome of a write is unknown. Try again.`,
        options,
      );
    case "busy":
      return new UnreachableError(
        `${failed}: the service is busy, also after the client tried again. Try again later, with fewer requests at once.`,
        options,
      );
    case "name":
      return new UnreachableError(
        `${failed}: the host of the endpoint has no address. Check its name, and the network.`,
        options,
      );
    case "certificate":
      return new UnreachableError(
        `${failed}: the certificate of the endpoint can't be trusted. Check the endpoint, or make its issuer known ` +
          "(in Node.js with NODE_EXTRA_CA_CERTS).",
        { ...options, retry: "never" },
      );
    default:
      return otherError(cause, failed, options);
  }
}

function otherError(
  { code, status, message }: ServiceFailure,
  failed: string,
  options: { readonly operation: string; readonly cause: ServiceFailure },
): RemoteLogError {
  if (/x-amz-(sdk-)?checksum/i.test(message) && status === 400 && !/Mismatch|Digest/.test(code)) {
    return new UnsupportedError(
      `${failed}: the service does not know the checksums that the client adds. Make the client with ` +
        'requestChecksumCalculation and responseChecksumValidation set to "WHEN_REQUIRED".',
      options,
    );
  }
  if (message === "Region is missing") {
    return new InvalidInputError(
      `${failed}: the client has no region. Set AWS_REGION, or region=… in the URI.`,
      options,
    );
  }
  if (status === 404) {
    return new UnreachableError(
      `${failed}: the service answered 404 without saying what is missing, so nothing is known. Check that the ` +
        "endpoint is that of its S3 interface.",
      options,
    );
  }
  if (status !== undefined && status >= 500) {
    return new UnreachableError(
      `${failed}: the service failed, and the outcome of a write is unknown. Try again.`,
      options,
    );
  }
  if (status !== undefined) {
    return new UnreachableError(`${failed}: the service did not accept the request: ${message}`, options);
  }
  return new UnreachableError(
    `${failed}: no usable answer came, and the outcome of a write is unknown. Check the network, the endpoint and, ` +
      "in a browser, that the bucket allows its origin (CORS). Then try again.",
    options,
  );
}

/**
 * The ETag of an object did not come with the reply: a browser shows a header of another origin only where the
 * bucket says that it may.
 */
export function missingEtag({ operation, action }: FaultContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}, the service sent no ETag that can be read. In a browser, add "ETag" to ExposeHeaders in the ` +
      "CORS configuration of the bucket. Elsewhere, check that the endpoint is that of an S3 interface.",
    { operation },
  );
}
