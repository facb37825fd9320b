// What the test asks a tab or a worker to do, on the IndexedDB that all of a profile share.

import { useEnvironment } from "@remote-log/core/environment";
import { indexedDbCache } from "@remote-log/layers/indexed-db";
import { cacheFaults } from "../cache/cache-checks.ts";

export const commands = {
  /** Holds the cache against the promises of caches; tells what was wrong. */
  async faults(prefix: string): Promise<string[]> {
    let now = Date.now();
    const giveBack = useEnvironment({ now: () => now++ });
    try {
      return await cacheFaults({
        open: (place, bytes) => indexedDbCache({ name: `${prefix} ${place}`, bytes }),
        later: async () => {
          now += 120_000;
        },
      });
    } finally {
      giveBack();
    }
  },

  /** Puts values one after the other, and closes the cache. */
  async fill(name: string, values: number, bytes: number): Promise<void> {
    const cache = indexedDbCache({ name, bytes });
    for (let i = 0; i < values; i++) await cache.put(`value ${i}`, new Uint8Array(100).fill(i));
    await cache.close();
  },

  /** How many bytes there are of values. */
  async held(name: string, values: number): Promise<number> {
    const cache = indexedDbCache({ name });
    let held = 0;
    for (let i = 0; i < values; i++) held += (await cache.get(`value ${i}`))?.length ?? 0;
    await cache.close();
    return held;
  },

  /** What a value is, and whether a cache that was closed is opened again. */
  async read(name: string, key: string): Promise<Uint8Array | undefined> {
    const cache = indexedDbCache({ name });
    await cache.get(key);
    await cache.close();
    const value = await cache.get(key);
    await cache.close();
    return value;
  },
};
