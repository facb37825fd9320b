import { InvalidInputError } from "@remote-log/core";
import { checkWhole } from "@remote-log/core/adapter";
import type { NodeOptions } from "./node/bee-api.ts";

/** Options of everything that reads and writes chunks on a node. */
export interface SwarmNodeOptions extends NodeOptions {
  /**
   * The id of the postage batch that pays for what is written, 64 hexadecimal digits. It has to be bought at this node.
   * Without one, nothing can be written.
   */
  readonly stamp?: string;
  /**
   * Whether a mutable batch is taken. Default false: when one is full, new chunks take the place of old ones, and nothing
   * says so.
   */
  readonly allowMutable?: boolean;
  /**
   * How chunks reach the network. `"direct"`, the default: the node answers when the network has a chunk. `"deferred"`: the
   * node keeps them until it can push them, and writes resolve when it says that the network has all of them.
   */
  readonly upload?: "direct" | "deferred";
  /**
   * How long the network may take to take a chunk, in milliseconds; with `upload: "deferred"`, how long nothing may come of
   * any. Default 60,000.
   */
  readonly uploadMilliseconds?: number;
  /** How long the node may take to answer anything else, in milliseconds. Default 30,000. */
  readonly answerMilliseconds?: number;
  /** How long a write waits for a new batch to become usable, in milliseconds. Default 120,000. */
  readonly usableMilliseconds?: number;
}

/** Options of `swarmStorage`. */
export interface SwarmStorageOptions extends SwarmNodeOptions {
  /** The largest content to store, in bytes. Default 1 MiB (1,048,576); at most 64 MiB. */
  readonly largestContent?: number;
}

/** The largest content that can be stored, in bytes: 64 MiB. No larger one is read. */
export const LARGEST_CONTENT: number = 64 * 1024 * 1024;

const USUAL_CONTENT = 1024 * 1024;

/** The longest time that timers keep, in milliseconds. */
export const LONGEST_TIME: number = 2 ** 31 - 1;

/** The options for a node with every default filled in. */
export type CheckedNodeOptions = Required<Omit<SwarmNodeOptions, keyof NodeOptions | "stamp">> & {
  /** In lower case. */
  readonly stamp: string | undefined;
};

/**
 * Checks options for a node and fills in defaults.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT`
 */
export function checkNodeOptions(options: SwarmNodeOptions): CheckedNodeOptions {
  const {
    stamp,
    allowMutable = false,
    upload = "direct",
    uploadMilliseconds = 60_000,
    answerMilliseconds = 30_000,
    usableMilliseconds = 120_000,
  } = options;
  const operation = "swarm.open";
  checkWhole(
    { uploadMilliseconds, answerMilliseconds, usableMilliseconds },
    { operation, largest: LONGEST_TIME },
  );
  if (stamp !== undefined && (typeof stamp !== "string" || !/^[0-9a-f]{64}$/i.test(stamp))) {
    throw new InvalidInputError("A stamp is the id of a postage batch: 64 hexadecimal digits, without 0x.", {
      operation,
    });
  }
  if (!["direct", "deferred"].includes(upload)) {
    throw new InvalidInputError('upload must be "direct" or "deferred".', { operation });
  }
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
  checkWhole({ largestContent }, { operation: "swarm.open", largest: LARGEST_CONTENT });
  return largestContent;
}
