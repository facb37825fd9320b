import { checkWhole } from "@remote-log/core/adapter";
import type { NodeOptions } from "./rpc/node.ts";

/** Options of `ipfsStorage`. */
export interface IpfsStorageOptions extends NodeOptions {
  /**
   * Whether contents are pinned, so that the node keeps them when it collects its garbage. Default true. Without pins
   * something else has to keep them: a cluster, say, or a list of pins of your own.
   */
  readonly pin?: boolean;
  /**
   * How long the node looks for a content that it does not have itself, in milliseconds. Default 30,000. Then
   * `get` ends with `ERR_TIMEOUT`: nobody knows that a content is nowhere.
   */
  readonly searchMilliseconds?: number;
  /**
   * How long the node may take to answer what it can answer by itself, in milliseconds: storing, looking into its own
   * store, and telling how a search ended. Default 30,000.
   */
  readonly answerMilliseconds?: number;
  /** The largest content to store, in bytes. Default 1 MiB (1,048,576), which every node hands on; at most 2 MiB. */
  readonly largestContent?: number;
}

/** The largest block that nodes exchange, in bytes. No larger one is read. */
export const LARGEST_BLOCK: number = 2 * 1024 * 1024;

/** The largest block that nodes before Kubo 0.40 exchange, in bytes. */
export const USUAL_BLOCK: number = 1024 * 1024;

const LONGEST_TIME = 2 ** 31 - 1;

/** The options of a storage with every default filled in. */
export type CheckedStorageOptions = Required<Omit<IpfsStorageOptions, keyof NodeOptions>>;

/**
 * Checks the options of a storage and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkStorageOptions(options: IpfsStorageOptions): CheckedStorageOptions {
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
