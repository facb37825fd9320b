import { type Address, NotFoundError, UnreachableError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { otherwise } from "./wrap.ts";

/** Adapters that go by what they remember, where another instance has changed it; or that undo what others did. */
export const rememberingMutants: readonly Mutant[] = [
  {
    fault: "remembers that a content was not there",
    caughtBy: ["CAS-GET-06"],
    broken: ({ storage }) => {
      const missed = new Set<string>();
      return {
        storage: {
          async get(address, options) {
            if (missed.has(String(address))) {
              throw new NotFoundError("It was not there.", { operation: "storage.get" });
            }
            return otherwise(storage.get(address, options), NotFoundError, (error) => {
              missed.add(String(address));
              throw error;
            });
          },
          async put(content, options) {
            const address = await storage.put(content, options);
            missed.delete(String(address));
            return address;
          },
        },
      };
    },
  },
  {
    fault: "says that it has what it put itself",
    caughtBy: ["CAS-DELETE-05"],
    broken: ({ storage }) => {
      const put = new Set<string>();
      return {
        storage: {
          async put(content, options) {
            const address = await storage.put(content, options);
            put.add(String(address));
            return address;
          },
          async delete(address, options) {
            await storage.delete?.(address, options);
            put.delete(String(address));
          },
          has: async (address, options) => (await storage.has(address, options)) || put.has(String(address)),
        },
      };
    },
  },
  {
    fault: "does not put again what it put itself",
    caughtBy: ["CAS-DELETE-05", "CAS-RELEASE-07"],
    broken: ({ storage }) => {
      const put = new Map<string, Address>();
      return {
        storage: {
          async put(content, options) {
            const key = content.join();
            const address = put.get(key) ?? (await storage.put(content, options));
            put.set(key, address);
            return address;
          },
        },
      };
    },
  },
  {
    fault: "remembers that a name was absent",
    caughtBy: ["NS-RESOLVE-11"],
    broken: ({ names }) => {
      const absent = new Set<string>();
      return {
        names: {
          async resolve(name, options) {
            if (absent.has(name)) return { status: "absent" };
            const resolution = await names.resolve(name, options);
            if (resolution.status === "absent") absent.add(name);
            return resolution;
          },
          update(name, content, options) {
            absent.delete(name);
            return names.update(name, content, options);
          },
        },
      };
    },
  },
  {
    fault: "tries an update again on whatever the name holds by then",
    caughtBy: ["NS-FAULT-19", "NS-FAULT-20"],
    timeoutMs: 3_000,
    broken: ({ names }) => ({
      names: {
        update: (name, content, options) =>
          otherwise(names.update(name, content, options), UnreachableError, async (error) => {
            for (let attempt = 0; attempt < 20; attempt++) {
              await moment(10);
              const held = await names.resolve(name).catch(() => undefined);
              if (held === undefined) continue;
              const expected = held.status === "found" ? held.revision : null;
              return names.update(name, content, { ...options, expected });
            }
            throw error;
          }),
      },
    }),
  },
  {
    fault: "watches its own updates alone",
    caughtBy: ["NS-WATCH-07"],
    broken: ({ names }) => {
      let changes = 0;
      return {
        names: {
          async update(name, content, options) {
            const revision = await names.update(name, content, options);
            changes++;
            return revision;
          },
          async *watch(_name, options) {
            for (let seen = changes; ; seen = changes) {
              while (seen === changes) {
                options?.signal?.throwIfAborted();
                await moment(5);
              }
              yield;
            }
          },
        },
      };
    },
  },
  {
    fault: "watches only while somebody waits",
    caughtBy: ["NS-WATCH-06"],
    broken: ({ names }) => ({
      names: {
        watch: (name, options) => ({
          [Symbol.asyncIterator]: () => ({
            next: () => names.watch!(name, options)[Symbol.asyncIterator]().next(),
            return: async () => ({ done: true, value: undefined }),
          }),
        }),
      },
    }),
  },
];

function moment(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
