import { deriveKeys } from "@remote-log/core";
import { ipfsRemote } from "@remote-log/ipfs";
import { startKuboNetwork } from "@remote-log/servers";
import type { SoakPlace } from "./place.ts";
import { PROXIED, Proxied } from "./proxied.ts";

const LABEL = "kubo";

/** An IPFS node, connected with another one. */
export async function kuboPlace(seed: Uint8Array): Promise<SoakPlace> {
  const network = await startKuboNetwork({ nodes: 2 });
  const { rpc } = network.nodes[0]!;
  const said = JSON.stringify({
    Message: "write /blocks/put-1: no space left on device",
    Code: 0,
    Type: "error",
  });
  const full = { status: 500, headers: { "content-type": "application/json" }, body: said };
  const reads = ({ path }: { readonly path: string }): boolean =>
    /^\/api\/v0\/(block|name|routing)\/get\b/.test(path);
  const proxy = await Proxied.before({ target: rpc, replies: { quota: full }, reads });
  const writing = await ipfsRemote({ label: LABEL, node: proxy.url, nameKey: deriveKeys(seed).ipns });
  const name = writing.name;
  const command = async (path: string): Promise<string> => {
    const response = await fetch(`${rpc}/api/v0/${path}`, { method: "POST" });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${text}`);
    return text;
  };
  return {
    label: LABEL,
    writing,
    reading: await ipfsRemote({ label: LABEL, node: proxy.url, name }),
    direct: await ipfsRemote({ label: LABEL, node: rpc, name }),
    troubles: [...PROXIED, "emptied"],
    async begin(trouble) {
      if (await proxy.begin(trouble)) return;
      await proxy.unseen(async () => {
        const { Keys } = JSON.parse(await command("pin/ls?type=recursive")) as { readonly Keys: object };
        for (const key of Object.keys(Keys)) await command(`pin/rm?arg=${key}`);
        await command("repo/gc");
      });
    },
    end: () => proxy.end(),
    async stop() {
      await proxy.stop();
      await network.stop();
    },
  };
}
