// A remote that is read through gateways.

import { InvalidInputError, type Remote, type StorageBackend } from "@remote-log/core";
import { checkTypes } from "../option-types.ts";
import { IpnsName } from "../record/ipns-name.ts";
import { type GatewayNames, gatewayNames } from "./names.ts";
import { checkGatewayUrl, checkTime, type GatewayStorageOptions } from "./options.ts";
import { gatewayRoute } from "./route.ts";
import { severalStorages } from "./several-storages.ts";
import { gatewayStorage } from "./storage.ts";
import { parseGatewayUri } from "./uri.ts";

/** Options that a remote takes whether it is made from a URI or not. */
export interface GatewayRemoteSettings extends Omit<GatewayStorageOptions, "url"> {
  /** What the remote is called in states and errors. Default: the URL of the name at the first gateway. */
  readonly label?: string | undefined;
  /** How long all gateways together may take to show a record, in milliseconds. Default: 60,000. */
  readonly routeMilliseconds?: number | undefined;
  /**
   * How long one gateway may be silent before the next is asked for a content as well; and how long to wait for the others
   * once one has shown a record. In milliseconds. Default: 2,000.
   */
  readonly patienceMilliseconds?: number | undefined;
  /** Whether a record that has expired is accepted. Default `false`: it is `ERR_STALE`. */
  readonly acceptExpired?: boolean | undefined;
}

/** Options of `gatewayRemote`. */
export interface GatewayRemoteOptions extends GatewayRemoteSettings {
  /** The gateway; see `gatewayStorage`. Either this or `urls`. */
  readonly url?: string | undefined;
  /** Several gateways, at least one. All of them are asked for a record; one after the other for a content. */
  readonly urls?: readonly string[] | undefined;
  /** The name of the log, `k51…`, in any common form. */
  readonly name: string;
}

/** A remote that is read through gateways. */
export interface GatewayRemote extends Remote {
  readonly names: GatewayNames;
  /** The IPNS name, `k51…`. */
  readonly name: string;
}

const REMOTE_OPTIONS = [
  "url",
  "urls",
  "headers",
  "name",
  "label",
  "fetch",
  "searchMilliseconds",
  "largestContent",
  "routeMilliseconds",
  "patienceMilliseconds",
  "acceptExpired",
] as const satisfies readonly (keyof GatewayRemoteOptions)[];

/** How long one gateway may be silent before the next is asked, by default, in milliseconds. */
const PATIENCE_MILLISECONDS = 2_000;

/**
 * Reads what `ipfsRemote` wrote through gateways, without a node: it uses `fetch` only, and so works in any browser.
 * Gateways need not be trusted: contents are verified against their addresses, records against the name.
 *
 * `put` and `update` are `ERR_UNSUPPORTED` with the reason `"read-only"`. Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { gatewayRemote } from "@remote-log/ipfs/gateway";
 *
 * const name = "k51qzi5uqu5dgg67tgrr3kysxpuuerkw9jyw1cdp3vzgaxdrnxjg2nwsu6zqbl"; // Of the log.
 * const remote = gatewayRemote({ urls: ["https://trustless-gateway.link", "https://ipfs.io"], name });
 * ```
 */
export function gatewayRemote(options: GatewayRemoteOptions): GatewayRemote {
  checkTypes(options, REMOTE_OPTIONS, { name: "gatewayRemote", operation: "gateway.open" });
  const { url, urls, headers, name: text, label, ...settings } = options;
  const { searchMilliseconds, largestContent, fetch, ...nameSettings } = settings;
  const { patienceMilliseconds = PATIENCE_MILLISECONDS } = settings;
  checkTime("patienceMilliseconds", patienceMilliseconds);
  const places = checkPlaces(url, urls);
  const [first] = places as readonly [string];
  if (headers !== undefined && places.length > 1) {
    throw invalid("`headers` go to every gateway, and with them the credentials of one to the others");
  }
  const name = IpnsName.fromText(text);
  const gateways = places.map((place) => ({
    url: place,
    ...(headers !== undefined && { headers }),
    ...(fetch !== undefined && { fetch }),
  }));
  const limits = {
    ...(searchMilliseconds !== undefined && { searchMilliseconds }),
    ...(largestContent !== undefined && { largestContent }),
  };
  const open = (): StorageBackend =>
    severalStorages(
      gateways.map((gateway) => gatewayStorage({ ...gateway, ...limits })),
      patienceMilliseconds,
    );
  const routes = gateways.map((gateway) => gatewayRoute(gateway));
  return {
    label: label ?? `${first}/ipns/${name}`,
    storage: open(),
    // Large heads are contents. The names read them from a storage of their own: they still work after the other was closed.
    names: gatewayNames({ routes, ...nameSettings, patienceMilliseconds }, open()),
    name: name.text,
  };
}

/**
 * Opens a remote from a URI: `ipns://k51…?gateway=https://…&gateway=https://…`, or the URL of the name at a gateway,
 * `https://gateway.example/ipns/k51…`. The default gateway is that of a Kubo on this machine, `http://127.0.0.1:8080`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI, or options, that can't be used
 *
 * @example
 * ```ts
 * import { gatewayRemoteFromUri } from "@remote-log/ipfs/gateway";
 *
 * const name = "k51qzi5uqu5dgg67tgrr3kysxpuuerkw9jyw1cdp3vzgaxdrnxjg2nwsu6zqbl"; // Of the log.
 * const remote = gatewayRemoteFromUri(`ipns://${name}?gateway=https://trustless-gateway.link`);
 * ```
 */
export function gatewayRemoteFromUri(uri: string, options: GatewayRemoteSettings = {}): GatewayRemote {
  const place = parseGatewayUri(uri);
  checkTypes(options, [], { name: "gatewayRemoteFromUri", operation: "gateway.open" });
  return gatewayRemote({ ...options, ...place });
}

function checkPlaces(url: string | undefined, urls: readonly string[] | undefined): readonly string[] {
  if ((url === undefined) === (urls === undefined)) throw invalid("it needs either `url` or `urls`");
  const places = (urls ?? [url ?? ""]).map(checkGatewayUrl);
  if (places.length === 0) throw invalid("`urls` is empty");
  if (new Set(places).size < places.length) throw invalid("`urls` names a gateway twice");
  return places;
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`A remote by gateways can't be opened: ${why}.`, {
    operation: "gateway.open",
  });
}
