import { createHash } from "node:crypto";
import { Bee } from "@ethersphere/bee-js";
import type { ConformanceFixture, FaultControl, Opened, OpenOptions } from "@remote-log/conformance";
import {
  type FaultProxy,
  type FaultReply,
  type FaultRequest,
  startFaultProxy,
} from "@remote-log/conformance/fault-proxy";
import type { BeeServer } from "@remote-log/servers";
import { type Fetch, type NodeOptions, swarmNames, swarmStorage } from "@remote-log/swarm";

/** Where the suite is to run, and how the node is given to the adapter. */
export interface SwarmFixtureOptions {
  readonly server: Pick<BeeServer, "version" | "url" | "buyBatch">;
  /** `"url"`, or a `Bee` of bee-js. */
  readonly client: "url" | "bee-js";
}

/** What the node is given as, besides its address: it asks for none, and no error may show it. */
const AUTHORIZATION = "Bearer 3uJYcVqN0oRk7sXw5LmTfHdZ";

/** Room for a million chunks in every bucket's share, paid for for 24 days: the suite never fills it. */
const BATCH = { depth: 24, amount: "10000000000" };

/** A node as the adapter is given it, and how the suite makes it fail. */
interface Access {
  readonly node: NodeOptions;
  readonly requests: () => number;
  readonly faults: FaultControl;
}

/**
 * The adapter as the suite takes it, with a proxy beside the node that makes it fail. A namespace is a key for names;
 * contents are shared by the whole world. One batch of stamps pays for everything.
 */
export function swarmFixture({ server, client }: SwarmFixtureOptions): ConformanceFixture {
  let buying: Promise<string> | undefined;

  async function open({ namespace, signal }: OpenOptions): Promise<Opened> {
    buying ??= server.buyBatch(BATCH);
    const stamp = await buying;
    const proxy = await startFaultProxy({ target: server.url, replies, reads, signal });
    const { node, requests, faults } = client === "url" ? byUrl(server.url, proxy) : byBee(proxy);
    const nameKey = createHash("sha256").update(namespace).digest();
    // Short, so that a case about what nobody answers need not wait; yet 64 answers at once take a busy machine seconds.
    const patience = { answerMilliseconds: 5000, uploadMilliseconds: 5000 };
    const options = { ...node, ...patience, stamp };
    return {
      // Small enough for the suite to try the limit itself.
      storage: swarmStorage(options),
      names: swarmNames({ ...options, nameKey, checkMilliseconds: 700, readBackMilliseconds: 1000 }),
      requests,
      faults,
      secrets: [AUTHORIZATION, nameKey.toString("hex"), nameKey.toString("base64")],
    };
  }

  return {
    name: "swarm",
    service: `Bee ${server.version}${client === "url" ? "" : ", by bee-js"}`,
    limits: { timeoutMs: 180_000, settleMs: 60_000 },
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

/** The node by its URL. What a fault leaves of a connection to the proxy must not do harm before or after it. */
function byUrl(url: string, proxy: FaultProxy): Access {
  let detoured = false;
  let requests = 0;
  const detouring: Fetch = (at, init) => {
    requests++;
    return fetch(detoured ? at.replace(url, proxy.url) : at, init);
  };
  return {
    node: { bee: url, fetch: detouring, headers: { authorization: AUTHORIZATION } },
    requests: () => requests,
    faults: {
      ...proxy.faults,
      // For good: see above.
      begin(fault) {
        detoured = true;
        return proxy.faults.begin(fault);
      },
    },
  };
}

/** The node by a client that has the headers. Its requests can't be detoured: all of them go through the proxy. */
function byBee({ url, requests, faults }: FaultProxy): Access {
  const node = { bee: new Bee(url, { headers: { authorization: AUTHORIZATION } }) };
  return { node, requests, faults: boundedByBee(faults) };
}

/** The faults that bee-js withstands: nobody else can bound what it reads itself. */
function boundedByBee(faults: FaultControl): FaultControl {
  const reason = "bee-js reads the answer to its own uploadChunk to its end: a URL, or a `fetch`, is bounded";
  return {
    ...faults,
    kinds: faults.kinds.filter((fault) => !fault.startsWith("endless")),
    omitted: { endless: reason, "endless-failing": reason, "endless-denied": reason },
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
