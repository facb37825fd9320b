// Every operation of the adapter, for the client of a hostile server: by the URL of a node, and by a `Bee`. What is left out is
// what a `Bee` does by itself, `uploadChunk`: it takes in an answer of any length.
import { Bee } from "@ethersphere/bee-js";
import { addressOf } from "@remote-log/core";
import { swarmBmt, swarmRemote } from "@remote-log/swarm";

const content = new TextEncoder().encode("hello");
const address = await addressOf(content, swarmBmt);
const maxBytes = 1024 * 1024;
const nameKey = new Uint8Array(32).fill(7);
const stamp = "ab".repeat(32);

/** Does something with a remote that is closed afterwards. */
function using(options, work) {
  return async (url, signal) => {
    const remote = swarmRemote({ bee: url, stamp, nameKey, ...options(url) });
    try {
      return await work(remote, signal);
    } finally {
      await Promise.all([remote.storage.close(), remote.names.close()]);
    }
  };
}

// The test has these answered honestly up to the request that is meant.
const times = {
  answerMilliseconds: 300,
  uploadMilliseconds: 300,
  usableMilliseconds: 300,
  checkMilliseconds: 300,
  readBackMilliseconds: 300,
};
const paid = (options, work) => using((url) => ({ bee: `${url}/paid`, ...options }), work);
const free = (work) => using((url) => ({ bee: `${url}/free` }), work);
const byUrl = (work) => using(() => ({}), work);
const byBee = (work) => using((url) => ({ bee: new Bee(url) }), work);
const put = ({ storage }, signal) => storage.put(content, { signal });
const get = ({ storage }, signal) => storage.get(address, { signal, maxBytes });
const has = ({ storage }, signal) => storage.has(address, { signal });
const resolve = async ({ names }, signal) => (await names.resolve("log", { signal, maxBytes })).status;
const update = ({ names }, signal) => names.update("log", content, { expected: null, signal });

export const operations = {
  put: byUrl(put),
  "put that is paid for": paid({}, put),
  "deferred put that is paid for": paid({ upload: "deferred" }, put),
  get: byUrl(get),
  has: byUrl(has),
  health: byUrl((remote, signal) => remote.health({ signal })),
  resolve: byUrl(resolve),
  update: byUrl(update),
  "update that is paid for": paid({}, update),
  "update of a free index": free(update),
  // Without a signal: the adapter's own times end them.
  "put in time": paid(times, ({ storage }) => storage.put(content)),
  "deferred put in time": paid({ ...times, upload: "deferred" }, ({ storage }) => storage.put(content)),
  "get in time": paid(times, ({ storage }) => storage.get(address)),
  "update in time": paid(times, ({ names }) => names.update("log", content, { expected: null })),
  "client put": byBee(put),
  "client get": byBee(get),
  "client update": byBee(update),
};
