import { InvalidInputError } from "@remote-log/core";
import { type Fetch, type OperationContext, sendRequest } from "@remote-log/core/adapter";

/** What is used of a client of a Bee node: where the node is. A `Bee` of `@ethersphere/bee-js` is of this shape. */
export interface BeeClient {
  /** The URL of the node's API. */
  readonly url: string;
}

/**
 * A Bee node, or a gateway to one: the URL of its API (`"http://127.0.0.1:1633"`), or a client that was made for it.
 * Requests go past a client: it is only asked where its node is.
 */
export type BeeNode = string | BeeClient;

/** Which node is used, and how it is asked. */
export interface NodeOptions {
  /** The node. */
  readonly bee: BeeNode;
  /** Headers of every request, such as `authorization`. Those that a client sends by itself can't be seen. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sends the requests. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch;
}

/** A request to the API of a node. */
interface BeeRequest {
  readonly method: "GET" | "POST" | "HEAD";
  /** The path below the URL of the node: `"/chunks"`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
  readonly context: OperationContext;
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
  request(request: BeeRequest): Promise<Response>;
}

/**
 * The API of a node. Nothing is sent yet.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a node, or for headers, that can't be used
 */
export function beeApi({ bee, headers = {}, fetch }: NodeOptions): BeeApi {
  const url = baseOf(bee);
  const fixed = checkHeaders(headers);

  async function request({ path, query, headers: own = {}, body, ...rest }: BeeRequest): Promise<Response> {
    const { method, signal, context } = rest;
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
    return sendRequest(
      {
        url: `${url}${path}${search}`,
        method,
        headers: { ...fixed, ...own, ...(body !== undefined && { "content-type": BINARY }) },
        signal,
        context,
        fetch,
        // A copy: shared memory can't be sent.
        ...(body !== undefined && { body: new Uint8Array(body) }),
      },
      [200, 201],
    );
  }

  return { place: `the node at ${url}`, request };
}

const BINARY = "application/octet-stream";

/** The URL of a node's API, without a slash at its end. It is not repeated where it can't be used: it may hold a secret. */
function baseOf(bee: BeeNode): string {
  const text: unknown = typeof bee === "string" ? bee : (bee as BeeClient | undefined)?.url;
  if (typeof text !== "string") {
    throw invalid("it is neither the URL of a node nor a client that says where its node is (with url)");
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
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

/** With names in lower case, so that none is sent twice. */
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
