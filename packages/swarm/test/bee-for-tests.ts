import { type BeeServer, startBee } from "@remote-log/servers";
import { atEnd } from "@remote-log/test-kit/vitest";

/** A node, or several with one network, of this file's own. They end with it. */
export async function beeOfFile(options: Parameters<typeof startBee>[0] = {}): Promise<BeeServer> {
  const bee = await startBee(options);
  atEnd(() => bee.stop());
  return bee;
}
