// What S3 refuses: status, code and message.

/** What a failure may carry besides status, code and message. */
export interface S3FailureDetails {
  /** Further elements of the error document, in this order, as S3 names them. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that ends with an error answer, as S3 words it. Thrown inside the server only. */
export class S3Failure extends Error {
  override readonly name = "S3Failure";
  /** HTTP status. */
  readonly status: number;
  /** The code that clients tell errors apart by. */
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, details: S3FailureDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = details.fields ?? {};
    this.headers = details.headers ?? {};
  }
}

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
}

/** 400 `InvalidArgument`. */
export function invalidArgument(message: string, name: string, value: string): S3Failure {
  return new S3Failure(400, "InvalidArgument", message, {
    fields: { ArgumentName: name, ArgumentValue: value },
  });
}

/** 400 `InvalidRequest`. */
export function invalidRequest(message: string): S3Failure {
  return new S3Failure(400, "InvalidRequest", message);
}

/** 403 `AccessDenied`. */
export function accessDenied(
  message = "Access Denied",
  fields: Readonly<Record<string, string>> = {},
): S3Failure {
  return new S3Failure(403, "AccessDenied", message, { fields });
}

/** 404 `NoSuchKey`. */
export function noSuchKey(key: string): S3Failure {
  return new S3Failure(404, "NoSuchKey", "The specified key does not exist.", { fields: { Key: key } });
}

/** 404 `NoSuchBucket`. */
export function noSuchBucket(bucket: string): S3Failure {
  return new S3Failure(404, "NoSuchBucket", "The specified bucket does not exist", {
    fields: { BucketName: bucket },
  });
}

/** 412 `PreconditionFailed`, with the header that did not hold. */
export function preconditionFailed(header: string): S3Failure {
  return new S3Failure(
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    { fields: { Condition: header } },
  );
}

/** 409 `ConditionalRequestConflict`: another write of the key was under way. */
export function conditionalRequestConflict(header: string, key: string): S3Failure {
  return new S3Failure(
    409,
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
    { fields: { Condition: header, Key: key } },
  );
}

/** 501 `NotImplemented`, for a header that asks for what S3 does not do. */
export function notImplementedHeader(header: string): S3Failure {
  return new S3Failure(
    501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented",
    { fields: { Header: header } },
  );
}
