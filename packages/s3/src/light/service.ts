// The requests by the light client: signed, and sent by `fetch` (Amazon S3 REST API).

import { rawSha256 } from "@remote-log/core";
import {
  type BodyLike,
  decodeUtf8Loosely,
  discardBody,
  encodeBase64,
  fetchAnyReply,
  parseRetryAfter,
  parseUrl,
  readErrorText,
  timeNow,
} from "@remote-log/core/adapter";
import { hexOf } from "../layout.ts";
import { elementOf, regionOf } from "../service/answer-text.ts";
import { ANSWER_BYTES, LIST_BYTES, readAnswer } from "../service/bounded.ts";
import { listFromText } from "../service/list-text.ts";
import type {
  GetInput,
  ListPage,
  ObjectHeaders,
  PutInput,
  S3Service,
  ServiceObject,
} from "../service/s3-service.ts";
import { ServiceFailure } from "../service/service-failure.ts";
import { unanswered } from "../service/unanswered.ts";
import {
  checkCredentials,
  type LightS3Client,
  type LightS3Credentials,
  type LightSettings,
  settingsOf,
} from "./client.ts";
import { signedHeaders } from "./sign.ts";

/** A request, before it is known where it goes. */
interface Asked {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** None for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** SHA-256 of the body. Default: that of nothing. */
  readonly digest?: Uint8Array;
}

/** What a service refused, and what time it is there. */
interface Refusal {
  readonly failure: ServiceFailure;
  readonly time: number;
}

/** How far clocks may be apart before a refusal is taken to be about them, in milliseconds: services allow a quarter of an hour. */
const SKEW_MILLISECONDS = 300_000;

/** The statuses with which services refuse a signature of another time. */
const SKEW_STATUSES: ReadonlySet<number | undefined> = new Set([400, 401, 403]);

const METADATA = "x-amz-meta-";

/** How much later than here it is at the services, in milliseconds, as far as that was learned. */
const skewOfClient = new WeakMap<LightS3Client, number>();

/** A bucket, reached by a light client. */
export class LightService implements S3Service {
  readonly client: LightS3Client;
  readonly #settings: LightSettings;
  readonly #base: URL;

  constructor(client: LightS3Client, bucket: string) {
    this.client = client;
    this.#settings = settingsOf(client);
    this.#base = baseOf(this.#settings, bucket);
  }

  async put(input: PutInput, signal: AbortSignal): Promise<string | undefined> {
    const { key, body, digest, checksum, create, match, metadata = {} } = input;
    const headers = {
      "content-type": "application/octet-stream",
      ...(checksum && { "x-amz-checksum-sha256": encodeBase64(digest) }),
      ...(create && { "if-none-match": "*" }),
      ...(match !== undefined && { "if-match": match }),
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [METADATA + name, value])),
    };
    const response = await this.#send({ method: "PUT", key, headers, body, digest }, signal);
    await readAnswer(bodyOf(response), response.status, ANSWER_BYTES);
    return response.headers.get("etag") ?? undefined;
  }

  async get({ key, ifNoneMatch, range }: GetInput, signal: AbortSignal): Promise<ServiceObject> {
    const headers = { "if-none-match": ifNoneMatch, ...(range !== undefined && { range }) };
    const response = await this.#send({ method: "GET", key, headers }, signal);
    const metadata: Record<string, string> = {};
    response.headers.forEach((value, name) => {
      if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = value;
    });
    return {
      status: response.status,
      body: bodyOf(response),
      length: lengthOf(response),
      etag: response.headers.get("etag") ?? undefined,
      metadata,
      contentType: response.headers.get("content-type") ?? undefined,
      contentRange: response.headers.get("content-range") ?? undefined,
    };
  }

  async head(key: string, signal: AbortSignal): Promise<ObjectHeaders> {
    const headers = { "x-amz-checksum-mode": "ENABLED" };
    const response = await this.#send({ method: "HEAD", key, headers }, signal);
    await discardBody(response);
    return {
      length: lengthOf(response),
      checksum: response.headers.get("x-amz-checksum-sha256") ?? undefined,
      etag: response.headers.get("etag") ?? undefined,
    };
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    const response = await this.#send({ method: "DELETE", key }, signal);
    await readAnswer(bodyOf(response), response.status, ANSWER_BYTES);
  }

  async list(prefix: string, from: string | undefined, signal: AbortSignal): Promise<ListPage> {
    const query = { "list-type": "2", prefix, ...(from !== undefined && { "continuation-token": from }) };
    const response = await this.#send({ method: "GET", query }, signal);
    const text = await readAnswer(bodyOf(response), response.status, LIST_BYTES);
    return listFromText(decodeUtf8Loosely(text)) ?? {};
  }

  failureOf(thrown: unknown): ServiceFailure {
    return unanswered(thrown);
  }

  /** Sends a request, once; with the time of the service, once more, if it was refused because the clock here is wrong. */
  async #send(asked: Asked, signal: AbortSignal): Promise<Response> {
    const sent = await this.#attempt(asked, signal);
    if ("response" in sent) return sent.response;
    const skew = sent.time - timeNow();
    const known = skewOfClient.get(this.client) ?? 0;
    const isSkewed = SKEW_STATUSES.has(sent.failure.status) && Math.abs(skew - known) > SKEW_MILLISECONDS;
    if (!isSkewed || this.#settings.credentials === "anonymous") throw sent.failure;
    skewOfClient.set(this.client, skew);
    const again = await this.#attempt(asked, signal);
    if ("response" in again) return again.response;
    throw again.failure;
  }

  async #attempt(asked: Asked, signal: AbortSignal): Promise<{ readonly response: Response } | Refusal> {
    const { method, key, query = {}, body } = asked;
    const path = pathOf(this.#base, key);
    const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
    const headers = await this.#headersOf(asked, path);
    const response = await fetchAnyReply({
      url: `${this.#base.origin}${path}${search}`,
      method,
      // Compressed bytes would be counted wrongly, and make a weak ETag. What stands between changes this, so it is not signed.
      headers: { ...headers, "accept-encoding": "identity" },
      body,
      signal,
      fetch: this.#settings.fetch,
    });
    if (response.ok) return { response };
    return refusalOf(response, signal);
  }

  async #headersOf(asked: Asked, path: string): Promise<Readonly<Record<string, string>>> {
    const { method, query = {}, headers = {}, digest } = asked;
    const { credentials, region } = this.#settings;
    if (credentials === "anonymous") return headers;
    const given = typeof credentials === "function" ? await providedBy(credentials) : credentials;
    const hash = hexOf(digest ?? (await rawSha256.digest(new Uint8Array(0))));
    const request = {
      method,
      url: this.#base,
      path,
      query,
      headers: { ...headers, "x-amz-content-sha256": hash },
    };
    const at = new Date(timeNow() + (skewOfClient.get(this.client) ?? 0));
    return signedHeaders(request, given, region, at);
  }
}

async function providedBy(
  provide: () => LightS3Credentials | Promise<LightS3Credentials>,
): Promise<LightS3Credentials> {
  try {
    const given = await provide();
    checkCredentials(given);
    return given;
  } catch {
    // What it threw may hold a secret.
    throw new ServiceFailure({
      code: "CredentialsProviderError",
      text: "The function that gives the credentials failed, or gave none.",
    });
  }
}

function baseOf({ endpoint, region, forcePathStyle }: LightSettings, bucket: string): URL {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const { protocol, host, pathname } = endpoint ?? parseUrl(`https://s3.${region}.${domain}`)!;
  const root = pathname.replace(/\/+$/, "");
  // A certificate for *.s3.… is none for names with further dots.
  const inPath = forcePathStyle || bucket.includes(".");
  return parseUrl(
    inPath ? `${protocol}//${host}${root}/${bucket}` : `${protocol}//${bucket}.${host}${root}`,
  )!;
}

function pathOf({ pathname }: URL, key: string | undefined): string {
  const root = pathname.replace(/\/+$/, "");
  if (key === undefined) return root === "" ? "/" : root;
  return `${root}/${key.split("/").map(encode).join("/")}`;
}

/** As signatures have it (RFC 3986): `encodeURIComponent` leaves a few characters as they are. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A reply as plain properties: of a `Response` they are on its prototype. */
function bodyOf(response: Response): BodyLike {
  const { headers, body } = response;
  return { headers, body, arrayBuffer: () => response.arrayBuffer() };
}

function lengthOf({ headers }: Response): number | undefined {
  const text = headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function refusalOf(response: Response, signal: AbortSignal): Promise<Refusal> {
  const { headers } = response;
  // A browser hides the status of a redirect.
  const status = response.type === "opaqueredirect" ? 302 : response.status;
  const text = await readErrorText(bodyOf(response), { operation: "s3.answer", signal });
  const message = elementOf(text, "Message") ?? "";
  const failure = new ServiceFailure({
    code: elementOf(text, "Code") ?? "",
    text: message,
    status,
    server: headers.get("server") ?? undefined,
    region: regionOf(
      headers.get("x-amz-bucket-region"),
      elementOf(text, "Region"),
      /expecting '([^']*)'/.exec(message)?.[1],
    ),
    requestId: headers.get("x-amz-request-id") ?? undefined,
    retryAfterMilliseconds: parseRetryAfter(headers.get("retry-after")),
  });
  return { failure, time: Date.parse(elementOf(text, "ServerTime") ?? headers.get("date") ?? "") };
}
