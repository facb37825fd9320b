import { createHash } from "node:crypto";
import type { ConformanceFixture, FaultControl, Opened, OpenOptions } from "@remote-log/conformance";
import { type FaultReply, type FaultRequest, startFaultProxy } from "@remote-log/conformance/fault-proxy";
import type { BeeServer } from "@remote-log/servers";
import { type Fetch, swarmNames, swarmStorage } from "@remote-log/swarm";

/** Where the suite is to run. */
export interface SwarmFixtureOptions {
  readonly server: Pick<BeeServer, "version" | "url" | "buyBatch">;
}

/** What the node is given as, besides its address: it asks for none, and no error may show it. */
const AUTHORIZATION = "Bearer 3uJYcVqN0oRk7sXw5LmTfHdZ";

/** Room for a million chunks in every bucket's share, paid for for 24 days: the suite never fills it. */
const BATCH = { depth: 24, amount: "10000000000" };

/**
 * The adapter as the suite takes it, with a proxy beside the node that makes it fail. A namespace is a key for names;
 * contents are shared by the whole world. One batch of stamps pays for everything.
 */
export function swarmFixture({ server }: SwarmFixtureOptions): ConformanceFixture {
  let buying: Promise<string> | undefined;

  async function open({ namespace, signal }: OpenOptions): Promise<Opened> {
    buying ??= server.buyBatch(BATCH);
    const stamp = await buying;
    const proxy = await startFaultProxy({ target: server.url, replies, reads, signal });
    let detoured = false;
    let requests = 0;
    const detouring: Fetch = (url, init) => {
      requests++;
      return fetch(detoured ? url.replace(server.url, proxy.url) : url, init);
    };
    const faults: FaultControl = {
      ...proxy.faults,
      // For good: what a fault leaves of a connection to the proxy must not do harm later.
      begin(fault) {
        detoured = true;
        return proxy.faults.begin(fault);
      },
    };
    const nameKey = createHash("sha256").update(namespace).digest();
    // Short, so that a case about what nobody answers need not wait.
    const options = {
      bee: server.url,
      fetch: detouring,
      headers: { authorization: AUTHORIZATION },
      stamp,
      answerMilliseconds: 1000,
      uploadMilliseconds: 1500,
    };
    return {
      // Small enough for the suite to try the limit itself.
      storage: swarmStorage(options),
      names: swarmNames({ ...options, nameKey, checkMilliseconds: 700, readBackMilliseconds: 1000 }),
      requests: () => requests,
      faults,
      secrets: [AUTHORIZATION, nameKey.toString("hex"), nameKey.toString("base64")],
    };
  }

  return {
    name: "swarm",
    service: `Bee ${server.version}`,
    limits: { timeoutMs: 40_000 },
    known: [
      {
        id: "NS-FAULT-23",
        reason:
          "Under this fault the answer that nothing follows the newest head drips as well, and is not known in time: a " +
          "resolve never guesses where a feed ends.",
      },
    ],
    create: open,
    reopen: open,
  };
}

/** The answers that may be changed: to who reads a chunk, or has a feed looked up. */
const reads = ({ method, path }: FaultRequest): boolean =>
  method === "GET" && /^\/(chunks|feeds)\//.test(path);

/**
 * What a node says: that it can't read or write, what a proxy says that asks for a password, and that the batch has
 * expired (a full batch is refused by other words for each kind of chunk; the tests of the storage and the names fill one).
 */
const replies = {
  failing: ({ method }: FaultRequest) =>
    said(500, method === "GET" ? "read chunk failed" : "chunk write error"),
  denied: { status: 403, headers: { "content-type": "text/plain" }, body: "Forbidden" },
  quota: ({ method, path }: FaultRequest) => {
    if (method === "POST") return said(404, "batch with id not found");
    return said(404, path.startsWith("/stamps/") ? "issuer does not exist" : "not found");
  },
};

function said(code: number, message: string): FaultReply {
  const body = JSON.stringify({ code, message });
  return { status: code, headers: { "content-type": "application/json; charset=utf-8" }, body };
}
