// Bee nodes for a person, who gets a batch of stamps with them.

import type { StartedServer } from "../started-server.ts";
import { type BeeServer, startBee } from "./server.ts";

/**
 * Starts Bee nodes, and buys a batch of stamps on the first of them.
 *
 * @param signal - gives up starting
 * @param count - how many nodes
 * @throws what `startBee` and `buyBatch` throw
 */
export async function startBeeForPerson(signal: AbortSignal, count: number): Promise<StartedServer> {
  const server = await startBee({ nodes: count, signal });
  try {
    return { lines: linesOf(server, await server.buyBatch({ signal })), stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function linesOf({ version, url, nodes, control }: BeeServer, stamp: string): string[] {
  return [
    `# bee ${version}, ${nodes.length === 1 ? "a node" : `${nodes.length} nodes`} with a network and a chain in memory`,
    `export BEE_URL=${url}`,
    `export BEE_STAMP=${stamp}`,
    ...nodes.slice(1).map((node, index) => `export BEE_${index + 2}_URL=${node}`),
    `export BEE_CONTROL=${control}`,
    `# rlog init --remote 'bee+${url}?stamp=${stamp}'`,
    `# SWARM_GATEWAY=${nodes.at(-1)} rlog read "$(rlog link)"`,
    `# curl -X POST '${control}/blocks?count=17280' lets a day pass on the chain; no time passes there by itself`,
  ];
}
