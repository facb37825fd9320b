// What a server can do wrong on purpose.

/** Something that a server does wrong, or otherwise than S3, on purpose. */
export type S3Fault =
  /** The connection is cut when the request arrives: nothing happens. */
  | { readonly kind: "connection-cut" }
  /** The request does what it asks for, and the connection is cut in place of an answer. */
  | { readonly kind: "reply-lost" }
  /** The request is read and never answered: nothing happens. */
  | { readonly kind: "never-answers" }
  /** The request waits, its body read, before it does anything. */
  | { readonly kind: "held"; readonly until: Promise<unknown> }
  | ErrorFault
  /** `If-Match` and `If-None-Match` of writes are passed over, as by Google Cloud Storage's S3 interface. */
  | { readonly kind: "conditions-ignored" }
  /** `If-Match` of a write matches an ETag without quotes only, as at Hetzner. */
  | { readonly kind: "quoted-etag-refused" }
  /**
   * The condition of a write is checked before its body is read, and `gapMs` (25) before it takes effect, as by
   * versitygw on a filesystem.
   */
  | { readonly kind: "check-then-write"; readonly gapMs?: number }
  /** 409 `ConditionalRequestConflict` if the key changed while the conditional write was under way. */
  | { readonly kind: "conflict-on-race" }
  /** A read gives what the key held before its last change (at first: nothing). */
  | { readonly kind: "stale-read" }
  /** A content comes in steps of `bytes`, one every `everyMs` milliseconds. */
  | { readonly kind: "slow-body"; readonly bytes: number; readonly everyMs: number }
  /** The connection is cut after this many bytes of the content. */
  | { readonly kind: "truncated-body"; readonly bytes: number }
  /** One bit of the byte at `at` (0) of a content is wrong; its headers are right. */
  | { readonly kind: "corrupt-body"; readonly at?: number };

/** An error answer that has no cause in the request. */
export interface ErrorFault {
  readonly kind: "error";
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
  /** The request does what it asks for all the same. Default: `false`. */
  readonly committed?: boolean;
  /** Only writes with a condition are answered so. Default: `false`. */
  readonly conditionalWritesOnly?: boolean;
}

/** 503 `SlowDown`. @param retryAfterSeconds - the header `Retry-After` */
export function slowDown(retryAfterSeconds?: number): ErrorFault {
  return {
    ...error(503, "SlowDown", "Please reduce your request rate."),
    ...(retryAfterSeconds !== undefined && { headers: { "retry-after": String(retryAfterSeconds) } }),
  };
}

/** 500 `InternalError`. */
export function internalError(): ErrorFault {
  return error(500, "InternalError", "We encountered an internal error. Please try again.");
}

/** 409 `ConditionalRequestConflict` for writes with a condition, whether or not there is a race. */
export function conflict(): ErrorFault {
  const message =
    "The conditional request cannot succeed due to a conflicting operation against this resource.";
  return { ...error(409, "ConditionalRequestConflict", message), conditionalWritesOnly: true };
}

/** 501 `NotImplemented` for writes with a condition, as by Backblaze B2. */
export function conditionsNotImplemented(): ErrorFault {
  const message = "A header you provided implies functionality that is not implemented";
  return { ...error(501, "NotImplemented", message), conditionalWritesOnly: true };
}

/** 403 `AccessDenied`, as if a policy says no. */
export function denied(): ErrorFault {
  return error(403, "AccessDenied", "Access Denied");
}

/** 400 `ExpiredToken`, as if temporary credentials have run out. */
export function expiredToken(): ErrorFault {
  return error(400, "ExpiredToken", "The provided token has expired.");
}

/** 507 `QuotaExceeded`. */
export function quotaExceeded(): ErrorFault {
  return error(507, "QuotaExceeded", "The quota of the bucket is exceeded.");
}

/** The answer of MinIO if a bucket's quota is exceeded. */
export function minioQuotaExceeded(): ErrorFault {
  return error(400, "XMinioAdminBucketQuotaExceeded", "Bucket quota exceeded");
}

/** 301 `PermanentRedirect`: the bucket is in another region. */
export function permanentRedirect(region: string, endpoint: string): ErrorFault {
  const message =
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all " +
    "future requests to this endpoint.";
  return {
    ...error(301, "PermanentRedirect", message),
    headers: { "x-amz-bucket-region": region },
    fields: { Endpoint: endpoint },
  };
}

function error(status: number, code: string, message: string): ErrorFault {
  return { kind: "error", status, code, message };
}
