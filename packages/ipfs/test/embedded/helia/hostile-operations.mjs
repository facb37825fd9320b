// Operations of the adapter on a Helia whose only router and gateway are hostile. It is bundled (all but Helia) and runs on a Node of its own.
import { realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { addressOf, rawSha256 } from "@remote-log/core";
import { blockstoreStorage } from "@remote-log/ipfs/embedded";
import { createHeliaLight } from "helia";

// Helia depends on it, and exports it with a whole libp2p alone.
const helia = realpathSync(fileURLToPath(new URL("../..", import.meta.resolve("helia"))));
const { withHTTP } = await import(`${pathToFileURL(helia)}/../@helia/http/dist/src/index.js`);

const address = await addressOf(new TextEncoder().encode("hello"), rawSha256);
const maxBytes = 1024 * 1024;

/** Does something with the contents of a Helia that asks the server for what it does not have. */
function using(options, work) {
  return async (url, signal) => {
    const { origin, pathname } = new URL(url);
    const node = await withHTTP(createHeliaLight(), {
      recursiveGateways: [origin],
      delegatedRouters: [`${url}/`],
      allowInsecure: true,
      allowLocal: true,
      // It replaces the path of a gateway's URL.
      transformRequestInit: (init) => ({
        ...init,
        headers: { ...init.headers, "x-hostile-answer": pathname.slice(1) },
      }),
    }).start();
    const storage = blockstoreStorage({ blockstore: node.blockstore, pins: node.pins, ...options });
    try {
      return await work(storage, signal);
    } finally {
      await storage.close();
      await node.stop();
    }
  };
}

const get = (storage, signal) => storage.get(address, { signal, maxBytes });

export const operations = {
  "helia get in time": using({ searchMilliseconds: 500 }, get),
  "helia has": using({}, (storage, signal) => storage.has(address, { signal })),
};
