// A Kubo node, or a network of several, for a person.

import type { StartedServer } from "../started-server.ts";
import { startKuboNetwork } from "./network.ts";
import { type KuboServer, startKubo } from "./server.ts";

/**
 * Starts a Kubo node, or a network of several.
 *
 * @param signal - gives up starting
 * @param count - how many nodes
 * @throws what `startKubo` and `startKuboNetwork` throw
 */
export async function startKuboForPerson(signal: AbortSignal, count: number): Promise<StartedServer> {
  if (count === 1) {
    const node = await startKubo({ signal });
    return { lines: linesOf([node]), stop: () => node.stop() };
  }
  const network = await startKuboNetwork({ nodes: count, signal });
  return { lines: linesOf(network.nodes), stop: () => network.stop() };
}

function linesOf(nodes: readonly KuboServer[]): string[] {
  const [first, last] = [nodes[0]!, nodes.at(-1)!];
  return [
    `# kubo ${first.version}, ${nodes.length === 1 ? "a node by itself" : `${nodes.length} connected nodes`}`,
    ...nodes.flatMap(({ rpc, gateway }, index) => [
      `export KUBO_${index + 1}_RPC=${rpc}`,
      `export KUBO_${index + 1}_GATEWAY=${gateway}`,
    ]),
    `# rlog init --remote 'ipfs+${first.rpc}'`,
    `# rlog read LOG_ID --remote 'ipns://NAME?gateway=${last.gateway}'`,
  ];
}
