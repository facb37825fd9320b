// Contents and names of a log on Swarm, as one remote.

import { InvalidInputError, type OperationOptions, type Remote } from "@remote-log/core";
import { optionKinds } from "@remote-log/core/adapter";
import { toHex } from "./chunk/hex.ts";
import { type SwarmNames, swarmNames } from "./names.ts";
import {
  checkNamesOptions,
  checkTypes,
  type SwarmNamesOptions,
  type SwarmStorageOptions,
} from "./options.ts";
import type { SwarmHealth } from "./postage/health.ts";
import { type SwarmStorage, swarmStorage } from "./storage.ts";
import { parseSwarmUri } from "./uri.ts";

/** Options of `swarmRemote`. One of `nameKey`, `owner` and `name` has to be there. */
export interface SwarmRemoteOptions extends SwarmStorageOptions, SwarmNamesOptions {
  /**
   * The feed under which the log is found, `<owner>/<topic>` in hexadecimal digits. Default: the feed of the owner
   * whose topic follows from the log id.
   */
  readonly name?: string | undefined;
  /** The name of the remote in receipts, states and errors. Default: `bee+` and the URL of the node. */
  readonly label?: string | undefined;
}

/** What {@link swarmRemote} opens. */
export interface SwarmRemote extends Remote {
  readonly storage: SwarmStorage;
  readonly names: SwarmNames;
  /** The owner of the feeds, an Ethereum address in 40 hexadecimal digits: what readers need. */
  readonly owner: string;
  /** The state of the postage batch that pays for the log; see `SwarmStorage.health`. */
  health(options?: OperationOptions): Promise<SwarmHealth>;
}

/** Options of `swarmRemoteFromUri`. */
export type SwarmUriOptions = Omit<SwarmRemoteOptions, "bee" | "name">;

/**
 * Contents as chunks on Swarm, and the head in a sequence feed, by way of a Bee node. Nothing is sent before the first
 * operation.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for options that can't be used
 *
 * @example
 * ```ts
 * import { deriveKeys, generateSeed } from "@remote-log/core";
 * import { swarmRemote } from "@remote-log/swarm";
 *
 * const stamp = "f3a1c95e0d7b48261fa0935c7e4bd2186a90e1f57c34bd82069ea4c17d5b3f08";
 * const nameKey = deriveKeys(generateSeed()).swarm;
 * const writing = swarmRemote({ bee: "http://127.0.0.1:1633", stamp, nameKey });
 * const reading = swarmRemote({ bee: "https://gateway.example", owner: writing.owner });
 * console.log(reading.label);
 * ```
 */
export function swarmRemote(options: SwarmRemoteOptions): SwarmRemote {
  checkTypes(options);
  const { bee, label, name } = options;
  const owner = ownerOf(options);
  const storage = swarmStorage(options);
  const url = typeof bee === "string" ? bee : bee.url;
  return {
    label: label ?? `bee+${url.replace(/\/+$/, "")}`,
    storage,
    names: swarmNames({ ...options, owner }),
    ...(name !== undefined && { name }),
    owner,
    health: (request) => storage.health(request),
  };
}

/**
 * The remote that a URI names: `bee+http://127.0.0.1:1633` or `bee+https://…` for a node, with the parameters `stamp`,
 * `owner`, `upload` (`direct` or `deferred`) and `mutable=allow`; or `swarm://<owner>/<topic>`, which can only be read,
 * through the node or the gateway `gateway=https://…` (default: a node on this machine). A writer's key is given as an option,
 * since a URI ends up in logs and histories.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` for any other text, and for options that can't be used
 *
 * @example
 * ```ts
 * import { swarmRemoteFromUri } from "@remote-log/swarm";
 *
 * const owner = "8d3766440f0d7b949a5e32995d09619a7f86e632";
 * console.log(swarmRemoteFromUri(`bee+http://127.0.0.1:1633?owner=${owner}`).label);
 * ```
 */
export function swarmRemoteFromUri(uri: string, options: SwarmUriOptions = {}): SwarmRemote {
  const place = parseSwarmUri(uri);
  // What the URI says is not among the options.
  if (optionKinds.record.is(options)) checkTypes({ ...options, ...place });
  else checkTypes(options);
  if (place.name !== undefined && (options.nameKey ?? options.stamp) !== undefined) {
    throw invalid(
      "a swarm: URI is for reading alone. To write, name a node: bee+http://127.0.0.1:1633?stamp=…",
    );
  }
  return swarmRemote({ ...options, ...place });
}

/** The owner of the feeds. If several options say it, they have to agree. */
function ownerOf(options: SwarmRemoteOptions): string {
  const { owner } = checkNamesOptions(options);
  // Any other text stands for a topic of that owner.
  const [, named] = /^([0-9a-f]{40})\/[0-9a-f]{64}$/.exec(options.name ?? "") ?? [];
  if (owner === undefined) {
    if (named !== undefined) return named;
    throw invalid(
      "it has neither a key nor an owner. To write, give `nameKey` (deriveKeys(seed).swarm of the log's seed); to read, " +
        "give `owner` (40 hexadecimal digits; in a URI owner=…)",
    );
  }
  const told = toHex(owner);
  if (named === undefined || named === told) return told;
  throw invalid(`the name is one of the owner ${named}, and the key or the owner that was given is ${told}`);
}

function invalid(why: string): InvalidInputError {
  return new InvalidInputError(`A remote on Swarm can't be opened: ${why}.`, { operation: "swarm.open" });
}
