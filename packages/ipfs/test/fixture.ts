import { createHash } from "node:crypto";
import type { ConformanceFixture, FaultControl, Opened, OpenOptions } from "@remote-log/conformance";
import { type FaultReply, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import { ipfsStorage, ipnsNames, kuboRoute } from "@remote-log/ipfs";
import type { KuboServer } from "@remote-log/servers";
import { type ClientName, nodeBy } from "./clients.ts";
import { command } from "./node-command.ts";

export { embeddedFixture } from "./embedded/fixture.ts";
export { gatewayFixture } from "./gateway/fixture.ts";

/** Where the suite is to run, and how the node is given to the adapter. */
export interface IpfsFixtureOptions {
  readonly server: Pick<KuboServer, "version" | "rpc">;
  readonly client: ClientName;
}

/** What the node is given as, besides its address: it asks for none, and no error may show it. */
const AUTHORIZATION = "Bearer jIyFAZ2nIdVFEs3tPvXiP3rA";

/**
 * The adapter as the suite takes it, with a proxy before the node that makes it fail. A namespace is a key for names;
 * contents are shared by the whole world.
 */
export function ipfsFixture({ server, client }: IpfsFixtureOptions): ConformanceFixture {
  async function open({ namespace, signal }: OpenOptions): Promise<Opened> {
    const proxy = await startFaultProxy({ target: server.rpc, replies, reads, signal });
    const headers = { authorization: AUTHORIZATION };
    const at = { node: nodeBy(client, proxy.url, headers), headers };
    const nameKey = createHash("sha256").update(namespace).digest();
    // Short, so that a case about what nobody has need not wait.
    const contents = { ...at, searchMilliseconds: 400 };
    return {
      storage: ipfsStorage(contents),
      // With a storage of their own, so that either may be closed alone.
      names: ipnsNames({ storage: ipfsStorage(contents), routes: [kuboRoute(at)], nameKey }),
      requests: proxy.requests,
      faults: client === "url" ? proxy.faults : boundedBy(proxy.faults, client),
      tidyUp: async () => void (await command(server, "repo/gc")),
      secrets: [AUTHORIZATION, nameKey.toString("hex"), nameKey.toString("base64")],
    };
  }

  return {
    name: "ipfs",
    service: `Kubo ${server.version}, ${client === "url" ? "by its URL" : `by ${client}`}`,
    // A busy machine must not skip what is skipped on slow services: a thousand contents, one by one.
    limits: { timeoutMs: 180_000, settleMs: 60_000 },
    create: open,
    reopen: open,
  };
}

/** The faults that a client which is passed in withstands: nobody else can bound what it reads itself. */
function boundedBy(faults: FaultControl, client: string): FaultControl {
  const reason = `${client} reads the answer to its own block.put to its end: a URL in its place is bounded`;
  return {
    ...faults,
    kinds: faults.kinds.filter((fault) => !fault.startsWith("endless")),
    omitted: { endless: reason, "endless-failing": reason, "endless-denied": reason },
  };
}

/** Kubo reads by POST. */
const reads = ({ path }: { readonly path: string }): boolean =>
  /^\/api\/v0\/(block|name|routing)\/get\b/.test(path);

/** What a node says: that it is shutting down, that it does not know the caller, and that its disk is full. */
const replies = {
  failing: said(500, "leveldb: closed"),
  denied: { status: 403, headers: { "content-type": "text/plain" }, body: "403 - Forbidden" },
  quota: said(500, "write /data/ipfs/blocks/put-1: no space left on device"),
};

function said(status: number, message: string): FaultReply {
  const body = JSON.stringify({ Message: message, Code: 0, Type: "error" });
  return { status, headers: { "content-type": "application/json" }, body };
}
