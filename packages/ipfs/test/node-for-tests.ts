import { type KuboServer, startKubo } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";

/** A node of this file's own, which ends with it. */
export async function nodeOfFile(options: Parameters<typeof startKubo>[0] = {}): Promise<KuboServer> {
  const node = await startKubo(options);
  atEnd(() => node.stop());
  return node;
}

/** Sends a command to a node as a person would, and gives what it answers, as text. */
export async function command(node: Pick<KuboServer, "rpc">, path: string): Promise<string> {
  const response = await fetch(`${node.rpc}/api/v0/${path}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text;
}
