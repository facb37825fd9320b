// What a request says of its signature, in its header or its query (AWS Signature Version 4).

import { accessDenied, S3Failure } from "./failure.ts";
import type { S3Request } from "./request.ts";

/** What a request says about its signature, in its `Authorization` header or in its query. */
export interface Authorization {
  readonly form: "header" | "query";
  readonly accessKeyId: string;
  /** `<day>/<region>/<service>/aws4_request` */
  readonly scope: string;
  readonly region: string;
  /** Names in lower case. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly signingDate: Date;
  /** How long a signature in the query holds. */
  readonly expiresSeconds: number | undefined;
  readonly sessionToken: string | undefined;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const WEEK_SECONDS = 604_800;

/**
 * Reads what a request says about its signature.
 *
 * @returns `undefined` if it is not signed at all
 * @throws S3Failure if what it says cannot be read
 */
export function readAuthorization(request: S3Request): Authorization | undefined {
  const header = request.headers["authorization"];
  if (header !== undefined) return fromHeader(header, request);
  return request.query.has("X-Amz-Signature") || request.query.has("X-Amz-Algorithm")
    ? fromQuery(request)
    : undefined;
}

function fromHeader(header: string, { headers }: S3Request): Authorization {
  if (!header.startsWith(`${ALGORITHM} `)) {
    throw new S3Failure(
      400,
      "InvalidRequest",
      `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`,
    );
  }
  const parts = new Map(
    header
      .slice(ALGORITHM.length)
      .split(",")
      .map((part) => [part.slice(0, part.indexOf("=")).trim(), part.slice(part.indexOf("=") + 1).trim()]),
  );
  const credential = parts.get("Credential");
  const signedHeaders = parts.get("SignedHeaders");
  const signature = parts.get("Signature");
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw malformedHeader(
      "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
    );
  }
  const signingDate = parseDate(headers["x-amz-date"]);
  if (signingDate === undefined) {
    throw accessDenied("AWS authentication requires a valid Date or x-amz-date header");
  }
  const scope = splitCredential(credential);
  if (scope === undefined) {
    throw malformedHeader(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  return {
    form: "header",
    ...scope,
    signedHeaders: signedHeaders.toLowerCase().split(";"),
    signature,
    signingDate,
    expiresSeconds: undefined,
    sessionToken: headers["x-amz-security-token"],
  };
}

function fromQuery({ query }: S3Request): Authorization {
  const value = (name: string): string => {
    const text = query.get(name)?.[0];
    if (text === undefined) {
      throw malformedQuery(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, " +
          "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
      );
    }
    return text;
  };
  if (value("X-Amz-Algorithm") !== ALGORITHM) {
    throw malformedQuery(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  }
  const scope = splitCredential(value("X-Amz-Credential"));
  if (scope === undefined) {
    throw malformedQuery(
      'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/' +
        'YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  const signingDate = parseDate(value("X-Amz-Date"));
  if (signingDate === undefined) {
    throw malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const expires = value("X-Amz-Expires");
  if (!/^\d+$/.test(expires)) throw malformedQuery("X-Amz-Expires should be a number");
  if (Number(expires) > WEEK_SECONDS) {
    throw malformedQuery(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${WEEK_SECONDS} seconds`,
    );
  }
  return {
    form: "query",
    ...scope,
    signedHeaders: value("X-Amz-SignedHeaders").toLowerCase().split(";"),
    signature: value("X-Amz-Signature"),
    signingDate,
    expiresSeconds: Number(expires),
    sessionToken: query.get("X-Amz-Security-Token")?.[0],
  };
}

/** 400 for an `Authorization` header that cannot be what it should be. */
export function malformedHeader(reason: string, fields: Readonly<Record<string, string>> = {}): S3Failure {
  return new S3Failure(
    400,
    "AuthorizationHeaderMalformed",
    `The authorization header is malformed; ${reason}`,
    {
      fields,
    },
  );
}

/** 400 for a signature in the query that cannot be what it should be. */
export function malformedQuery(message: string, fields: Readonly<Record<string, string>> = {}): S3Failure {
  return new S3Failure(400, "AuthorizationQueryParametersError", message, { fields });
}

function splitCredential(
  credential: string,
): Pick<Authorization, "accessKeyId" | "scope" | "region"> | undefined {
  const match = /^(.+?)\/(\d{8}\/([^/]+)\/[^/]+\/aws4_request)$/.exec(credential);
  if (match === null) return undefined;
  const [, accessKeyId = "", scope = "", region = ""] = match;
  return { accessKeyId, scope, region };
}

function parseDate(text: string | undefined): Date | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? "");
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
