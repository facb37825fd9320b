import { UnreachableError } from "@remote-log/core";
import type { Mutant } from "./mutant.ts";

const never = new Promise<never>(() => undefined);

/** Adapters that don't listen to signals, or live on after their end. */
export const lifetimeMutants: readonly Mutant[] = [
  {
    fault: "ignores signals",
    caughtBy: ["CAS-ABORT-01", "CAS-ABORT-02", "CAS-ABORT-03", "CAS-ABORT-13", "NS-ABORT-01"],
    broken: ({ storage, names }) => ({
      storage: {
        put: (content) => storage.put(content),
        get: (address) => storage.get(address),
        has: (address) => storage.has(address),
        delete: async (address) => storage.delete?.(address),
        release: async (address) => storage.release?.(address),
        list: () => storage.list!(),
      },
      names: {
        update: (name, content, { expected }) => names.update(name, content, { expected }),
        resolve: (name) => names.resolve(name),
      },
    }),
  },
  {
    fault: "looks at the signal after the work is done",
    caughtBy: ["CAS-ABORT-01", "NS-ABORT-01"],
    broken: ({ storage, names }) => ({
      storage: {
        async put(content, { signal } = {}) {
          const address = await storage.put(content);
          signal?.throwIfAborted();
          return address;
        },
      },
      names: {
        async update(name, content, { expected, signal }) {
          const revision = await names.update(name, content, { expected });
          signal?.throwIfAborted();
          return revision;
        },
      },
    }),
  },
  {
    fault: "makes an error of its own out of an abort",
    caughtBy: ["CAS-ABORT-04", "CAS-ABORT-05", "NS-ABORT-02", "NS-ABORT-03"],
    broken: ({ storage, names }) => {
      const honest = async <T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> => {
        const value = await work;
        if (signal?.aborted) throw new UnreachableError("It was aborted.", { operation: "storage.put" });
        return value;
      };
      return {
        storage: {
          put: (content, { signal } = {}) => honest(signal, storage.put(content)),
          get: (address, { signal } = {}) => honest(signal, storage.get(address)),
        },
        names: {
          update: (name, content, { expected, signal }) =>
            honest(signal, names.update(name, content, { expected })),
          resolve: (name, { signal } = {}) => honest(signal, names.resolve(name)),
        },
      };
    },
  },
  {
    fault: "leaves half a content behind when a put is aborted",
    caughtBy: ["CAS-ABORT-04"],
    broken: ({ storage }, { contents }) => ({
      storage: {
        async put(content, { signal } = {}) {
          const address = await storage.put(content);
          contents.set(String(address), content.slice(0, content.length / 2));
          signal?.throwIfAborted();
          return storage.put(content);
        },
      },
    }),
  },
  {
    fault: "closes itself at an abort that comes after the operation",
    caughtBy: ["CAS-ABORT-06"],
    broken: ({ storage }) => ({
      storage: {
        put(content, { signal } = {}) {
          signal?.addEventListener("abort", () => void storage.close?.());
          return storage.put(content);
        },
      },
    }),
  },
  {
    fault: "can't be closed twice",
    caughtBy: ["CAS-CLOSE-01", "NS-CLOSE-01"],
    broken: () => {
      const closed = { storage: false, names: false };
      return {
        storage: {
          async close() {
            if (closed.storage) throw new Error("It is closed.");
            closed.storage = true;
          },
        },
        names: {
          async close() {
            if (closed.names) throw new Error("It is closed.");
            closed.names = true;
          },
        },
      };
    },
  },
  {
    fault: "lives on after close",
    caughtBy: ["CAS-CLOSE-02", "CAS-CLOSE-03", "CAS-CLOSE-05", "NS-CLOSE-02", "NS-WATCH-04"],
    broken: () => ({
      storage: { close: async () => undefined },
      names: { close: async () => undefined },
    }),
  },
  {
    fault: "never ends what runs while it is closed",
    caughtBy: ["CAS-CLOSE-04"],
    broken: ({ storage }) => {
      let closed = false;
      return {
        storage: {
          async get(address, options) {
            const content = await storage.get(address, options);
            await Promise.resolve();
            return closed ? never : content;
          },
          async close() {
            closed = true;
          },
        },
      };
    },
  },
  {
    fault: "closes all instances of the process at once",
    caughtBy: ["BOTH-03"],
    broken: ({ storage, names }) => ({
      storage: {
        async close() {
          await storage.close?.();
          await names.close?.();
        },
      },
    }),
  },
  {
    fault: "watches and never wakes up",
    caughtBy: ["NS-WATCH-01", "NS-WATCH-02", "NS-WATCH-05"],
    broken: () => ({
      names: { watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) }) },
    }),
  },
  {
    fault: "wakes up once, and then says that it is over",
    caughtBy: ["NS-WATCH-01"],
    broken: ({ names }) => ({
      names: {
        async *watch(name, options) {
          for await (const _change of names.watch!(name, options)) {
            yield;
            return;
          }
        },
      },
    }),
  },
  {
    fault: "watches without a look at the signal",
    caughtBy: ["NS-WATCH-02", "NS-WATCH-03"],
    broken: ({ names }) => ({ names: { watch: (name) => names.watch!(name) } }),
  },
  {
    fault: "sends its request before it refuses",
    caughtBy: ["CAS-PUT-11", "CAS-GET-05", "CAS-ABORT-01", "NS-CONTENT-02", "NS-ABORT-01"],
    broken: ({ storage, names }) => {
      let requests = 0;
      const counted = <T>(work: () => T): T => {
        requests++;
        return work();
      };
      return {
        requests: () => requests,
        storage: {
          put: (content, options) => counted(() => storage.put(content, options)),
          get: (address, options) => counted(() => storage.get(address, options)),
        },
        names: {
          update: (name, content, options) => counted(() => names.update(name, content, options)),
        },
      };
    },
  },
];
