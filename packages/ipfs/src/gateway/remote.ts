import { InvalidInputError, type Remote, type StorageBackend } from "@remote-log/core";
import { ipnsNames } from "../names.ts";
import { IpnsName } from "../record/ipns-name.ts";
import { ReadOnlyNames } from "./names.ts";
import { checkGatewayUrl, checkTime, type GatewayStorageOptions } from "./options.ts";
import { gatewayRoute } from "./route.ts";
import { SeveralStorages } from "./several-storages.ts";
import { gatewayStorage } from "./storage.ts";
import { parseGatewayUri } from "./uri.ts";

/** Options that a remote takes whether it is made from a URI or not. */
export interface GatewayRemoteSettings extends Omit<GatewayStorageOptions, "url"> {
  /** What the remote is called in states and errors. Default: the URL of the name at the first gateway. */
  readonly label?: string;
  /** How long all gateways together may take to show a record, in milliseconds. Default: 60,000. */
  readonly routeMilliseconds?: number;
  /**
   * How long one gateway may be silent before the next is asked for a content, too; and how long the others are waited
   * for once one has shown a record, in milliseconds. Default: 2,000.
   */
  readonly patienceMilliseconds?: number;
  /** Whether a record that has expired is taken. Default `false`: it is `ERR_STALE`. */
  readonly acceptExpired?: boolean;
}

/** Options of `gatewayRemote`. */
export interface GatewayRemoteOptions extends GatewayRemoteSettings {
  /** The gateway; see `gatewayStorage`. Either this or `urls`. */
  readonly url?: string;
  /** Several gateways, at least one. Every record is asked of all of them; a content of one after the other. */
  readonly urls?: readonly string[];
  /** The name of the log, `k51…`, in any form that is in use. */
  readonly name: string;
}

/** A remote that is read through gateways. */
export interface GatewayRemote extends Remote {
  /** The IPNS name, `k51…`. */
  readonly name: string;
}

/** How long one gateway may be silent before the next is asked, where nothing else is said, in milliseconds. */
const PATIENCE_MILLISECONDS = 2_000;

/**
 * What `ipfsRemote` wrote, read through gateways, without a node: with `fetch` alone, and so in any browser.
 * Gateways need not be trusted: contents are checked against their addresses, records against the name.
 *
 * `put` and `update` are `ERR_UNSUPPORTED`. Nothing is sent before the first operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 */
export function gatewayRemote(options: GatewayRemoteOptions): GatewayRemote {
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
    new SeveralStorages(
      gateways.map((gateway) => gatewayStorage({ ...gateway, ...limits })),
      patienceMilliseconds,
    );
  // Large heads are contents. The names read them from a storage of their own: who closes the other goes on with names.
  const heads = open();
  const routes = gateways.map((gateway) => gatewayRoute(gateway));
  const names = ipnsNames({ storage: heads, routes, ...nameSettings, patienceMilliseconds });
  return {
    label: label ?? `${first}/ipns/${name}`,
    storage: open(),
    names: new ReadOnlyNames(names, heads),
    name: name.text,
  };
}

/**
 * Opens a remote from a URI: `ipns://k51…?gateway=https://…&gateway=https://…`, without a gateway the one of a Kubo on this
 * machine, `http://127.0.0.1:8080`; or the URL of the name at a gateway, `https://gateway.example/ipns/k51…`.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a URI, or options, that can't be used
 */
export function gatewayRemoteFromUri(uri: string, options: GatewayRemoteSettings = {}): GatewayRemote {
  return gatewayRemote({ ...options, ...parseGatewayUri(uri) });
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
