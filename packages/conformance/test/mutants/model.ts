import { type Address, isRemoteLogError, NotFoundError, type PutOutcome } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

const timesDeleted = perWorld(() => new Map<string, number>());
const timesOpened = perWorld(() => ({ count: 0 }));

/**
 * Adapters whose fault shows only after several operations in a certain order. No other case leads them there: the
 * runs against a model have to find the way.
 */
export const modelMutants: readonly Mutant[] = sequences([
  {
    fault: "ignores a put of what was deleted twice",
    caughtBy: ["CAS-MODEL-01", "CAS-MODEL-02"],
    broken: ({ storage }, world) => {
      const deleted = timesDeleted(world);
      return {
        storage: {
          async delete(address, options) {
            if (world.contents.has(String(address))) {
              deleted.set(String(address), (deleted.get(String(address)) ?? 0) + 1);
            }
            return storage.delete?.(address, options);
          },
          async put(content, options) {
            const address = await storage.put(content, options);
            if ((deleted.get(String(address)) ?? 0) > 1) await storage.delete?.(address, options);
            return address;
          },
          async putMany(contents, options) {
            const outcomes = await storage.putMany!(contents, options);
            for (const address of storedBy(outcomes))
              if ((deleted.get(String(address)) ?? 0) > 1) await storage.delete?.(address, options);
            return outcomes;
          },
        },
      };
    },
  },
  {
    fault: "shows what was deleted after something else again after it was opened anew",
    caughtBy: ["CAS-MODEL-02"],
    broken: ({ storage }, { contents }) => {
      const hidden = new Set<string>();
      let deletions = 0;
      return {
        storage: {
          async delete(address, options) {
            const isThere = contents.has(String(address));
            // The service is asked for something that it may do, so that all else is as it should be.
            if (isThere && deletions++ > 0) {
              await storage.has(address, options).catch((error: unknown) => {
                if (isRemoteLogError(error)) (error as { operation: string }).operation = "storage.delete";
                throw error;
              });
              hidden.add(String(address));
            } else await storage.delete?.(address, options);
          },
          put(content, options) {
            return storage.put(content, options).then((address) => {
              hidden.delete(String(address));
              return address;
            });
          },
          async putMany(contents, options) {
            const outcomes = await storage.putMany!(contents, options);
            for (const address of storedBy(outcomes)) hidden.delete(String(address));
            return outcomes;
          },
          async get(address, options) {
            if (!hidden.has(String(address))) return storage.get(address, options);
            throw new NotFoundError("It was deleted.", { operation: "storage.get" });
          },
          has: async (address, options) =>
            !hidden.has(String(address)) && (await storage.has(address, options)),
          async *list(options) {
            for await (const address of storage.list?.(options) ?? []) {
              if (!hidden.has(String(address))) yield address;
            }
          },
        },
      };
    },
  },
  {
    fault: "mixes two names once each has a second revision",
    caughtBy: ["NS-MODEL-01", "NS-MODEL-02"],
    broken: ({ names }, { table }) => ({
      names: {
        async update(name, content, options) {
          const revision = await names.update(name, content, options);
          for (const [other, held] of table.values) {
            if (other === name || revision !== "2" || held.revision !== "2") continue;
            table.values.set(other, { status: "found", content: new Uint8Array(content), revision });
          }
          return revision;
        },
      },
    }),
  },
  {
    fault: "creates a name anew that has a fourth revision",
    caughtBy: ["NS-MODEL-01", "NS-MODEL-02"],
    broken: ({ names }, { table }) => ({
      names: {
        async update(name, content, { expected, ...options }) {
          const held = table.values.get(name)?.revision ?? null;
          const lax = expected === null && Number(held) >= 4;
          return names.update(name, content, { ...options, expected: lax ? held : expected });
        },
      },
    }),
  },
  {
    fault: "takes the last revision but two for the right one after it was opened anew",
    caughtBy: ["NS-MODEL-02"],
    broken: ({ names }, world) => {
      const reopened = ++timesOpened(world).count > 1;
      return {
        names: {
          async update(name, content, { expected, ...options }) {
            const held = world.table.values.get(name)?.revision ?? null;
            const lax = reopened && expected !== null && Number(held) - 2 === Number(expected);
            return names.update(name, content, { ...options, expected: lax ? held : expected });
          },
        },
      };
    },
  },
]);

/** The addresses of what was stored. */
function storedBy(outcomes: readonly PutOutcome[]): Address[] {
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}

/** With the time that many sequences take. */
function sequences(found: readonly Mutant[]): readonly Mutant[] {
  return found.map((mutant) => ({ ...mutant, timeoutMs: 15_000 }));
}

/** Something that every instance over the same data remembers. */
function perWorld<T>(make: () => T): (world: object) => T {
  const memories = new WeakMap<object, T>();
  return (world) => {
    const memory = memories.get(world) ?? make();
    memories.set(world, memory);
    return memory;
  };
}
