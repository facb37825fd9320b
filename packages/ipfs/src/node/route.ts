// IPNS records by way of a Kubo node (Kubo RPC: `name/put`, `name/get`; before Kubo 0.40 `routing/put`, `routing/get`).

import type { OperationOptions } from "@remote-log/core";
import { bytesEqual, decodeUtf8Loosely, type OperationContext, readBody } from "@remote-log/core/adapter";
import { base64pad } from "multiformats/bases/base64";
import { statusOf } from "../http/errors.ts";
import { readAnswer } from "../http/read-answer.ts";
import type { IpnsName } from "../record/ipns-name.ts";
import { LARGEST_RECORD } from "../record/ipns-record.ts";
import { attempt, isNone, notUnderstood, showsAnother, showsNone } from "../routes/attempt.ts";
import type { PublishingRoute, RouteGetOptions } from "../routes/route.ts";
import { type NodeOptions, type RpcNode, rpcNode } from "./rpc.ts";

/** The most bytes of a list of events that are read. A record takes at most 14 KB of it. */
const EVENTS_BYTES = 1024 * 1024;

/** The most bytes of any other answer that are read. */
const ANSWER_BYTES = 16 * 1024;

/** The type of the events of `routing/get` that hold a record. */
const VALUE_EVENT = 5;

/**
 * Records by way of a Kubo node, which publishes them as it is configured (`Routing.Type`): into the DHT, and on its
 * delegated publishers. Nothing but the node's RPC is used.
 *
 * It uses `name/put` and `name/get`. Nodes before Kubo 0.40 don't know these: there it uses `routing/put` and `routing/get`,
 * and reads back what it has put, because these commands also report success for a record that was not published.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a node, or for headers, that can't be used
 *
 * @example
 * ```ts
 * import { ipfsStorage, ipnsNames, kuboRoute } from "@remote-log/ipfs";
 *
 * const node = "http://127.0.0.1:5001";
 * const names = ipnsNames({ storage: ipfsStorage({ node }), routes: [kuboRoute({ node })] });
 * ```
 */
export function kuboRoute(options: NodeOptions): PublishingRoute {
  return new KuboRoute(rpcNode(options));
}

/** What a request needs besides what it is about. */
interface Request {
  readonly signal: AbortSignal;
  readonly limit: number;
  readonly context: OperationContext;
}

class KuboRoute implements PublishingRoute {
  readonly name: string;
  readonly #node: RpcNode;
  // The first request finds it out.
  #knowsNames = true;

  constructor(node: RpcNode) {
    this.#node = node;
    this.name = node.place;
  }

  async get(
    name: IpnsName,
    { signal, maxBytes = LARGEST_RECORD }: RouteGetOptions,
  ): Promise<Uint8Array | undefined> {
    const context = this.#context("ipns.get", `reading the record of ${name}`);
    return attempt(context, signal, async () => {
      const request = { ...requestOf(signal, context), limit: Math.min(maxBytes, LARGEST_RECORD) };
      try {
        return await this.#asItCan(
          () => this.#get(name, request),
          () => this.#getOld(name, request),
        );
      } catch (error) {
        if (isNone(error)) return undefined;
        throw error;
      }
    });
  }

  async put(name: IpnsName, record: Uint8Array, { signal }: OperationOptions): Promise<void> {
    const copy = new Uint8Array(record);
    const context = this.#context("ipns.put", `publishing the record of ${name}`);
    await attempt(context, signal, async () => {
      const request = requestOf(signal, context);
      await this.#asItCan(
        () => this.#put(name, copy, request),
        () => this.#putOld(name, copy, request),
      );
    });
  }

  async #asItCan<T>(current: () => Promise<T>, old: () => Promise<T>): Promise<T> {
    if (!this.#knowsNames) return old();
    try {
      return await current();
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      const result = await old();
      this.#knowsNames = false;
      return result;
    }
  }

  async #get(name: IpnsName, request: Request): Promise<Uint8Array> {
    const response = await this.#node.call("name/get", { query: { arg: name.text }, ...request });
    return readBody(response, { limit: request.limit, ...whatOf(name, request) });
  }

  async #put(name: IpnsName, record: Uint8Array, request: Request): Promise<void> {
    const query = { arg: name.text };
    const response = await this.#node.call("name/put", { query, files: [record], ...request });
    const bytes = await readAnswer(response, answerOf(request, ANSWER_BYTES));
    const [answer] = linesOf(bytes);
    if (answer?.["Name"] !== name.text) throw notUnderstood("that is not Kubo's RPC", request.context);
  }

  async #getOld(name: IpnsName, request: Request): Promise<Uint8Array> {
    const query = { arg: `/ipns/${name}` };
    const response = await this.#node.call("routing/get", { query, ...request });
    const bytes = await readAnswer(response, answerOf(request, EVENTS_BYTES));
    const event = linesOf(bytes).find(({ Type }) => Type === VALUE_EVENT);
    const record = typeof event?.["Extra"] === "string" ? fromBase64(event["Extra"]) : undefined;
    if (record === undefined) throw notUnderstood("without a record", request.context);
    return record;
  }

  async #putOld(name: IpnsName, record: Uint8Array, request: Request): Promise<void> {
    const query = { arg: `/ipns/${name}` };
    // To its end: a node stops publishing when its answer is given up, and part of the network would not get the record.
    const response = await this.#node.call("routing/put", { query, files: [record], ...request });
    await readAnswer(response, answerOf(request, EVENTS_BYTES));
    const shown = await this.#getOld(name, request).catch((error: unknown) => {
      throw isNone(error) ? showsNone(request.context) : error;
    });
    if (!bytesEqual(shown, record)) throw showsAnother(request.context);
  }

  #context(operation: string, action: string): OperationContext {
    return { operation, action: `${action} at ${this.#node.place}` };
  }
}

function requestOf(signal: AbortSignal | undefined, context: OperationContext): Request {
  return { signal: signal ?? new AbortController().signal, limit: LARGEST_RECORD, context };
}

function whatOf(name: IpnsName, { context }: Request): { readonly operation: string; readonly what: string } {
  return { operation: context.operation, what: `the record of ${name}` };
}

function answerOf({ context }: Request, limit: number) {
  const refusal = (): Error => notUnderstood("with more than Kubo's RPC ever does", context);
  return { limit, operation: context.operation, refusal };
}

/** The JSON objects of an answer, one a line; other lines are left out. */
function linesOf(bytes: Uint8Array): Readonly<Record<string, unknown>>[] {
  const lines = decodeUtf8Loosely(bytes).split("\n");
  return lines.flatMap((line) => {
    try {
      const value = JSON.parse(line) as Record<string, unknown> | null;
      return typeof value === "object" && value !== null ? [value] : [];
    } catch {
      return [];
    }
  });
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return base64pad.baseDecode(text);
  } catch {
    return undefined;
  }
}
