// Options of names.

import {
  type Address,
  InvalidInputError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import { checkWhole } from "@remote-log/core/adapter";
import { checkTypes } from "../option-types.ts";
import type { IpnsRoute } from "../routes/route.ts";

/** A storage for heads. If it can remove pins, old heads are released. */
export interface HeadStorage extends StorageBackend {
  /** Removes the pin of a content; see `IpfsStorage`. */
  release?(address: Address, options?: OperationOptions): Promise<void>;
}

/** Options of `ipnsNames`. */
export interface IpnsNamesOptions {
  /**
   * Where the heads are, as raw blocks by their SHA-256. It has to be an IPFS node if `ipfs cat /ipns/<name>` is to print the
   * head. It is not closed with the names.
   */
  readonly storage: HeadStorage;
  /** Ways to publish and read records, at least one. All are used at once, and closed with the names. */
  readonly routes: readonly IpnsRoute[];
  /**
   * The seed of the Ed25519 key of the name, 32 bytes: `deriveKeys(seed).ipns`. A reader needs none. It is copied, and never
   * shown.
   */
  readonly nameKey?: Uint8Array | undefined;
  /**
   * How long a record is valid, in milliseconds. Default: 365 days, so that anybody can put it again while the writer is
   * away. (The DHT drops a record after two days in any case; that is what a keeper is for.)
   */
  readonly lifetimeMilliseconds?: number | undefined;
  /**
   * How long others may answer with a record before they look for a newer one, in milliseconds. Default: 1 minute. Gateways
   * and `ipfs name resolve` use it; this resolver always looks.
   */
  readonly ttlMilliseconds?: number | undefined;
  /** How long a route may take to show a record, in milliseconds. Default: 60,000: the public DHT is slow. */
  readonly routeMilliseconds?: number | undefined;
  /** How long a route may take to publish a record, in milliseconds. Default: 90,000. */
  readonly publishMilliseconds?: number | undefined;
  /**
   * How long to wait for the other routes once one has shown a usable record, or has published one, in milliseconds.
   * Default: 3,000. Publishing then continues in the background.
   */
  readonly patienceMilliseconds?: number | undefined;
  /**
   * Whether a record that has expired is accepted; otherwise it is `ERR_STALE`. Default: only for a name whose key is known
   * here, because its writer continues from that record.
   */
  readonly acceptExpired?: boolean | undefined;
}

/** The options with their defaults filled in. */
export type CheckedNamesOptions = {
  readonly [K in Exclude<keyof IpnsNamesOptions, "nameKey" | "acceptExpired">]-?: Exclude<
    IpnsNamesOptions[K],
    undefined
  >;
} & Pick<IpnsNamesOptions, "acceptExpired">;

const NAMES_OPTIONS = [
  "storage",
  "routes",
  "nameKey",
  "lifetimeMilliseconds",
  "ttlMilliseconds",
  "routeMilliseconds",
  "publishMilliseconds",
  "patienceMilliseconds",
  "acceptExpired",
] as const satisfies readonly (keyof IpnsNamesOptions)[];

const DAY = 24 * 60 * 60 * 1000;

/** The longest time that timers keep, in milliseconds. */
const LONGEST_TIME = 2 ** 31 - 1;

/** The longest lifetime, in milliseconds: the time when a record expires has a year of four digits. */
const LONGEST_LIFETIME = 100 * 365 * DAY;

/**
 * Checks options and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkNamesOptions(options: IpnsNamesOptions): CheckedNamesOptions {
  checkTypes(options, NAMES_OPTIONS, { name: "ipnsNames", operation: "ipns.open" });
  const {
    storage,
    routes,
    lifetimeMilliseconds = 365 * DAY,
    ttlMilliseconds = 60_000,
    routeMilliseconds = 60_000,
    publishMilliseconds = 90_000,
    patienceMilliseconds = 3_000,
    acceptExpired,
  } = options;
  if (routes.length === 0) throw invalid("IPNS names need at least one route");
  const [used] = storage.capabilities.hashTypes;
  if (used?.codec !== rawSha256.codec || used.hash !== rawSha256.hash) {
    throw invalid(
      `The storage "${storage.name}" can't hold heads: it stores by ${used?.name}, and IPNS names point at raw blocks by ` +
        "their SHA-256",
    );
  }
  const operation = "ipns.open";
  checkWhole({ lifetimeMilliseconds }, { operation, largest: LONGEST_LIFETIME });
  checkWhole({ ttlMilliseconds }, { operation, least: 0, largest: LONGEST_LIFETIME });
  checkWhole({ routeMilliseconds, publishMilliseconds }, { operation, largest: LONGEST_TIME });
  checkWhole({ patienceMilliseconds }, { operation, least: 0, largest: LONGEST_TIME });
  return {
    storage,
    routes: [...routes],
    lifetimeMilliseconds,
    ttlMilliseconds,
    routeMilliseconds,
    publishMilliseconds,
    patienceMilliseconds,
    ...(acceptExpired !== undefined && { acceptExpired }),
  };
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`${why}.`, { operation: "ipns.open" });
}
