import {
  DeniedError,
  NotFoundError,
  QuotaExhaustedError,
  RemoteLogError,
  type Resolution,
  UnreachableError,
} from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { changed } from "./service.ts";
import { everywhere, otherwise } from "./wrap.ts";

/** Adapters that say something else than what happened. */
const misunderstandings: readonly Mutant[] = [
  {
    fault: "takes a service that does not answer for an empty one",
    caughtBy: [
      ...["CAS-FAULT-01", "CAS-FAULT-02", "CAS-FAULT-03", "CAS-FAULT-04", "CAS-FAULT-05", "CAS-FAULT-06"],
      ...["CAS-FAULT-38", "CAS-FAULT-39", "CAS-FAULT-25", "NS-FAULT-01", "NS-FAULT-02", "NS-FAULT-15"],
    ],
    broken: ({ storage, names }) => ({
      storage: {
        get: (address, options) =>
          otherwise(storage.get(address, options), UnreachableError, () => {
            throw new NotFoundError("There is none.", { operation: "storage.get" });
          }),
        has: (address, options) => otherwise(storage.has(address, options), UnreachableError, () => false),
        delete: (address, options) =>
          otherwise(Promise.resolve(storage.delete?.(address, options)), UnreachableError, () => undefined),
        release: (address, options) =>
          otherwise(Promise.resolve(storage.release?.(address, options)), UnreachableError, () => undefined),
        async *list(options) {
          try {
            yield* storage.list?.(options) ?? [];
          } catch (error) {
            if (!(error instanceof UnreachableError)) throw error;
          }
        },
      },
      names: {
        resolve: (name, options) =>
          otherwise(names.resolve(name, options), UnreachableError, (): Resolution => ({ status: "absent" })),
      },
    }),
  },
  {
    fault: "takes every no for a failure that passes",
    caughtBy: [
      ...["CAS-FAULT-07", "CAS-FAULT-08", "CAS-FAULT-09", "CAS-FAULT-10", "CAS-FAULT-40"],
      ...["NS-FAULT-03", "NS-FAULT-04"],
    ],
    broken: everywhere(async (work) => {
      const passes = (cause: unknown): never => {
        throw new UnreachableError("It did not work.", { operation: "storage.put", cause });
      };
      return otherwise(otherwise(work(), DeniedError, passes), QuotaExhaustedError, passes);
    }),
  },
  {
    fault: "asks again where it was denied",
    caughtBy: ["CAS-FAULT-11", "NS-FAULT-05"],
    broken: everywhere((work) => otherwise(work(), DeniedError, work)),
  },
  {
    fault: "takes damage for absence",
    caughtBy: [
      ...["CAS-FAULT-18", "CAS-FAULT-19", "CAS-FAULT-20", "CAS-FAULT-22"],
      ...["NS-FAULT-08", "NS-FAULT-09", "NS-FAULT-10"],
    ],
    broken: ({ storage, names }, { table }) => ({
      storage: {
        get: (address, options) =>
          otherwise(storage.get(address, options), RemoteLogError, () => {
            throw new NotFoundError("There is none.", { operation: "storage.get" });
          }),
      },
      names: {
        async resolve(name, options) {
          const resolution = await names.resolve(name, options);
          const held = table.values.get(name)?.content.join();
          const whole = resolution.status !== "found" || resolution.content.join() === held;
          return whole ? resolution : { status: "absent" };
        },
      },
    }),
  },
  {
    fault: "gives what comes, however much it is",
    caughtBy: ["CAS-FAULT-21", "CAS-FAULT-22", "NS-FAULT-11"],
    broken: ({ storage, names, service }, { contents }) => ({
      storage: {
        get: (address) =>
          service.ask({
            operation: "storage.get",
            signal: undefined,
            closed: new AbortController().signal,
            work: async () => contents.get(String(address)) ?? storage.get(address),
            change: changed,
          }),
      },
      names: { resolve: (name) => names.resolve(name) },
    }),
  },
];

/** Adapters that wait for ever. */
const waits: readonly Mutant[] = [
  {
    fault: "looks at its signal before a request, and not while it waits",
    timeoutMs: 200,
    caughtBy: [
      ...["CAS-FAULT-12", "CAS-FAULT-13", "CAS-FAULT-14", "CAS-FAULT-15", "CAS-FAULT-41"],
      ...["NS-FAULT-06", "NS-FAULT-07"],
    ],
    broken: ({ storage, names }) => ({
      storage: {
        put: (content) => storage.put(content),
        get: (address) => storage.get(address),
        has: (address) => storage.has(address),
        delete: async (address) => storage.delete?.(address),
        release: async (address) => storage.release?.(address),
        list: () => storage.list?.() ?? [],
      },
      names: {
        update: (name, content, { expected }) => names.update(name, content, { expected }),
        resolve: (name) => names.resolve(name),
      },
    }),
  },
  {
    fault: "ends with an error of its own where its signal fires while it waits",
    caughtBy: ["CAS-FAULT-12", "CAS-FAULT-15", "NS-FAULT-06", "NS-FAULT-07"],
    broken: everywhere((work) =>
      otherwise(work(), Error, (cause) => {
        throw new UnreachableError("It did not work.", { operation: "storage.get", cause });
      }),
    ),
  },
  {
    fault: "reads an answer to its end before it looks at maxBytes",
    timeoutMs: 200,
    caughtBy: ["CAS-FAULT-16"],
    broken: ({ storage }) => ({
      storage: {
        async get(address, { signal } = {}) {
          return storage.get(address, signal ? { signal } : {});
        },
      },
    }),
  },
  {
    fault:
      "gives a connection back only once its service has answered, and waits for all of them when it is closed",
    timeoutMs: 200,
    caughtBy: ["CAS-FAULT-30", "NS-FAULT-27"],
    broken: ({ storage, names }) => {
      const silence = new Promise<never>(() => undefined);
      /** Ends with the caller's signal; what it has begun keeps the connection. */
      const pool = () => {
        const taken = new Set<Promise<unknown>>();
        return {
          taken,
          run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
            const query = work();
            return new Promise<T>((resolve, reject) => {
              signal?.throwIfAborted();
              signal?.addEventListener(
                "abort",
                () => {
                  // Abandoned, and not ended: close can't end it either.
                  taken.add(silence);
                  reject(signal.reason);
                },
                { once: true },
              );
              query.then(resolve, reject);
            });
          },
        };
      };
      const [contents, heads] = [pool(), pool()];
      return {
        storage: {
          get: (address, { signal, ...options } = {}) =>
            contents.run(signal, () => storage.get(address, options)),
          async close() {
            await storage.close?.();
            await Promise.all(contents.taken);
          },
        },
        names: {
          resolve: (name, { signal, ...options } = {}) =>
            heads.run(signal, () => names.resolve(name, options)),
          async close() {
            await names.close?.();
            await Promise.all(heads.taken);
          },
        },
      };
    },
  },
  {
    fault: "waits for its last answers when it is closed",
    timeoutMs: 200,
    caughtBy: ["CAS-FAULT-17", "NS-FAULT-12"],
    broken: ({ storage, names }) => {
      const running = new Set<Promise<unknown>>();
      const track = <T>(work: Promise<T>): Promise<T> => {
        running.add(work);
        void work.catch(() => undefined).then(() => running.delete(work));
        return work;
      };
      return {
        storage: {
          get: (address, options) => track(storage.get(address, options)),
          async close() {
            await Promise.allSettled(running);
            await storage.close?.();
          },
        },
        names: {
          resolve: (name, options) => track(names.resolve(name, options)),
          async close() {
            await Promise.allSettled(running);
            await names.close?.();
          },
        },
      };
    },
  },
];

/** Adapters that go away quietly. */
const quitters: readonly Mutant[] = [
  {
    fault: "ends a watch without a word where its service can't be reached",
    caughtBy: ["NS-FAULT-18"],
    broken: ({ names }, { table }) => ({
      names: {
        async *watch(name) {
          let seen = table.values.get(name);
          for (;;) {
            await new Promise<void>((resolve) => {
              setTimeout(resolve, 1);
            });
            const looked = await names.resolve(name).catch(() => undefined);
            if (looked === undefined) return;
            const held = table.values.get(name);
            if (held !== seen) yield;
            seen = held;
          }
        },
      },
    }),
  },
];

/** Adapters that do not bear it when their service fails. */
export const faultMutants: readonly Mutant[] = [...misunderstandings, ...waits, ...quitters];
