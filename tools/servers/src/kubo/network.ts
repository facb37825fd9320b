// A network of Kubo nodes on this machine.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { provideBinary } from "../binary.ts";
import { ServerError } from "../server-error.ts";
import { kubo } from "./program.ts";
import { kuboCommand } from "./rpc.ts";
import { type KuboOptions, type KuboServer, startKubo } from "./server.ts";

/** Settings of {@link startKuboNetwork}. */
export interface KuboNetworkOptions extends Omit<KuboOptions, "routing"> {
  /** How many nodes: 2 or more. */
  readonly nodes: number;
}

/** Kubo nodes that know each other and nobody else. */
export interface KuboNetwork {
  readonly nodes: readonly KuboServer[];
  /** Ends all nodes, also those that were stopped by themselves already. Safe to call twice. */
  stop(): Promise<void>;
}

const POLL = 25;

/**
 * Starts Kubo nodes with a DHT of their own, on 127.0.0.1 alone, each connected to each. They are ready when every
 * node has all others in its routing table: what is put on one node is found from another one then.
 *
 * @throws RangeError for fewer than 2 nodes
 * @throws ServerError if a node can't be had, built or started, or `ERR_SERVER_START` if the nodes do not find
 * each other by the deadline; nothing is left running
 * @throws the reason of the signal
 */
export async function startKuboNetwork(options: KuboNetworkOptions): Promise<KuboNetwork> {
  const { nodes: count, ...settings } = options;
  if (!Number.isSafeInteger(count) || count < 2) {
    throw new RangeError(`A network has 2 nodes or more, not ${count}: use startKubo for one.`);
  }
  // Built before they start, so that they need not wait for each other.
  await provideBinary(kubo, settings);
  const failed = new AbortController();
  const { signal } = settings;
  const over = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal]);
  const nodes: KuboServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const start = async (): Promise<void> => {
    nodes.push(await startKubo({ ...settings, routing: "dht", signal: over }));
  };
  try {
    const starts = Array.from({ length: count }, () =>
      start().catch((error: unknown) => failed.abort(error)),
    );
    await Promise.all(starts);
    over.throwIfAborted();
    await connect(nodes, signal);
    await untilConnected(nodes, settings.deadline ?? 180_000, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}

/** How often two nodes are told to connect, at most. */
const TRIES = 5;

// If the other node dials at the same moment, both are clients of one handshake, and it fails: so it is tried again.
async function connect(nodes: readonly KuboServer[], signal: AbortSignal | undefined): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    for (const { addresses } of nodes.slice(index + 1)) await dial(node.rpc, addresses[0]!, signal);
  }
}

async function dial(rpc: string, arg: string, signal: AbortSignal | undefined): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await kuboCommand(rpc, "swarm/connect", { arg }, signal);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (tries >= TRIES) throw error;
      await wait(tries * POLL, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/**
 * Waits until every node has all others in its routing table.
 *
 * @param deadline - in milliseconds
 * @throws ServerError `ERR_SERVER_START` at the deadline
 * @throws the reason of the signal
 */
export async function untilConnected(
  nodes: readonly KuboServer[],
  deadline: number,
  signal?: AbortSignal,
): Promise<void> {
  const end = performance.now() + deadline;
  for (const node of nodes) {
    const others = nodes.filter((other) => other !== node).map(({ peerId }) => peerId);
    while (!(await hasInRoutingTable(node, others, signal))) {
      if (performance.now() > end) {
        throw new ServerError(
          "ERR_SERVER_START",
          `The node ${node.peerId} did not find all ${others.length} others within ${deadline / 1000} s.`,
        );
      }
      await wait(POLL, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** Whether a node would ask all these others for a record: in its routing table, and connected. */
async function hasInRoutingTable(
  node: KuboServer,
  others: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // Addresses of 127.0.0.1 belong to the DHT of the local network.
  const { Buckets } = (await kuboCommand(node.rpc, "stats/dht", { arg: "lan" }, signal)) as {
    Buckets: { Peers: { ID: string; Connected: boolean }[] | null }[] | null;
  };
  const known = (Buckets ?? []).flatMap(({ Peers }) => Peers ?? []).filter(({ Connected }) => Connected);
  return others.every((other) => known.some(({ ID }) => ID === other));
}
