import {
  type Address,
  InvalidInputError,
  type OperationOptions,
  rawSha256,
  type StorageBackend,
} from "@remote-log/core";
import { checkWhole } from "@remote-log/core/adapter";
import type { IpnsRoute } from "../routes/route.ts";

/** A storage for heads. Where it can take a pin away, old heads don't stay there for ever. */
export interface HeadStorage extends StorageBackend {
  /** Takes the pin of a content away; see `IpfsStorage`. */
  release?(address: Address, options?: OperationOptions): Promise<void>;
}

/** Options of `ipnsNames`. */
export interface IpnsNamesOptions {
  /**
   * Where the heads are, as raw blocks by their SHA-256: so that `ipfs cat /ipns/<name>` prints the head, an IPFS node. It
   * is not closed with the names.
   */
  readonly storage: HeadStorage;
  /** Ways to publish and read records, at least one. All are used at once, and closed with the names. */
  readonly routes: readonly IpnsRoute[];
  /**
   * The seed of the Ed25519 key of the name, 32 bytes: `deriveKeys(seed).ipns`. Who only reads needs none.
   * Copied, and never shown.
   */
  readonly nameKey?: Uint8Array;
  /**
   * How long a record is valid, in milliseconds. Default: 365 days, so that anybody may put it again while the writer is
   * away. (The DHT forgets it after two days all the same: that is what a keeper is for.)
   */
  readonly lifetimeMilliseconds?: number;
  /**
   * How long others may answer with a record before they look for a newer one, in milliseconds. Default: 1 minute. It
   * is for gateways and for `ipfs name resolve`: this resolver always looks.
   */
  readonly ttlMilliseconds?: number;
  /** How long a route may take to show a record, in milliseconds. Default: 60,000, for the public DHT is slow. */
  readonly routeMilliseconds?: number;
  /** How long a route may take to publish a record, in milliseconds. Default: 90,000. */
  readonly publishMilliseconds?: number;
  /**
   * How long the other routes are waited for once one has shown a usable record, or has published one, in milliseconds.
   * Default: 3,000. A publish goes on in the background then.
   */
  readonly patienceMilliseconds?: number;
  /**
   * Whether a record that has expired is taken; otherwise it is `ERR_STALE`. Default: only of a name whose key is known
   * here, for its writer goes on from there.
   */
  readonly acceptExpired?: boolean;
}

/** The options with their defaults filled in. */
export type CheckedNamesOptions = Required<Omit<IpnsNamesOptions, "nameKey" | "acceptExpired">> &
  Pick<IpnsNamesOptions, "acceptExpired">;

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
