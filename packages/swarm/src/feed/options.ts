import { hexToBytes } from "@noble/hashes/utils.js";
import { InvalidInputError } from "@remote-log/core";
import { bytesEqual, checkWhole } from "@remote-log/core/adapter";
import { checkLargestContent, LONGEST_TIME, type SwarmNodeOptions } from "../options.ts";
import { ethereumAddress, OWNER_BYTES } from "../chunk/ethereum.ts";

/** Options of `swarmNames`. */
export interface SwarmNamesOptions extends SwarmNodeOptions {
  /**
   * The secp256k1 key that owns the feeds, 32 bytes: `deriveKeys(seed).swarm`. Who only reads needs none. Copied, and never
   * shown.
   */
  readonly nameKey?: Uint8Array;
  /**
   * Whose feeds names stand for that do not say it themselves: an Ethereum address, 40 hexadecimal digits. Default: that of
   * `nameKey`.
   */
  readonly owner?: string;
  /** The largest head, in bytes. Default 1 MiB (1,048,576), at most 64 MiB. */
  readonly largestContent?: number;
  /**
   * How long an update looks whether its index is free, in milliseconds. Default 10,000; then it goes on, and what it reads
   * back decides.
   */
  readonly checkMilliseconds?: number;
  /** How long an update waits until the network shows it, in milliseconds. Default 30,000. */
  readonly readBackMilliseconds?: number;
  /** Whether a resolver that has not seen a feed yet asks the node where to begin (`GET /feeds`). Default true. */
  readonly hint?: boolean;
}

/** What the options say about feeds, with every default filled in. */
export interface CheckedNamesOptions {
  readonly key: Uint8Array | undefined;
  readonly owner: Uint8Array | undefined;
  readonly largestContent: number;
  readonly checkMilliseconds: number;
  readonly readBackMilliseconds: number;
  readonly hint: boolean;
}

/**
 * Checks the options about feeds and fills in defaults. The key is copied.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkNamesOptions(options: SwarmNamesOptions): CheckedNamesOptions {
  const { nameKey, checkMilliseconds = 10_000, readBackMilliseconds = 30_000, hint = true } = options;
  const largestContent = checkLargestContent(options);
  checkWhole({ checkMilliseconds, readBackMilliseconds }, { operation: "swarm.open", largest: LONGEST_TIME });
  const key = nameKey === undefined ? undefined : new Uint8Array(nameKey);
  const keyOwner = key === undefined ? undefined : ethereumAddress(key);
  const owner = options.owner === undefined ? keyOwner : ownerOf(options.owner);
  if (owner !== undefined && keyOwner !== undefined && !bytesEqual(owner, keyOwner)) {
    throw invalid("The `owner` is not that of the `nameKey`. Give one of them");
  }
  return { key, owner, largestContent, checkMilliseconds, readBackMilliseconds, hint };
}

function ownerOf(owner: string): Uint8Array {
  if (typeof owner === "string" && /^(0x)?[0-9a-f]{40}$/i.test(owner)) {
    return hexToBytes(owner.slice(-2 * OWNER_BYTES).toLowerCase());
  }
  throw invalid("An owner is an Ethereum address: 40 hexadecimal digits");
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`${why}.`, { operation: "swarm.open" });
}
