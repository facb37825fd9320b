import { deriveKeys } from "@remote-log/core";
import { startBee } from "@remote-log/servers";
import { swarmRemote } from "@remote-log/swarm";
import type { SoakPlace } from "./place.ts";
import { PROXIED, Proxied } from "./proxied.ts";

const LABEL = "bee";

/** A node of Swarm. */
export async function beePlace(seed: Uint8Array): Promise<SoakPlace> {
  const server = await startBee();
  const stamp = await server.buyBatch({ depth: 24 });
  const said = JSON.stringify({ code: 402, message: "batch is overissued" });
  const full = { status: 402, headers: { "content-type": "application/json" }, body: said };
  const reads = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
    method === "GET" && /^\/chunks\//.test(path);
  const proxy = await Proxied.before({ target: server.url, replies: { quota: full }, reads });
  const writing = swarmRemote({ label: LABEL, bee: proxy.url, stamp, nameKey: deriveKeys(seed).swarm });
  const { owner } = writing;
  return {
    label: LABEL,
    writing,
    reading: swarmRemote({ label: LABEL, bee: proxy.url, owner }),
    direct: swarmRemote({ label: LABEL, bee: server.url, owner }),
    troubles: PROXIED,
    begin: async (trouble) => void (await proxy.begin(trouble)),
    end: () => proxy.end(),
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
