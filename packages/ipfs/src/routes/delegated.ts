// Records by way of a delegated router (Delegated Routing V1 HTTP API, "IPNS API").

import { InvalidInputError, type OperationOptions, UnreachableError } from "@remote-log/core";
import {
  bytesEqual,
  cleanText,
  decodeUtf8Loosely,
  discardBody,
  type Fetch,
  type HttpRequest,
  type OperationContext,
  readBody,
  requireHttp,
  sendRequest,
} from "@remote-log/core/adapter";
import { statusOf } from "../http/errors.ts";
import { readAnswer } from "../http/read-answer.ts";
import { checkHeaders, checkHttpUrl, mediaTypeOf } from "../http/url.ts";
import { checkTypes } from "../option-types.ts";
import type { IpnsName } from "../record/ipns-name.ts";
import { LARGEST_RECORD } from "../record/ipns-record.ts";
import { attempt, notUnderstood, saysNone, showsAnother, showsNone } from "./attempt.ts";
import type { PublishingRoute, RouteGetOptions } from "./route.ts";

/** Options of {@link delegatedRoute}. */
export interface DelegatedRouteOptions {
  /**
   * The router: `"https://delegated-ipfs.dev"`, or `"http://127.0.0.1:8080"` for the one that Kubo's gateway port serves.
   * `http:` or `https:`, without credentials, query and fragment; with or without `/routing/v1` at its end.
   */
  readonly url: string;
  /** Sent with every request: credentials, say. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends the requests. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** The media type of one record. */
const RECORD = "application/vnd.ipfs.ipns-record";

/** The most bytes of a text that are read. */
const TEXT_BYTES = 16 * 1024;

/**
 * Records by way of a router that speaks the Delegated Routing V1 HTTP API (`/routing/v1/ipns/<name>`), such as someguy,
 * or the gateway port of Kubo.
 *
 * A put reads back: a router that has a newer record may report success and drop the one that it was sent. Some routers can
 * only be read; then a put is `ERR_UNREACHABLE` with the reason `"read-only"`, and is not to be tried again.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URL, or for headers, that can't be used
 *
 * @example
 * ```ts
 * import { delegatedRoute, ipfsStorage, ipnsNames, kuboRoute } from "@remote-log/ipfs";
 *
 * const node = "http://127.0.0.1:5001";
 * const names = ipnsNames({
 *   storage: ipfsStorage({ node }),
 *   routes: [kuboRoute({ node }), delegatedRoute({ url: "https://delegated-ipfs.dev" })],
 * });
 * ```
 */
export function delegatedRoute(options: DelegatedRouteOptions): PublishingRoute {
  checkTypes(options, ["url", "headers", "fetch"], { name: "delegatedRoute", operation: "ipns.open" });
  const { headers = {}, fetch } = options;
  requireHttp("ipns.open", fetch);
  const url = checkHttpUrl(options.url, invalid).replace(/\/routing\/v1$/, "");
  checkHeaders(headers, invalid);
  const place = `the router at ${url}`;

  const request = (
    name: IpnsName,
    signal: AbortSignal | undefined,
    context: OperationContext,
  ): Pick<HttpRequest, "url" | "signal" | "context" | "fetch"> => ({
    url: `${url}/routing/v1/ipns/${name}`,
    signal: signal ?? new AbortController().signal,
    context,
    fetch,
  });

  async function read(
    name: IpnsName,
    signal: AbortSignal | undefined,
    context: OperationContext,
    limit = LARGEST_RECORD,
  ): Promise<Uint8Array | undefined> {
    const response = await sendRequest(
      { ...request(name, signal, context), method: "GET", headers: { ...headers, accept: RECORD } },
      [200, 404],
    );
    const { operation } = context;
    const type = mediaTypeOf(response);
    if (response.status === 200 && type === RECORD) {
      return readBody(response, { limit, operation, what: `the record of ${name}` });
    }
    const refusal = (): Error => notUnderstood("with more than a router ever does", context);
    const bytes = await readAnswer(response, { limit: TEXT_BYTES, operation, refusal });
    const text = decodeUtf8Loosely(bytes).trim();
    // A path that nobody serves says nothing about the record: it is answered with a page, or in the words of Go's servers.
    if (response.status === 404 && type !== "text/html" && text !== "404 page not found") return undefined;
    // Newer routers answer 200 and say in plain text that there is none. What is no router at all answers with a page.
    if (response.status === 200 && type === "text/plain" && saysNone(text)) return undefined;
    const what =
      response.status === 404 ? "that nothing is there" : `with ${cleanText(type ?? "something of no type")}`;
    throw notUnderstood(`${what} instead of a record`, context);
  }

  return {
    name: place,

    async get(name, { signal, maxBytes = LARGEST_RECORD }: RouteGetOptions) {
      const context = { operation: "ipns.get", action: `reading the record of ${name} at ${place}` };
      return attempt(context, signal, () => read(name, signal, context, Math.min(maxBytes, LARGEST_RECORD)));
    },

    async put(name, record, { signal }: OperationOptions) {
      const context = { operation: "ipns.put", action: `publishing the record of ${name} at ${place}` };
      const body = new Uint8Array(record);
      await attempt(context, signal, async () => {
        const sent = { method: "PUT", headers: { ...headers, "content-type": RECORD }, body } as const;
        const response = await sendRequest({ ...request(name, signal, context), ...sent }).catch(
          (error: unknown) => {
            throw [404, 405, 501].includes(statusOf(error) ?? 0) ? readOnly(context) : error;
          },
        );
        await discardBody(response);
        const shown = await read(name, signal, context);
        if (shown === undefined) throw showsNone(context);
        if (!bytesEqual(shown, body)) throw showsAnother(context);
      });
    },
  };
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(
    `The router can't be used: ${why}. Its URL is one like https://delegated-ipfs.dev.`,
    { operation: "ipns.open" },
  );
}

function readOnly({ operation, action }: OperationContext): UnreachableError {
  return new UnreachableError(
    `While ${action}: it takes no records. Use it for reading, and publish by another route.`,
    { operation, retry: "never", reason: "read-only" },
  );
}
