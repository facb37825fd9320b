// Options of the storage on a node.

import { checkWhole } from "@remote-log/core/adapter";
import { LARGEST_BLOCK, USUAL_BLOCK } from "../blocks/sizes.ts";
import { checkTypes } from "../option-types.ts";
import type { NodeOptions } from "./rpc.ts";

/** Options of `ipfsStorage`. */
export interface IpfsStorageOptions extends NodeOptions {
  /**
   * Whether contents are pinned, so that the node keeps them when it collects its garbage. Default true. Without pins
   * something else has to keep them, such as a cluster or a list of pins of your own.
   */
  readonly pin?: boolean | undefined;
  /**
   * How long the node looks for a content that it does not have itself, in milliseconds. Default 30,000. Then `get` ends with
   * `ERR_TIMEOUT`: nobody knows that a content is nowhere.
   */
  readonly searchMilliseconds?: number | undefined;
  /**
   * How long the node may take for what it can do by itself, in milliseconds: to store, to look into its own store, and to
   * report the end of a search. Default 30,000.
   */
  readonly answerMilliseconds?: number | undefined;
  /** The largest content to store, in bytes. Default 1 MiB (1,048,576), which every node exchanges; at most 2 MiB. */
  readonly largestContent?: number | undefined;
}

/** The longest time that timers keep, in milliseconds. */
const LONGEST_TIME = 2 ** 31 - 1;

/** The options of a storage with every default filled in. */
export type CheckedStorageOptions = {
  readonly [K in Exclude<keyof IpfsStorageOptions, keyof NodeOptions>]-?: Exclude<
    IpfsStorageOptions[K],
    undefined
  >;
};

const STORAGE_OPTIONS = ["pin", "searchMilliseconds", "answerMilliseconds", "largestContent"] as const;

/**
 * Checks the options of a storage and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkStorageOptions(options: IpfsStorageOptions): CheckedStorageOptions {
  checkTypes(options, STORAGE_OPTIONS, { name: "a storage on an IPFS node", operation: "ipfs.open" });
  const {
    pin = true,
    searchMilliseconds = 30_000,
    answerMilliseconds = 30_000,
    largestContent = USUAL_BLOCK,
  } = options;
  const operation = "ipfs.open";
  checkWhole({ searchMilliseconds, answerMilliseconds }, { operation, largest: LONGEST_TIME });
  checkWhole({ largestContent }, { operation, largest: LARGEST_BLOCK });
  return { pin, searchMilliseconds, answerMilliseconds, largestContent };
}
