import { type Address, hashTypeOf, type StorageBackend } from "@remote-log/core";
import { defineStorage, Lifetime } from "@remote-log/core/adapter";
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

/** How much one call of `putMany` takes: little, so that the cases at the boundary are quick. */
const PUT_MANY = { contents: 6, bytes: 200_000 };

/**
 * A storage in memory that takes several contents at once, and can release one: what was released is there until the service tidies
 * up.
 */
export function keepingStorage({ contents, released }: Held, largestContent: number): StorageBackend {
  const store = memoryStorage({ contents, largestContent });
  const { hashTypes } = store.capabilities;
  const life = new Lifetime({ what: "storage", translate: (error) => error });
  const put = async (content: Uint8Array): Promise<Address> => {
    const address = await store.put(content);
    released.delete(String(address));
    return address;
  };
  const together = defineStorage({
    name: store.name,
    place: "the memory",
    capabilities: { ...store.capabilities, putMany: PUT_MANY },
    put,
    putMany: (contents) => Promise.all(contents.map(put)),
    get: (address) => store.get(address),
    has: (address) => store.has(address),
    translate: (error) => error,
  });
  return {
    ...store,
    capabilities: { ...store.capabilities, release: true, putMany: PUT_MANY },
    putMany: (contents, options) => together.putMany(contents, options),

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
      await Promise.all([store.close?.(), together.close(), life.close()]);
    },
  };
}
