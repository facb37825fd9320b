// The HTTP API of a Bee node (Bee API 8.1, https://docs.ethswarm.org/api/): by its URL, or as a client of it would ask.

import { InvalidInputError } from "@remote-log/core";
import { type Call, type Fetch, parseUrl, requireHttp, sendRequest } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { readAnswer } from "./answer.ts";
import { type BeeClient, settingsOf } from "./bee-client.ts";
import { isUploading, uploadWithClient } from "./client-upload.ts";
import type { Payment } from "./payment.ts";

/**
 * A Bee node, or a gateway to one: the URL of its API (`"http://127.0.0.1:1633"`), or a client that was made for it, such as
 * a `Bee` of `@ethersphere/bee-js` 12. A client is used, and never changed: every request has its headers and is told to its
 * `onRequest`, and chunks of contents are uploaded by its `uploadChunk`.
 */
export type BeeNode = string | BeeClient;

/** Which node is used, and how it is asked. */
export interface NodeOptions {
  /** The node. */
  readonly bee: BeeNode;
  /** Headers of every request, such as `authorization`. They come before those of a client. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends all requests, also those that a client would send by itself. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** A request to the API of a node. */
interface BeeRequest {
  readonly method: "GET" | "POST" | "HEAD";
  /** The path below the URL of the node: `"/chunks"`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** The API of a node. */
export interface BeeApi {
  /** What messages call it: `"the node at http://127.0.0.1:1633"`. */
  readonly place: string;

  /**
   * Sends a request.
   *
   * @returns the reply, of status 200 or 201; its body is the caller's to read or to discard
   * @throws HttpFailure for any other status, with what the node said
   * @throws UnreachableError `ERR_UNREACHABLE` for a redirect
   * @throws whatever `fetch` throws
   */
  request(request: BeeRequest, call: Call): Promise<Response>;

  /**
   * Uploads a chunk of content: `POST /chunks`.
   *
   * @param data - span and payload
   * @returns the address that the node says it has stored; it may be anything
   * @throws what {@link BeeApi.request} throws
   * @throws UnreachableError `ERR_UNREACHABLE` if something other than a node answered
   */
  uploadChunk(data: Uint8Array, payment: Payment, call: Call): Promise<unknown>;

  /** Uploads a single-owner chunk, with the signature that it has: `POST /soc/<owner>/<id>`. Else as `uploadChunk`. */
  uploadOwnerChunk(chunk: OwnerChunk, payment: Payment, call: Call): Promise<unknown>;
}

/**
 * The API of a node. Nothing is sent yet.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a node, or for headers, that can't be used
 */
export function beeApi({ bee, headers = {}, fetch }: NodeOptions): BeeApi {
  requireHttp("swarm.open", fetch);
  const url = baseOf(bee);
  const given = checkHeaders(headers);
  const client = typeof bee === "string" ? undefined : bee;

  async function request(asked: BeeRequest, { signal, context }: Call): Promise<Response> {
    const { method, path, query, body } = asked;
    // Each time: an application may put a fresh token among its client's headers.
    const { headers: clients = {}, onRequest } = settingsOf(client);
    const content = body !== undefined && { "content-type": BINARY };
    const sent = { ...PLAIN, ...checkHeaders(clients), ...given, ...asked.headers, ...content };
    onRequest?.({ method, url: `${url}${path}`, headers: { ...sent }, ...(query && { params: query }) });
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
    // A copy of the body: shared memory can't be sent.
    const copy = body !== undefined && { body: new Uint8Array(body) };
    const request = { url: `${url}${path}${search}`, method, headers: sent, ...copy, signal, context, fetch };
    return sendRequest(request, [200, 201]);
  }

  async function post(asked: Omit<BeeRequest, "method">, payment: Payment, call: Call): Promise<unknown> {
    const { stamp, tag } = payment;
    const headers = { "swarm-postage-batch-id": stamp, ...(tag !== undefined && { "swarm-tag": tag }) };
    const response = await request({ ...asked, method: "POST", headers }, call);
    return (await readAnswer(response, call.context))["reference"];
  }

  return {
    place: `the node at ${url}`,
    request,
    async uploadChunk(data, payment, call) {
      if (fetch === undefined && isUploading(client)) {
        return uploadWithClient(client, data, payment, given, call);
      }
      return post({ path: "/chunks", body: data }, payment, call);
    },
    // Clients have no call for this: those of bee-js 12.3.1 sign by themselves, and wrap no root of a tree.
    uploadOwnerChunk({ owner, id, signature, wrapped }, payment, call) {
      const path = `/soc/${toHex(owner)}/${toHex(id)}`;
      return post({ path, query: { sig: toHex(signature) }, body: wrapped.data }, payment, call);
    },
  };
}

const BINARY = "application/octet-stream";

/** A node would compress each address that it answers with, which makes it longer and takes both sides longer than the rest. */
const PLAIN = { "accept-encoding": "identity" };

/** The URL of a node's API, without a slash at its end. It is not repeated if it can't be used: it may hold a secret. */
function baseOf(bee: BeeNode): string {
  const text: unknown = typeof bee === "string" ? bee : (bee as BeeClient | undefined)?.url;
  if (typeof text !== "string") {
    throw invalid("it is neither the URL of a node nor a client that says where its node is (with url)");
  }
  const url = parseUrl(text);
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw invalid("it is no URL that begins with http:// or https://");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(
      "its URL holds credentials, which end up in logs and histories. Give them as `headers` instead, such as " +
        "{ authorization: … }",
    );
  }
  if (/[?#]/.test(url.href)) throw invalid("its URL has a query or a fragment");
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** The headers with names in lower case, so that none is sent twice. */
function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    throw invalid("one of its headers has a name or a value that HTTP can't carry");
  }
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(
    `The node can't be used: ${why}. The API of a node is at a URL like http://127.0.0.1:1633.`,
    { operation: "swarm.open" },
  );
}
