// Checks signatures (AWS Signature Version 4).

import { timingSafeEqual } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { type Authorization, malformedHeader, malformedQuery, readAuthorization } from "./authorization.ts";
import { accessDenied, invalidRequest, S3Failure } from "./failure.ts";
import type { S3Request } from "./request.ts";

/** The account of a server. */
export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** If there is one, every request has to carry it. */
  readonly sessionToken?: string;
}

/** What a signature is checked against. */
export interface SignatureCheck {
  readonly account: Account;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A request that was signed as it should be; it signs on for the chunks of its body. */
export interface Signed {
  readonly signature: string;
  readonly scope: string;
  /** As in `x-amz-date`. */
  readonly date: string;
  /** Signs the string of a chunk or a trailer with the key of the request. */
  signString(text: string): Promise<string>;
}

const ALLOWED_SKEW = 15 * 60 * 1000;

/**
 * Checks who sent a request.
 *
 * @returns `undefined` if it is not signed at all
 * @throws S3Failure if it is signed, but not as it should be
 */
export async function verifySignature(
  request: S3Request,
  { account, region, now }: SignatureCheck,
): Promise<Signed | undefined> {
  const authorization = readAuthorization(request);
  if (authorization === undefined) return undefined;
  checkRegion(authorization, region);
  if (authorization.accessKeyId !== account.accessKeyId) {
    throw new S3Failure(
      403,
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      { fields: { AWSAccessKeyId: authorization.accessKeyId } },
    );
  }
  checkTime(authorization, now);
  checkSignedHeaders(request, authorization);
  const signer = new SignatureV4({
    credentials: { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey },
    region: authorization.region,
    service: "s3",
    sha256: Sha256,
    // S3 signs the path as it was sent.
    uriEscapePath: false,
    applyChecksum: false,
  });
  const expected = await sign(signer, request, authorization);
  if (!equals(expected, authorization.signature)) throw signatureDoesNotMatch(authorization);
  if (authorization.sessionToken !== account.sessionToken) {
    throw new S3Failure(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  return {
    signature: expected,
    scope: authorization.scope,
    date: toLongDate(authorization.signingDate),
    signString: (text) => signer.sign(text, { signingDate: authorization.signingDate }),
  };
}

/** 403 for a signature that another secret, or another request, has. */
export function signatureDoesNotMatch(authorization?: Authorization): S3Failure {
  return new S3Failure(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing " +
      "method.",
    {
      fields:
        authorization === undefined
          ? {}
          : { AWSAccessKeyId: authorization.accessKeyId, SignatureProvided: authorization.signature },
    },
  );
}

/** Whether two signatures are the same. */
export function equals(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function sign(signer: SignatureV4, request: S3Request, authorization: Authorization): Promise<string> {
  const { signedHeaders, signingDate } = authorization;
  const unsigned = {
    method: request.method,
    protocol: "http:",
    hostname: "",
    path: request.path,
    query: queryWithoutSignature(request.query),
    headers: Object.fromEntries(signedHeaders.map((name) => [name, request.headers[name] ?? ""])),
  };
  const names = new Set(signedHeaders);
  if (authorization.form === "header") {
    if (unsigned.headers["x-amz-content-sha256"] === undefined) {
      throw invalidRequest("Missing required header for this request: x-amz-content-sha256");
    }
    const { headers } = await signer.sign(unsigned, { signingDate, signableHeaders: names });
    return /Signature=(\w+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
  }
  // Of a body that is neither bytes nor text, the signer says UNSIGNED-PAYLOAD, which is what S3 takes here.
  const { query = {} } = await signer.presign(
    { ...unsigned, body: {} },
    {
      signingDate,
      signableHeaders: names,
      unhoistableHeaders: names,
      expiresIn: authorization.expiresSeconds ?? 0,
    },
  );
  return String(query["X-Amz-Signature"]);
}

function queryWithoutSignature(query: S3Request["query"]): Record<string, string | string[]> {
  const generated = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"];
  const names = new Set(generated.map((name) => `X-Amz-${name}`));
  const entries = [...query].filter(([name]) => !names.has(name));
  return Object.fromEntries(entries.map(([name, values]) => [name, [...values]]));
}

function checkRegion(authorization: Authorization, region: string): void {
  const wrong = `the region '${authorization.region}' is wrong; expecting '${region}'`;
  if (authorization.region === region) return;
  if (authorization.form === "header") throw malformedHeader(wrong, { Region: region });
  throw malformedQuery(`Error parsing the X-Amz-Credential parameter; ${wrong}`, { Region: region });
}

function checkTime({ signingDate, expiresSeconds, scope }: Authorization, now: number): void {
  const signed = signingDate.getTime();
  const serverTime = new Date(now).toISOString();
  if (!scope.startsWith(toLongDate(signingDate).slice(0, 8))) throw signatureDoesNotMatch();
  if (expiresSeconds === undefined) {
    if (Math.abs(now - signed) <= ALLOWED_SKEW) return;
    throw new S3Failure(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
      {
        fields: {
          RequestTime: toLongDate(signingDate),
          ServerTime: serverTime,
          MaxAllowedSkewMilliseconds: String(ALLOWED_SKEW),
        },
      },
    );
  }
  if (signed > now + ALLOWED_SKEW) throw accessDenied("Request is not yet valid", { ServerTime: serverTime });
  const end = signed + expiresSeconds * 1000;
  if (now > end) {
    throw accessDenied("Request has expired", {
      "X-Amz-Expires": String(expiresSeconds),
      Expires: new Date(end).toISOString(),
      ServerTime: serverTime,
    });
  }
}

/** Whoever changed a header that is not signed would change the request. */
function checkSignedHeaders({ headers }: S3Request, { signedHeaders }: Authorization): void {
  const missing = Object.keys(headers).filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signedHeaders.includes(name),
  );
  if (missing.length === 0) return;
  throw accessDenied("There were headers present in the request which were not signed", {
    HeadersNotSigned: missing.join(", "),
  });
}

function toLongDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}
