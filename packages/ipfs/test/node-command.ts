import type { KuboServer } from "@remote-log/servers";

/** Sends a command to a node as a person would, and gives what it answers, as text. */
export async function command(node: Pick<KuboServer, "rpc">, path: string): Promise<string> {
  const response = await fetch(`${node.rpc}/api/v0/${path}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text;
}
