import { type KuboServer, startKubo } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";

/** A node of this file's own, which ends with it. */
export async function nodeOfFile(options: Parameters<typeof startKubo>[0] = {}): Promise<KuboServer> {
  const node = await startKubo(options);
  atEnd(() => node.stop());
  return node;
}
