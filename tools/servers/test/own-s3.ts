import { Sha256 } from "@aws-crypto/sha256-js";
import { S3Client, type S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3";
import { type OwnS3, type OwnS3Options, startOwnS3 } from "@remote-log/servers";
import { SignatureV4 } from "@smithy/signature-v4";
import { onTestFinished } from "vitest";

/** The bucket that every server of a test has. */
export const BUCKET = "bucket";

/** A server for one test, with a client of Amazon's that talks to it. */
export async function serve(
  options: OwnS3Options = {},
  config: S3ClientConfig = {},
): Promise<{ server: OwnS3; client: S3Client }> {
  const server = await startOwnS3({ buckets: [BUCKET], ...options });
  onTestFinished(() => server.stop());
  return { server, client: clientOf(server, config) };
}

/** A client of Amazon's that talks to a server. */
export function clientOf(server: OwnS3, config: S3ClientConfig = {}): S3Client {
  const { endpoint, region, credentials } = server;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, ...config });
  onTestFinished(() => client.destroy());
  return client;
}

/** What one sees of a request that failed. */
export interface Failure {
  readonly status: number | undefined;
  readonly code: string;
  readonly attempts: number | undefined;
}

/** The failure that a request ends with. */
export async function failureOf(sent: Promise<unknown>): Promise<Failure> {
  const error: unknown = await sent.then(
    () => new Error("The request did not fail."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof S3ServiceException)) throw error;
  const { httpStatusCode: status, attempts } = error.$metadata;
  return { status, code: error.name, attempts };
}

/** A request that is signed here, header by header, and sent by `fetch`. */
export interface RawRequest {
  readonly method?: string;
  /** With the leading slash and any query, encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Default: now. */
  readonly signingDate?: Date;
  readonly signal?: AbortSignal;
}

/** Signs and sends a request. `x-amz-content-sha256` is `UNSIGNED-PAYLOAD` unless the headers say otherwise. */
export async function signedFetch(server: OwnS3, request: RawRequest): Promise<Response> {
  const { method = "GET", path, body, signal, signingDate } = request;
  const url = new URL(server.endpoint);
  const [pathname = "/", search = ""] = path.split("?");
  const signed = await signerOf(server).sign(
    {
      method,
      protocol: "http:",
      hostname: url.hostname,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: { host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...request.headers },
    },
    signingDate === undefined ? {} : { signingDate },
  );
  const { host: _, ...headers } = signed.headers;
  return fetch(`${server.endpoint}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
    ...(signal !== undefined && { signal }),
  });
}

/** A signer for a server's account. */
export function signerOf({ credentials, region }: Pick<OwnS3, "credentials" | "region">): SignatureV4 {
  return new SignatureV4({ credentials, region, service: "s3", sha256: Sha256, uriEscapePath: false });
}

/** Status and code of an answer in XML. */
export async function codeOf(response: Response): Promise<string> {
  const code = /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1] ?? "";
  return `${response.status} ${code}`.trim();
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
