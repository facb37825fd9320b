import { addressOf, InvalidInputError, NotFoundError, rawSha256 } from "@remote-log/core";
import { memoryStorage } from "@remote-log/memory";
import type { Mutant } from "./mutant.ts";

const roundTrips = ["CAS-PUT-01", "CAS-PUT-02", "CAS-PUT-03", "CAS-PUT-04", "CAS-PUT-05", "CAS-PUT-06"];

/** Storages that lose, mix up or misname contents. */
export const contentMutants: readonly Mutant[] = [
  {
    fault: "drops the last byte of what it returns",
    caughtBy: [...roundTrips, "CAS-PUT-08", "CAS-PUT-09", "CAS-GET-04", "CAS-ABORT-05", "BOTH-01"],
    broken: ({ storage }) => ({
      storage: { get: async (address, options) => (await storage.get(address, options)).subarray(0, -1) },
    }),
  },
  {
    fault: "takes the address from something else than the content",
    caughtBy: ["CAS-PUT-07", "CAS-BYTES-03"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async put(content, options) {
          const address = await storage.put(new Uint8Array([...content, 0]), options);
          contents.set(String(address), new Uint8Array(content));
          return address;
        },
      },
    }),
  },
  {
    fault: "refuses what it has already",
    caughtBy: ["CAS-PUT-08"],
    broken: ({ storage }) => ({
      storage: {
        async put(content, options) {
          if (await storage.has(await addressOf(content, rawSha256))) {
            throw new InvalidInputError("It exists.", { operation: "storage.put" });
          }
          return storage.put(content, options);
        },
      },
    }),
  },
  {
    fault: "refuses what it is just writing",
    caughtBy: ["CAS-PUT-09"],
    broken: ({ storage }) => {
      const writing = new Set<string>();
      return {
        storage: {
          async put(content, options) {
            const key = content.join();
            if (writing.has(key)) throw new InvalidInputError("It is busy.", { operation: "storage.put" });
            writing.add(key);
            const address = await storage.put(content, options);
            writing.delete(key);
            return address;
          },
        },
      };
    },
  },
  {
    fault: "collects concurrent puts in one buffer",
    caughtBy: ["CAS-PUT-10"],
    broken: (_sound, { contents }) => {
      let scratch = new Uint8Array(0);
      return {
        storage: {
          async put(content) {
            scratch = new Uint8Array(content);
            const address = await addressOf(content, rawSha256);
            await Promise.resolve();
            contents.set(String(address), scratch);
            return address;
          },
        },
      };
    },
  },
  {
    fault: "stores what is over its limit",
    caughtBy: ["CAS-PUT-11"],
    broken: (_sound, { contents }) => ({
      storage: { put: (content, options) => memoryStorage({ contents }).put(content, options) },
    }),
  },
  {
    fault: "stores first and looks at the limit later",
    caughtBy: ["CAS-PUT-11"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async put(content, options) {
          await memoryStorage({ contents }).put(content, options);
          return storage.put(content, options);
        },
      },
    }),
  },
  {
    fault: "keeps contents in the instance alone",
    caughtBy: ["CAS-PUT-12", "CAS-PUT-13", "BOTH-01"],
    broken: () => ({ storage: memoryStorage() }),
  },
  {
    fault: "gives an empty content for what is not there",
    caughtBy: ["CAS-GET-01", "CAS-DELETE-01"],
    broken: ({ storage }) => ({
      storage: {
        get: async (address, options) =>
          (await storage.has(address)) ? storage.get(address, options) : new Uint8Array(0),
      },
    }),
  },
  {
    fault: "rejects with an error of its own for what is not there",
    caughtBy: ["CAS-GET-01"],
    broken: ({ storage }) => ({
      storage: {
        async get(address, options) {
          if (!(await storage.has(address))) throw new Error("404");
          return storage.get(address, options);
        },
      },
    }),
  },
  {
    fault: "names no operation in its errors",
    caughtBy: ["CAS-GET-01"],
    broken: () => ({
      storage: {
        async get(address) {
          throw new NotFoundError(`There is no ${address}.`, { operation: "" });
        },
      },
    }),
  },
  {
    fault: "looks contents up by the first half of their address",
    caughtBy: ["CAS-GET-02"],
    broken: (_sound, { contents }) => ({
      storage: {
        async get(address) {
          for (const [text, content] of contents)
            if (text.startsWith(String(address).slice(0, 30))) return content;
          throw new NotFoundError("There is none.", { operation: "storage.get" });
        },
      },
    }),
  },
  {
    fault: "ignores maxBytes",
    caughtBy: ["CAS-GET-03"],
    broken: ({ storage }) => ({
      storage: { get: (address, { signal } = {}) => storage.get(address, signal ? { signal } : {}) },
    }),
  },
  {
    fault: "refuses a content of exactly maxBytes",
    caughtBy: ["CAS-GET-04"],
    broken: ({ storage }) => ({
      storage: {
        get: (address, { maxBytes = Number.POSITIVE_INFINITY } = {}) =>
          storage.get(address, { maxBytes: maxBytes - 1 }),
      },
    }),
  },
  {
    fault: "looks at the digest alone",
    caughtBy: ["CAS-GET-05", "CAS-HAS-02", "CAS-DELETE-04"],
    broken: ({ storage }, { contents }) => {
      const find = async ({ digest }: { digest: Uint8Array }): Promise<string> => {
        for (const [text, content] of contents) {
          if ((await rawSha256.digest(content)).join().startsWith(digest.join())) return text;
        }
        return "";
      };
      return {
        storage: {
          get: async (address) => contents.get(await find(address)) ?? storage.get(address),
          has: async (address) => contents.has(await find(address)),
          delete: async (address) => void contents.delete(await find(address)),
        },
      };
    },
  },
  {
    fault: "has everything, by its own account",
    caughtBy: ["CAS-HAS-01"],
    broken: () => ({ storage: { has: async () => true } }),
  },
  {
    fault: "does not delete",
    caughtBy: ["CAS-DELETE-01", "CAS-LIST-02"],
    broken: () => ({ storage: { delete: async () => undefined } }),
  },
  {
    fault: "rejects where there is nothing to delete",
    caughtBy: ["CAS-DELETE-02"],
    broken: ({ storage }) => ({
      storage: {
        async delete(address) {
          await storage.get(address);
          await storage.delete?.(address);
        },
      },
    }),
  },
  {
    fault: "never takes again what was deleted",
    caughtBy: ["CAS-DELETE-03"],
    broken: ({ storage }, { contents }) => {
      const graves = new Set<string>();
      return {
        storage: {
          async put(content, options) {
            const address = await storage.put(content, options);
            if (graves.has(String(address))) contents.delete(String(address));
            return address;
          },
          async delete(address, options) {
            graves.add(String(address));
            await storage.delete?.(address, options);
          },
        },
      };
    },
  },
  {
    fault: "lists everything twice",
    caughtBy: ["CAS-LIST-01"],
    broken: ({ storage }) => ({
      storage: {
        async *list() {
          yield* storage.list?.() ?? [];
          yield* storage.list?.() ?? [];
        },
      },
    }),
  },
  {
    fault: "lists the first ten alone",
    caughtBy: ["CAS-LIST-01"],
    broken: ({ storage }) => ({
      storage: {
        async *list() {
          let left = 10;
          for await (const address of storage.list?.() ?? []) if (left-- > 0) yield address;
        },
      },
    }),
  },
  {
    fault: "never lets go of a list that was left early",
    caughtBy: ["CAS-LIST-03"],
    broken: ({ storage }) => ({
      storage: {
        async *list() {
          try {
            yield* storage.list?.() ?? [];
          } finally {
            await new Promise(() => undefined);
          }
        },
      },
    }),
  },
];
