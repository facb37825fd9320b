// IPNS records through a gateway (Trustless Gateway Specification, "GET /ipns/{key}" and "IPNS Record Responses").

import {
  discardBody,
  HttpFailure,
  type OperationContext,
  readBody,
  withAnySignal,
} from "@remote-log/core/adapter";
import { mediaTypeOf } from "../http/url.ts";
import type { IpnsName } from "../record/ipns-name.ts";
import { LARGEST_RECORD } from "../record/ipns-record.ts";
import { attempt } from "../routes/attempt.ts";
import type { IpnsRoute } from "../routes/route.ts";
import { gatewayFailure, noGateway } from "./errors.ts";
import { checkGateway, type Gateway, type GatewayOptions } from "./options.ts";
import { askGateway } from "./request.ts";

/** The media type of one record. */
const RECORD = "application/vnd.ipfs.ipns-record";

/** What Kubo's gateway says, with status 500, if nobody has a record of a name. Other failures say nothing about it. */
const NONE = /\brouting: not found\b/;

/**
 * Reads IPNS records through a gateway. A record proves itself, so the gateway need not be trusted; but it may show an
 * old one. Caches of this runtime are bypassed. Kubo's gateway asks its routing anew each time; a CDN in front of a gateway
 * may keep a record for its TTL.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { ipfsStorage, ipnsNames, kuboRoute } from "@remote-log/ipfs";
 * import { gatewayRoute } from "@remote-log/ipfs/gateway";
 *
 * const node = "http://127.0.0.1:5001";
 * const routes = [kuboRoute({ node }), gatewayRoute({ url: "https://trustless-gateway.link" })];
 * const names = ipnsNames({ storage: ipfsStorage({ node }), routes });
 * ```
 */
export function gatewayRoute(options: GatewayOptions): IpnsRoute {
  const gateway = checkGateway(options);
  const place = `the gateway at ${gateway.url}`;
  return {
    name: place,
    get(name, { signal, maxBytes = LARGEST_RECORD } = {}) {
      const context = { operation: "names.resolve", action: `reading the record of ${name} from ${place}` };
      const limit = Math.min(maxBytes, LARGEST_RECORD);
      const read = () =>
        withAnySignal([signal], (linked) => readRecord(gateway, name, limit, context, linked));
      return attempt(context, signal, read, gatewayFailure);
    },
  };
}

async function readRecord(
  gateway: Gateway,
  name: IpnsName,
  limit: number,
  context: OperationContext,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const path = `/ipns/${name}?format=ipns-record`;
  const request = {
    gateway,
    path,
    method: "GET",
    accept: RECORD,
    cache: "no-store",
    signal,
    context,
  } as const;
  const response = await askGateway(request).catch((error: unknown) => {
    if (error instanceof HttpFailure && error.status === 500 && NONE.test(error.text)) return undefined;
    throw error;
  });
  if (response === undefined) return undefined;
  const type = mediaTypeOf(response);
  if (type !== RECORD) {
    await discardBody(response);
    throw noGateway(context, type === undefined ? "something without a type" : `something of type ${type}`);
  }
  return readBody(response, { limit, operation: context.operation, what: `the record of ${name}` });
}
