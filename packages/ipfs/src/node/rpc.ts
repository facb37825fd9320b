// The RPC of a Kubo node (Kubo RPC API v0: commands below `/api/v0`, all by POST).

import { DeniedError, InvalidInputError, UnsupportedError } from "@remote-log/core";
import {
  type Fetch,
  HttpFailure,
  type OperationContext,
  requireHttp,
  sendRequest,
} from "@remote-log/core/adapter";
import { checkHeaders, checkHttpUrl } from "../http/url.ts";
import { checkTypes } from "../option-types.ts";
import type { KuboClient } from "./kubo-client.ts";
import { multipartOf } from "./multipart.ts";

/**
 * A Kubo node: the URL of its RPC (`"http://127.0.0.1:5001"`), or a client of `kubo-rpc-client` or `ipfs-http-client`
 * for it. A client is used as it is: never changed, never stopped.
 */
export type KuboNode = string | KuboClient;

/** Which node is used, and how it is asked. */
export interface NodeOptions {
  /** The node. */
  readonly node: KuboNode;
  /**
   * Headers of every request that does not go through a client, such as `authorization`. A client does not show the headers
   * that it sends: if the node asks for some, give them here, too.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends the requests that do not go through a client. Default: the runtime's `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/** One command of the RPC. */
interface RpcCall {
  /** The parameters of the command, such as `{ arg: "bafk…" }`. */
  readonly query?: Readonly<Record<string, string>>;
  /** What is sent as the files of the command, in this order. */
  readonly files?: readonly Uint8Array[] | undefined;
  readonly signal: AbortSignal;
  readonly context: OperationContext;
}

/** The RPC of a node. */
export interface RpcNode {
  /** What messages call it: `"the node at http://127.0.0.1:5001"`. */
  readonly place: string;
  /** Its URL, `http://127.0.0.1:5001`; `undefined` if a client does not say. */
  readonly url: string | undefined;
  /** The client, if one was given. */
  readonly client: KuboClient | undefined;
  /**
   * Sends a command, `"block/get"`.
   *
   * @returns the reply, of status 200; its body is the caller's to read or to discard
   * @throws DeniedError `ERR_DENIED` for a 401 or 403
   * @throws HttpFailure for any other status, with what the node said
   * @throws UnsupportedError `ERR_UNSUPPORTED` if the client does not say where its node is
   * @throws whatever `fetch` throws
   */
  call(command: string, call: RpcCall): Promise<Response>;
}

/** Where the commands are, below the URL of a node. */
const API_PATH = "/api/v0";

/**
 * The RPC of a node.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a node, or for headers, that can't be used
 */
export function rpcNode(options: NodeOptions): RpcNode {
  checkTypes(options, ["node", "headers", "fetch"], { name: "an IPFS node", operation: "ipfs.open" });
  const { node, headers = {}, fetch } = options;
  requireHttp("ipfs.open", fetch);
  checkHeaders(headers, invalid);
  const client = typeof node === "string" ? undefined : checkClient(node);
  const url = typeof node === "string" ? baseOf(node) : endpointOf(node);
  const place = url === undefined ? "the node of the client" : `the node at ${url}`;

  async function call(command: string, { query = {}, files, signal, context }: RpcCall): Promise<Response> {
    if (url === undefined) throw withoutEndpoint(context);
    const sent = files && multipartOf(files, context.operation);
    try {
      return await sendRequest({
        url: `${url}${API_PATH}/${command}?${new URLSearchParams(query)}`,
        method: "POST",
        headers: { ...headers, ...sent?.headers },
        signal,
        context,
        fetch,
        ...(sent && { body: sent.body }),
      });
    } catch (error) {
      throw error instanceof HttpFailure && [401, 403].includes(error.status)
        ? denied(error, context, client !== undefined)
        : error;
    }
  }

  return { place, url, client, call };
}

function checkClient(client: KuboClient): KuboClient {
  const block: Partial<Record<string, unknown>> | undefined = (client as KuboClient | undefined)?.block;
  if (["put", "get", "stat"].every((method) => typeof block?.[method] === "function")) return client;
  throw invalid(
    "it is neither the URL of an RPC nor a client of kubo-rpc-client or ipfs-http-client (with block.put, " +
      "block.get and block.stat)",
  );
}

function endpointOf(client: KuboClient): string | undefined {
  const endpoint = client.getEndpointConfig?.();
  if (endpoint === undefined) return undefined;
  const { protocol, host, port, "api-path": path } = endpoint;
  return baseOf(`${protocol.replace(/:?$/, ":")}//${host}${port === "" ? "" : `:${port}`}${path}`);
}

/** The URL of a node, without the path of its commands. */
function baseOf(text: string): string {
  return checkHttpUrl(text, invalid).replace(/\/api\/v0$/, "");
}

function denied(cause: HttpFailure, { operation, action }: OperationContext, client: boolean): DeniedError {
  const headers = client
    ? "Give the headers that authorize you as `headers`: those of the client itself can't be seen, and this request did not " +
      "go through it."
    : "Give the headers that authorize you as `headers`.";
  const said = cause.text === "" ? "" : ` (${cause.text})`;
  return new DeniedError(
    `While ${action}: it answered ${cause.status}${said}. ${headers} Check API.Authorizations of the node, and in a ` +
      "browser that API.HTTPHeaders allows its origin.",
    { operation, cause },
  );
}

function withoutEndpoint({ operation, action }: OperationContext): UnsupportedError {
  return new UnsupportedError(
    `While ${action}: the client has no getEndpointConfig, so it does not say where its node is. Give the URL of ` +
      "its RPC as `node` instead.",
    { operation },
  );
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(
    `The node can't be used: ${why}. Its RPC is at a URL like http://127.0.0.1:5001.`,
    { operation: "ipfs.open" },
  );
}
