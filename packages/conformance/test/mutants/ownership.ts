import { addressOf, rawSha256 } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** Adapters that take the caller's bytes for their own, or give away theirs. */
export const ownershipMutants: readonly Mutant[] = [
  {
    fault: "returns parts of a pool",
    caughtBy: ["CAS-BYTES-06"],
    broken: ({ storage }) => {
      const pool = new Uint8Array(1_000_000);
      let used = 0;
      return {
        storage: {
          async get(address, options) {
            const content = await storage.get(address, options);
            const part = pool.subarray(used, used + content.length);
            used += content.length;
            part.set(content);
            return part;
          },
        },
      };
    },
  },
  {
    fault: "changes the caller's buffer",
    caughtBy: ["CAS-BYTES-01", "NS-CONTENT-03"],
    broken: ({ storage, names }) => ({
      storage: {
        async put(content, options) {
          const address = await storage.put(content, options);
          content.fill(0);
          return address;
        },
      },
      names: {
        async update(name, content, options) {
          const revision = await names.update(name, content, options);
          content.fill(0);
          return revision;
        },
      },
    }),
  },
  {
    fault: "keeps the caller's buffer",
    caughtBy: ["CAS-BYTES-02", "NS-CONTENT-03"],
    broken: ({ storage, names }, { contents, table }) => ({
      storage: {
        async put(content, options) {
          const address = await storage.put(content, options);
          contents.set(String(address), content);
          return address;
        },
      },
      names: {
        async update(name, content, options) {
          const revision = await names.update(name, content, options);
          table.values.set(name, { status: "found", content, revision });
          return revision;
        },
      },
    }),
  },
  {
    fault: "copies with slice, which on some arrays is a view",
    caughtBy: ["CAS-BYTES-02"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async put(content, options) {
          const address = await storage.put(content, options);
          contents.set(String(address), content.slice());
          return address;
        },
      },
    }),
  },
  {
    fault: "computes the address at once and copies the bytes later",
    caughtBy: ["CAS-BYTES-03"],
    broken: (_sound, { contents }) => ({
      storage: {
        async put(content) {
          const address = Promise.resolve(addressOf(content, rawSha256));
          await Promise.resolve();
          contents.set(String(await address), new Uint8Array(content));
          return address;
        },
      },
    }),
  },
  {
    fault: "stores the whole buffer behind a view",
    caughtBy: ["CAS-BYTES-04", "NS-CONTENT-03"],
    broken: ({ storage, names }, { contents }) => ({
      storage: {
        async put(content, options) {
          const address = await storage.put(content, options);
          contents.set(String(address), new Uint8Array(content.buffer.slice(0)));
          return address;
        },
      },
      names: {
        update: (name, content, options) => names.update(name, new Uint8Array(content.buffer), options),
      },
    }),
  },
  {
    fault: "returns its own memory",
    caughtBy: ["CAS-BYTES-05", "NS-CONTENT-04"],
    broken: ({ storage, names }, { contents, table }) => ({
      storage: {
        get: async (address, options) => contents.get(String(address)) ?? storage.get(address, options),
      },
      names: {
        resolve: async (name, options) => table.values.get(name) ?? names.resolve(name, options),
      },
    }),
  },
];
