import { hashTypeOf, type StorageBackend, TimeoutError } from "@remote-log/core";
import { delay, Lifetime } from "@remote-log/core/adapter";
import { type Held, keepingStorage } from "../mutants/keeping-storage.ts";

/** How long a storage looks for what its own store lacks, in milliseconds. */
const SEARCH_MS = 60;
/** How often it asks whether somebody has shown it, in milliseconds. */
const ASK_MS = 20;

/**
 * A storage that can speak for its own store alone, as one on a network of peers: what the store lacks somebody else
 * may hold, so `get` looks for it until its time is over, and then knows no more than before.
 */
export function localStorage(held: Held, largestContent: number): StorageBackend {
  const store = keepingStorage(held, largestContent);
  const life = new Lifetime({ what: "storage", translate: (error) => error });
  return {
    ...store,
    capabilities: { ...store.capabilities, absence: "local" },

    async get(address, options = {}) {
      hashTypeOf(address, store.capabilities.hashTypes);
      const context = { operation: "storage.get", action: `reading ${address}` };
      return life.run(context, options.signal, async (signal) => {
        const end = performance.now() + SEARCH_MS;
        while (!(await store.has(address, { signal }))) {
          if (performance.now() >= end) {
            const message = `Nobody showed ${address} within ${SEARCH_MS} ms. Try again, or allow more time.`;
            throw new TimeoutError(message, context);
          }
          await delay(ASK_MS, signal);
        }
        return store.get(address, { ...options, signal });
      });
    },

    async close() {
      await life.close();
      await store.close?.();
    },
  };
}
