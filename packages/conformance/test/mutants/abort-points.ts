import { UnreachableError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

/** Adapters that mind where they are interrupted. */
export const abortPointMutants: readonly Mutant[] = [
  {
    fault: "makes an error of its own out of an abort, in every operation",
    caughtBy: [
      ...["CAS-ABORT-07", "CAS-ABORT-08", "CAS-ABORT-09", "CAS-ABORT-10", "CAS-ABORT-11", "CAS-ABORT-14"],
      ...["NS-ABORT-04", "NS-ABORT-05"],
    ],
    broken: ({ storage, names }) => {
      const work = async <T>(signal: AbortSignal | undefined, done: Promise<T>): Promise<T> => {
        const value = await done;
        if (signal?.aborted) throw new UnreachableError("It was aborted.", { operation: "storage.put" });
        return value;
      };
      return {
        storage: {
          put: (content, { signal } = {}) => work(signal, storage.put(content)),
          get: (address, { signal } = {}) => work(signal, storage.get(address)),
          has: (address, { signal } = {}) => work(signal, storage.has(address)),
          delete: (address, { signal } = {}) => work(signal, Promise.resolve(storage.delete?.(address))),
          release: (address, { signal } = {}) => work(signal, Promise.resolve(storage.release?.(address))),
          async *list({ signal } = {}) {
            for await (const address of storage.list?.() ?? [])
              yield await work(signal, Promise.resolve(address));
          },
        },
        names: {
          update: (name, content, { expected, signal }) =>
            work(signal, names.update(name, content, { expected })),
          resolve: (name, { signal } = {}) => work(signal, names.resolve(name)),
        },
      };
    },
  },
  {
    fault: "leaves half a write behind where it is interrupted late",
    caughtBy: ["CAS-ABORT-07", "CAS-ABORT-10", "CAS-ABORT-14", "NS-ABORT-04"],
    broken: ({ storage, names }, { contents, table }) => ({
      storage: {
        async put(content, options = {}) {
          const address = await storage.put(content);
          await later(options.signal, () => contents.set(String(address), content.slice(0, 10)));
          return address;
        },
        async delete(address, options = {}) {
          const before = contents.get(String(address));
          await storage.delete?.(address);
          if (before === undefined) return;
          await later(options.signal, () => contents.set(String(address), before.slice(0, 10)));
        },
        async release(address, options = {}) {
          const before = contents.get(String(address));
          await storage.release?.(address);
          if (before === undefined) return;
          await later(options.signal, () => contents.set(String(address), before.slice(0, 10)));
        },
      },
      names: {
        async update(name, content, { expected, signal }) {
          const revision = await names.update(name, content, { expected });
          await later(signal, () => {
            table.values.set(name, { status: "found", content: content.slice(0, 10), revision });
          });
          return revision;
        },
      },
    }),
  },
  {
    fault: "remembers what an interrupted read had found so far",
    caughtBy: ["CAS-ABORT-08", "CAS-ABORT-09", "CAS-ABORT-11", "NS-ABORT-05"],
    broken: ({ storage, names }) => {
      let interrupted = false;
      const note = (): void => {
        interrupted = true;
      };
      return {
        storage: {
          async get(address, options = {}) {
            const content = await storage.get(address);
            await later(options.signal, note);
            return interrupted ? content.subarray(0, 10) : content;
          },
          async has(address, options = {}) {
            const there = await storage.has(address);
            await later(options.signal, note);
            return there && !interrupted;
          },
          async *list(options = {}) {
            for await (const address of storage.list?.() ?? []) {
              await later(options.signal, note);
              if (!interrupted) yield address;
            }
          },
        },
        names: {
          async resolve(name, options = {}) {
            const resolution = await names.resolve(name);
            await later(options.signal, note);
            return interrupted ? { status: "absent" } : resolution;
          },
        },
      };
    },
  },
];

/** Waits for a turn of the event loop; where the signal fires meanwhile, does something before it says so. */
async function later(signal: AbortSignal | undefined, whenAborted: () => void): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 1);
  });
  if (signal?.aborted) whenAborted();
  signal?.throwIfAborted();
}
