// The light client: what it is made with.

import { InvalidInputError } from "@remote-log/core";
import {
  checkOptionTypes,
  type Fetch,
  type OptionKind,
  optionKinds,
  parseUrl,
  requireHttp,
} from "@remote-log/core/adapter";

/** An access key of S3. */
export interface LightS3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

/** Options of {@link LightS3Client}. */
export interface LightS3ClientOptions {
  /**
   * The access key; or a function that gives it, which is called for each request, so that temporary credentials can be renewed;
   * or `"anonymous"`: requests are not signed. Nothing of the environment is looked at.
   */
  readonly credentials:
    | LightS3Credentials
    | (() => LightS3Credentials | Promise<LightS3Credentials>)
    | "anonymous";
  /** The region of the bucket. Needed on AWS. Default with an `endpoint`: `"us-east-1"`, as most services take any. */
  readonly region?: string | undefined;
  /** Where the service is, unless it is AWS: `"https://minio.example.com:9000"`. `http:` or `https:`; without credentials. */
  readonly endpoint?: string | undefined;
  /** Whether the bucket is part of the path, and not of the host. Default: with an `endpoint`, and for buckets with a dot. */
  readonly forcePathStyle?: boolean | undefined;
  /** Sends the requests. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** The options with every default filled in. */
export interface LightSettings {
  readonly credentials: LightS3ClientOptions["credentials"];
  readonly region: string;
  /** Without a slash at its end; `undefined` for AWS. */
  readonly endpoint: URL | undefined;
  readonly forcePathStyle: boolean;
  readonly fetch: Fetch | undefined;
}

const { callback, flag, required, text } = optionKinds;

const settingsOfClient = new WeakMap<LightS3Client, LightSettings>();

/**
 * A client of S3 for browsers, workers and phones, in the place of the `S3Client` of the AWS SDK: it signs with the signer of that
 * SDK (Signature Version 4), and sends by `fetch`. It holds no connection, so there is nothing to close.
 *
 * @example
 * ```ts
 * import { LightS3Client, s3Remote } from "@remote-log/s3/light";
 *
 * const client = new LightS3Client({
 *   endpoint: "https://minio.example.com:9000",
 *   credentials: { accessKeyId: "alice", secretAccessKey: "a secret" },
 * });
 * const remote = s3Remote({ client, bucket: "my-bucket", prefix: "logs/alice" });
 * console.log(remote.label);
 * ```
 */
export class LightS3Client {
  /**
   * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
   */
  constructor(options: LightS3ClientOptions) {
    settingsOfClient.set(this, checkSettings(options));
  }
}

/** What a client was made with. */
export function settingsOf(client: LightS3Client): LightSettings {
  return settingsOfClient.get(client)!;
}

const credentialKinds = { accessKeyId: required(text), secretAccessKey: required(text), sessionToken: text };

/** Whether something may be the option `credentials`; what is in an object is looked at later. */
export const credentialsKind: OptionKind = required({
  is: (value: unknown) => value === "anonymous" || typeof value === "function" || typeof value === "object",
  expected: 'an object with accessKeyId and secretAccessKey, a function that gives one, or "anonymous"',
});

function checkSettings(options: LightS3ClientOptions): LightSettings {
  requireHttp("s3.open", options?.fetch);
  const what = { name: "LightS3Client", operation: "s3.open" };
  const kinds = {
    credentials: credentialsKind,
    region: text,
    endpoint: text,
    forcePathStyle: flag,
    fetch: callback,
  };
  checkOptionTypes(options, kinds, what);
  const { credentials, region, endpoint, fetch } = options;
  if (typeof credentials === "object") checkCredentials(credentials);
  if (region === undefined && endpoint === undefined)
    throw invalid('it has no region. Give the one of the bucket, such as "eu-west-1"', "no-region");
  if (region !== undefined && !/^[a-z0-9-]{1,40}$/.test(region))
    throw invalid("its region is not made of small letters, digits and hyphens");
  return {
    credentials,
    region: region ?? "us-east-1",
    endpoint: endpoint === undefined ? undefined : checkEndpoint(endpoint),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    fetch,
  };
}

/**
 * Checks credentials, also those that a function gave.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`, which repeats none of them
 */
export function checkCredentials(credentials: LightS3Credentials): void {
  const what = { name: "The credentials of a LightS3Client", operation: "s3.open" };
  checkOptionTypes(credentials, credentialKinds, what);
}

function checkEndpoint(endpoint: string): URL {
  const url = parseUrl(endpoint);
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw invalid("its endpoint is no http: or https: URL");
  if (url.username !== "" || url.password !== "") throw invalid("its endpoint holds credentials");
  if (/[?#]/.test(url.href)) throw invalid("its endpoint has a query or a fragment");
  return url;
}

function invalid(why: string, reason?: string): InvalidInputError {
  return new InvalidInputError(`A LightS3Client can't be made: ${why}.`, {
    operation: "s3.open",
    ...(reason !== undefined && { reason }),
  });
}
