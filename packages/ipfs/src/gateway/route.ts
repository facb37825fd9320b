import { isRemoteLogError } from "@remote-log/core";
import {
  discardBody,
  HttpFailure,
  type OperationContext,
  readBody,
  withAnySignal,
} from "@remote-log/core/adapter";
import type { IpnsName } from "../record/ipns-name.ts";
import { type IpnsRoute, LARGEST_RECORD, type RouteGetOptions } from "../routes/route.ts";
import { gatewayFailure, noGateway } from "./errors.ts";
import { checkGateway, type Gateway, type GatewayOptions } from "./options.ts";
import { askGateway, mediaType } from "./request.ts";

/** The media type of one record. */
const RECORD = "application/vnd.ipfs.ipns-record";

/**
 * Reads IPNS records through a gateway. A record proves itself, so the gateway need not be trusted; but it may show an
 * old one. Caches of this runtime are passed by. Kubo's gateway asks its routing anew each time; a CDN before a gateway
 * may keep a record for its TTL.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function gatewayRoute(options: GatewayOptions): IpnsRoute {
  return new GatewayRoute(checkGateway(options));
}

class GatewayRoute implements IpnsRoute {
  readonly name: string;
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.name = `the gateway at ${gateway.url}`;
  }

  async get(name: IpnsName, { signal, maxBytes }: RouteGetOptions = {}): Promise<Uint8Array | undefined> {
    const limit = Math.min(maxBytes ?? LARGEST_RECORD, LARGEST_RECORD);
    const context = { operation: "names.resolve", action: `reading the record of ${name} from ${this.name}` };
    try {
      return await withAnySignal([signal], (linked) => this.#read(name, limit, context, linked));
    } catch (error) {
      signal?.throwIfAborted();
      throw isRemoteLogError(error) ? error : gatewayFailure(error, context);
    }
  }

  async #read(
    name: IpnsName,
    limit: number,
    context: OperationContext,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const response = await askGateway({
      gateway: this.#gateway,
      path: `/ipns/${name}?format=ipns-record`,
      method: "GET",
      accept: RECORD,
      cache: "no-store",
      signal,
      context,
    }).catch((error: unknown) => {
      // Kubo's way to say that nobody has a record of this name. Other failures say nothing about it.
      if (error instanceof HttpFailure && /\brouting: not found\b/.test(error.message)) return undefined;
      throw error;
    });
    if (response === undefined) return undefined;
    const type = mediaType(response);
    if (type !== RECORD) {
      await discardBody(response);
      throw noGateway(context, type === undefined ? "something without a type" : `something of type ${type}`);
    }
    const { operation } = context;
    return readBody(response, { limit, operation, what: `the record of ${name}` });
  }
}
