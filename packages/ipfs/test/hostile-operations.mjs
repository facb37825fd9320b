// Every operation of the adapter, for the client of a hostile server: by the URL of a node, by a client, by a router and by a
// gateway. What is left out is what a client does by itself, `block.put`: it takes in an answer of any length.
import { addressOf, rawSha256 } from "@remote-log/core";
import { delegatedRoute, ipfsRemote, ipfsStorage, ipnsNames } from "@remote-log/ipfs";
import { gatewayRemote } from "@remote-log/ipfs/gateway";
import { create as createOfIpfs } from "ipfs-http-client";
import { create as createOfKubo } from "kubo-rpc-client";

const content = new TextEncoder().encode("hello");
const address = await addressOf(content, rawSha256);
const maxBytes = 1024 * 1024;
const nameKey = new Uint8Array(32).fill(7);
const { name } = await ipfsRemote({ node: "http://127.0.0.1:1", nameKey });

/** Does something with a remote that is closed afterwards. */
function using(open, work) {
  return async (url, signal) => {
    const remote = await open(url);
    try {
      return await work(remote, signal);
    } finally {
      await Promise.all([remote.storage?.close?.(), remote.names?.close()]);
    }
  };
}

const node = (work) => using((url) => ipfsRemote({ node: url, nameKey }), work);
// The test has these answered honestly up to the request that is meant.
const stored = (work) => using((url) => ipfsRemote({ node: `${url}/stored`, nameKey }), work);
const before040 = (work) => using((url) => ipfsRemote({ node: `${url}/before-0.40`, nameKey }), work);
const kubo = (work) =>
  using((url) => ipfsRemote({ node: createOfKubo({ url: `${url}/api/v0` }), nameKey }), work);
const old = (work) =>
  using((url) => ipfsRemote({ node: createOfIpfs({ url: `${url}/api/v0` }), nameKey }), work);
const times = {
  answerMilliseconds: 300,
  searchMilliseconds: 300,
  routeMilliseconds: 300,
  publishMilliseconds: 300,
};
const quick = (work, path = "") =>
  using((url) => ipfsRemote({ node: `${url}${path}`, nameKey, ...times }), work);
const gateway = (work) => using((url) => gatewayRemote({ url, name }), work);
// A node that refuses every connection holds the heads: only the router is asked.
const router = (work) =>
  using((url) => {
    const storage = ipfsStorage({ node: "http://127.0.0.1:1" });
    return { names: ipnsNames({ storage, routes: [delegatedRoute({ url })], nameKey }) };
  }, work);

const statusOf = async (resolving) => (await resolving).status;
const put = ({ storage }, signal) => storage.put(content, { signal });
const putMany = async ({ storage }, signal) => {
  const [outcome] = await storage.putMany([content, content], { signal });
  if (outcome.status === "rejected") throw outcome.reason;
  return outcome.value;
};
const get = ({ storage }, signal) => storage.get(address, { signal, maxBytes });
const has = ({ storage }, signal) => storage.has(address, { signal });
const release = ({ storage }, signal) => storage.release(address, { signal });
const resolve = ({ names }, signal) => statusOf(names.resolve(name, { signal, maxBytes }));
const update = ({ names }, signal) => names.update(name, content, { expected: null, signal });
const record = async ({ names }, signal) => (await names.record(name, { signal })) ?? "none";

export const operations = {
  put: node(put),
  putMany: node(putMany),
  get: node(get),
  has: node(has),
  release: node(release),
  resolve: node(resolve),
  update: node(update),
  record: node(record),
  "update of a head that is stored": stored(update),
  "update before Kubo 0.40": before040(update),
  "resolve before Kubo 0.40": before040(resolve),
  "client get": kubo(get),
  "client has": kubo(has),
  "client release": kubo(release),
  "old client has": old(has),
  "router resolve": router(resolve),
  "router record": router(record),
  // Without a signal: the adapter's own times end them.
  "put in time": quick(({ storage }) => storage.put(content)),
  "get in time": quick(({ storage }) => storage.get(address)),
  "resolve in time": quick(({ names }) => statusOf(names.resolve(name))),
  "update in time": quick(({ names }) => names.update(name, content, { expected: null }), "/stored"),
  "gateway get in time": using(
    (url) => gatewayRemote({ url, name, searchMilliseconds: 300 }),
    ({ storage }) => storage.get(address),
  ),
  "gateway get": gateway(get),
  "gateway has": gateway(has),
  "gateway resolve": gateway(resolve),
  "gateway record": gateway(record),
};
