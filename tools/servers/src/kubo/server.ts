// Starts Kubo nodes for tests.

import { join } from "node:path";
import { provideBinary } from "../binary.ts";
import { bareEnvironment, launchProgram, type ServerFiles } from "../launch-program.ts";
import type { Notice } from "../notice.ts";
import { kubo } from "./program.ts";
import { createRepository, type KuboConfig, readPlace } from "./repository.ts";
import { kuboCommand } from "./rpc.ts";

/** Settings of {@link startKubo}. */
export interface KuboOptions {
  /** `"dht"` for a node of a network, which needs another one to work. Default: Kubo's own, for a node by itself. */
  readonly routing?: "dht";
  /** Settings besides those of Kubo's profile for tests: a key as `ipfs config` takes it, and its value as JSON. */
  readonly config?: KuboConfig;
  /** How long it may take from start to answer, in milliseconds; a build does not count. Default 180,000. */
  readonly deadline?: number;
  /** Gives up building or starting. A node that is up stays up. */
  readonly signal?: AbortSignal;
  /** Told when a build begins, and when the node ends by itself. Default: a line on standard error. */
  readonly notice?: Notice;
}

/** A running Kubo node, on 127.0.0.1 alone. */
export interface KuboServer extends ServerFiles {
  readonly name: "kubo";
  /** Its version as it says it, such as `0.43.0`. */
  readonly version: string;
  /** Where its RPC listens: `http://127.0.0.1:<port>`. Whoever reaches it may do everything. */
  readonly rpc: string;
  /** Where its gateway listens, which also serves `/routing/v1`: `http://127.0.0.1:<port>`. */
  readonly gateway: string;
  /** Its identity in the network. */
  readonly peerId: string;
  /** Where other nodes find it: at least one multiaddr, each ending in `/p2p/<peerId>`. */
  readonly addresses: readonly string[];
  /** Ends it by its pid and removes its temporary folder. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a Kubo node that knows nobody. Built first if this machine has none.
 *
 * @throws ServerError if it can't be had, built or started
 * @throws the reason of the signal
 */
export async function startKubo(options: KuboOptions = {}): Promise<KuboServer> {
  const { routing, deadline, signal, notice } = options;
  const config = { ...(routing === undefined ? {} : { "Routing.Type": routing }), ...options.config };
  const command = (await provideBinary(kubo, { signal, notice })).path;
  const launched = await launchProgram({
    name: kubo.name,
    command,
    plan: async (folder) => {
      const env = { IPFS_PATH: repositoryIn(folder), IPFS_TELEMETRY: "off" };
      await createRepository({ command, env: { ...bareEnvironment(folder), ...env }, config, signal });
      return { args: ["daemon"], env };
    },
    ready: (folder, patience) => describeNode(repositoryIn(folder), patience),
    deadline,
    signal,
    notice,
  });
  const { found, folder, log } = launched;
  return { name: "kubo", ...found, folder, log, stop: () => launched.stop() };
}

function repositoryIn(folder: string): string {
  return join(folder, "repository");
}

/** Asks a node who it is: nobody else on that port has its identity. */
async function describeNode(
  repository: string,
  signal: AbortSignal,
): Promise<Pick<KuboServer, "version" | "rpc" | "gateway" | "peerId" | "addresses"> | undefined> {
  const place = await readPlace(repository);
  const [id, version] = await Promise.all([
    kuboCommand(place.rpc, "id", {}, signal) as Promise<{ ID: string; Addresses: string[] | null }>,
    kuboCommand(place.rpc, "version", {}, signal) as Promise<{ Version: string }>,
  ]);
  const addresses = id.Addresses ?? [];
  if (id.ID !== place.peerId || addresses.length === 0) return undefined;
  return { ...place, version: version.Version, addresses };
}
