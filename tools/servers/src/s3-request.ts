// Signed requests to a server that speaks S3.

import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { S3Server } from "./s3-server.ts";
import { ServerError } from "./server-error.ts";

/** What a request needs to know of a server. */
export type S3Account = Pick<S3Server, "endpoint" | "region" | "credentials">;

/**
 * Sends a signed request without a body.
 *
 * @param path - encoded, from the slash on: `"/"` for the list of buckets
 */
export async function s3Request(
  account: S3Account,
  method: "GET" | "HEAD" | "PUT",
  path: string,
  signal?: AbortSignal,
): Promise<Response> {
  const { protocol, hostname, port, host } = new URL(account.endpoint);
  const signer = new SignatureV4({
    service: "s3",
    region: account.region,
    credentials: account.credentials,
    sha256: Sha256,
    uriEscapePath: false,
  });
  const { headers } = await signer.sign({
    method,
    protocol,
    hostname,
    port: Number(port),
    path,
    headers: { host },
    body: "",
  });
  return fetch(`${account.endpoint}${path}`, { method, headers, signal: signal ?? null });
}

/** Whether a server takes these credentials: nobody else on that port would. */
export async function answersS3(account: S3Account, signal: AbortSignal): Promise<boolean> {
  const response = await s3Request(account, "GET", "/", signal);
  const body = await response.text();
  return response.status === 200 && body.includes("ListAllMyBucketsResult");
}

/**
 * Creates a bucket.
 *
 * @throws ServerError `ERR_SERVER_REQUEST` if the server refuses, also because it is there already
 */
export async function createBucket(account: S3Account, bucket: string, signal?: AbortSignal): Promise<void> {
  const response = await s3Request(account, "PUT", `/${encodeURIComponent(bucket)}`, signal);
  const body = await response.text();
  if (response.ok) return;
  const code = /<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? "no code";
  throw new ServerError(
    "ERR_SERVER_REQUEST",
    `${account.endpoint} refused to create the bucket ${bucket}: ${response.status} (${code}).`,
  );
}
