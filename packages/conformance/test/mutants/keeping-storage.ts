import { hashTypeOf, type StorageBackend } from "@remote-log/core";
import { Lifetime } from "@remote-log/core/adapter";
import { memoryStorage } from "@remote-log/memory";

/** What a storage holds, and what of it nothing keeps any more. */
export interface Held {
  readonly contents: Map<string, Uint8Array>;
  readonly released: Set<string>;
}

/** Has what nothing keeps any more go, as a service does when it tidies up. */
export async function tidy({ contents, released }: Held): Promise<void> {
  for (const address of released) contents.delete(address);
  released.clear();
}

/** A storage in memory that can release a content, too: what was released is there until the service tidies up. */
export function keepingStorage({ contents, released }: Held, largestContent: number): StorageBackend {
  const store = memoryStorage({ contents, largestContent });
  const { hashTypes } = store.capabilities;
  const life = new Lifetime({ what: "storage", translate: (error) => error });
  return {
    ...store,
    capabilities: { ...store.capabilities, release: true },

    async put(content, options) {
      const address = await store.put(content, options);
      released.delete(String(address));
      return address;
    },

    release: (address, { signal } = {}) =>
      life.run({ operation: "storage.release", action: `releasing ${address}` }, signal, async () => {
        hashTypeOf(address, hashTypes);
        released.add(String(address));
      }),

    async close() {
      await Promise.all([store.close?.(), life.close()]);
    },
  };
}
