// The options of the package, and how they are checked.

import { hexToBytes } from "@noble/hashes/utils.js";
import { InvalidInputError } from "@remote-log/core";
import {
  bytesEqual,
  checkOptionTypes,
  checkWhole,
  type OptionKind,
  optionKinds,
} from "@remote-log/core/adapter";
import { ethereumAddress, OWNER_BYTES } from "./chunk/ethereum.ts";
import type { NodeOptions } from "./node/bee-api.ts";
import type { TransferOptions } from "./transfer/open-chunks.ts";

/** Options of everything that reads and writes chunks on a node. */
export interface SwarmNodeOptions extends NodeOptions {
  /**
   * The id of the postage batch that pays for what is written, 64 hexadecimal digits. It has to be bought at this node.
   * Without one, nothing can be written.
   */
  readonly stamp?: string | undefined;
  /**
   * Whether a mutable batch may pay. Default false: when one is full, new chunks take the place of old ones, and nothing says
   * so.
   */
  readonly allowMutable?: boolean | undefined;
  /**
   * How chunks reach the network. `"direct"`, the default: the node answers when the network has a chunk. `"deferred"`: the
   * node keeps them until it can push them, and writes resolve when it says that the network has all of them.
   */
  readonly upload?: "direct" | "deferred" | undefined;
  /**
   * How long the network may take to accept a chunk, in milliseconds; with `upload: "deferred"`, how long an upload may make
   * no progress. Default 60,000.
   */
  readonly uploadMilliseconds?: number | undefined;
  /** How long the node may take to answer anything else, in milliseconds. Default 30,000. */
  readonly answerMilliseconds?: number | undefined;
  /** How long a write waits for a new batch to become usable, in milliseconds. Default 120,000. */
  readonly usableMilliseconds?: number | undefined;
}

/** Options of `swarmStorage`. */
export interface SwarmStorageOptions extends SwarmNodeOptions {
  /** The largest content to store, in bytes. Default 1 MiB (1,048,576); at most 64 MiB. */
  readonly largestContent?: number | undefined;
}

/** Options of `swarmNames`. */
export interface SwarmNamesOptions extends SwarmNodeOptions {
  /**
   * The secp256k1 key that owns the feeds, 32 bytes: `deriveKeys(seed).swarm`. Readers need none. It is copied, and never
   * shown.
   */
  readonly nameKey?: Uint8Array | undefined;
  /**
   * The owner of the feeds of names that don't say it themselves: an Ethereum address, 40 hexadecimal digits. Default: that
   * of `nameKey`.
   */
  readonly owner?: string | undefined;
  /** The largest head, in bytes. Default 1 MiB (1,048,576); at most 64 MiB. */
  readonly largestContent?: number | undefined;
  /**
   * How long an update looks whether its index is free, in milliseconds. After that it continues, and what it reads back
   * decides. Default 10,000.
   */
  readonly checkMilliseconds?: number | undefined;
  /** How long an update waits until the network shows it, in milliseconds. Default 30,000. */
  readonly readBackMilliseconds?: number | undefined;
  /** Whether a resolver that has not seen a feed yet asks the node where to begin (`GET /feeds`). Default true. */
  readonly hint?: boolean | undefined;
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

/** The largest content that can be stored, in bytes: 64 MiB. No larger one is read. */
export const LARGEST_CONTENT: number = 64 * 1024 * 1024;

const USUAL_CONTENT = 1024 * 1024;

/** The longest time of a timer, in milliseconds. */
const LONGEST_TIME = 2 ** 31 - 1;

/** The operation in errors about options. */
const operation = "swarm.open";

const { bytes, callback, flag, number, oneOf, record, required, text } = optionKinds;

const kinds: Readonly<
  Record<keyof (SwarmStorageOptions & SwarmNamesOptions) | "name" | "label", OptionKind>
> = {
  bee: required({
    is: (value) => text.is(value) || record.is(value) || callback.is(value),
    expected: 'the URL of a node, such as "http://127.0.0.1:1633", or a client of bee-js',
  }),
  headers: record,
  fetch: callback,
  stamp: text,
  allowMutable: flag,
  upload: oneOf("direct", "deferred"),
  uploadMilliseconds: number,
  answerMilliseconds: number,
  usableMilliseconds: number,
  largestContent: number,
  nameKey: { ...bytes, expected: "a Uint8Array of 32 bytes: `deriveKeys(seed).swarm`" },
  owner: { ...text, expected: "a string, an Ethereum address of 40 hexadecimal digits" },
  checkMilliseconds: number,
  readBackMilliseconds: number,
  hint: flag,
  name: text,
  label: text,
};

/**
 * Checks the types of all options of this package.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkTypes(options: unknown): void {
  checkOptionTypes(options, kinds, { name: "a remote on Swarm", operation });
}

/**
 * Checks options for a node and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkNodeOptions(options: SwarmNodeOptions): TransferOptions {
  checkTypes(options);
  const {
    stamp,
    allowMutable = false,
    upload = "direct",
    uploadMilliseconds = 60_000,
    answerMilliseconds = 30_000,
    usableMilliseconds = 120_000,
  } = options;
  checkWhole(
    { uploadMilliseconds, answerMilliseconds, usableMilliseconds },
    { operation, largest: LONGEST_TIME },
  );
  if (stamp !== undefined && (typeof stamp !== "string" || !/^[0-9a-f]{64}$/i.test(stamp))) {
    throw invalid("A stamp is the id of a postage batch: 64 hexadecimal digits, without 0x");
  }
  if (!["direct", "deferred"].includes(upload)) throw invalid('upload must be "direct" or "deferred"');
  return {
    stamp: stamp?.toLowerCase(),
    allowMutable: allowMutable === true,
    upload,
    uploadMilliseconds,
    answerMilliseconds,
    usableMilliseconds,
  };
}

/**
 * Checks the largest content of a storage, or the largest head of names, and fills in the default.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkLargestContent({
  largestContent = USUAL_CONTENT,
}: Pick<SwarmStorageOptions, "largestContent">): number {
  checkWhole({ largestContent }, { operation, largest: LARGEST_CONTENT });
  return largestContent;
}

/**
 * Checks the options about feeds and fills in defaults. The key is copied.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkNamesOptions(options: SwarmNamesOptions): CheckedNamesOptions {
  const { nameKey, checkMilliseconds = 10_000, readBackMilliseconds = 30_000, hint = true } = options;
  const largestContent = checkLargestContent(options);
  checkWhole({ checkMilliseconds, readBackMilliseconds }, { operation, largest: LONGEST_TIME });
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
  return new InvalidInputError(`${why}.`, { operation });
}
