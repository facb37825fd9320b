import {
  DeniedError,
  NameConflictError,
  RemoteLogError,
  TooLargeError,
  UnreachableError,
} from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { everywhere, otherwise } from "./wrap.ts";

const open = new AbortController().signal;

/** Storages whose service lists 1,000 contents at a time. */
const listing: readonly Mutant[] = [
  {
    fault: "lists the first page alone",
    caughtBy: ["CAS-LIST-04"],
    broken: ({ storage }) => ({
      storage: {
        async *list(options) {
          let count = 0;
          for await (const address of storage.list!(options)) if (count++ < 1000) yield address;
        },
      },
    }),
  },
  {
    fault: "begins each page with the end of the one before",
    caughtBy: ["CAS-LIST-04"],
    broken: ({ storage }) => ({
      storage: {
        async *list(options) {
          let count = 0;
          for await (const address of storage.list!(options)) {
            yield address;
            if (++count % 1000 === 0) yield address;
          }
        },
      },
    }),
  },
  {
    fault: "ends a list where a page does not come",
    caughtBy: ["CAS-LIST-04"],
    broken: ({ storage, service }) => ({
      storage: {
        async *list(options) {
          const work = async (): Promise<boolean> => true;
          const nextPage = (): Promise<boolean> =>
            service.ask({ operation: "storage.list", signal: options?.signal, closed: open, work });
          let count = 0;
          for await (const address of storage.list!(options)) {
            if (++count % 1000 === 0 && !(await nextPage().catch(() => false))) return;
            yield address;
          }
        },
      },
    }),
  },
  {
    fault: "asks for a list, or for the end of a content, before it looks at the signal",
    caughtBy: ["CAS-ABORT-02", "CAS-ABORT-03", "CAS-ABORT-13"],
    broken: ({ storage, service }) => ({
      storage: {
        async delete(address, options) {
          if (options?.signal?.aborted) service.requests++;
          return storage.delete?.(address, options);
        },
        async release(address, options) {
          if (options?.signal?.aborted) service.requests++;
          return storage.release?.(address, options);
        },
        async *list(options) {
          if (options?.signal?.aborted) service.requests++;
          yield* storage.list!(options);
        },
      },
    }),
  },
  {
    fault: "leaves a list waiting when it is closed",
    caughtBy: ["CAS-FAULT-17"],
    broken: ({ storage, service }) => ({
      storage: {
        async *list(options) {
          const work = async (): Promise<void> => undefined;
          await service.ask({ operation: "storage.list", signal: options?.signal, closed: open, work });
          yield* storage.list!(options);
        },
      },
    }),
  },
];

/** Resolvers that read what they are given, or what came, only in part. */
const reading: readonly Mutant[] = [
  {
    fault: "takes a revision for another one that begins with it",
    caughtBy: ["NS-RESOLVE-06", "NS-UPDATE-04"],
    broken: ({ names }, { table }) => ({
      names: {
        async resolve(name, options) {
          const { known, ...rest } = options ?? {};
          const held = await names.resolve(name, rest);
          if (known === undefined || held.status !== "found" || !held.revision.startsWith(known)) return held;
          return { status: "unchanged", revision: known };
        },
        update(name, content, { expected, ...options }) {
          const held = table.values.get(name)?.revision;
          const begins = expected !== null && held?.startsWith(expected) === true;
          return names.update(name, content, { ...options, expected: begins ? held : expected });
        },
      },
    }),
  },
  {
    fault: "forgets maxBytes where a revision is known",
    caughtBy: ["NS-RESOLVE-07"],
    broken: ({ names }) => ({
      names: {
        resolve(name, options = {}) {
          const { maxBytes: _forgotten, ...rest } = options;
          return names.resolve(name, options.known === undefined ? options : rest);
        },
      },
    }),
  },
  {
    fault: "reads to the end before it looks at maxBytes",
    caughtBy: ["NS-FAULT-23", "NS-FAULT-26"],
    broken: ({ names }) => ({
      names: {
        async resolve(name, options = {}) {
          const { maxBytes: limit = Number.POSITIVE_INFINITY, ...rest } = options;
          const held = await names.resolve(name, rest);
          if (held.status !== "found" || held.content.length <= limit) return held;
          throw new TooLargeError("It is too long.", { operation: "names.resolve", limit });
        },
      },
    }),
  },
  {
    fault: "refuses a name's content of just its limit",
    caughtBy: ["NS-CONTENT-06"],
    broken: ({ names }) => ({
      names: {
        async update(name, content, options) {
          const { largestContent: limit } = names.capabilities;
          if (content.length >= limit)
            throw new TooLargeError("Too long.", { operation: "names.update", limit });
          return names.update(name, content, options);
        },
      },
    }),
  },
  {
    fault: "looks at a watched name without its signal",
    caughtBy: ["NS-FAULT-22"],
    timeoutMs: 3_000,
    broken: ({ names, service }) => ({
      names: {
        async *watch(name, options) {
          const work = async (): Promise<void> => undefined;
          await service.ask({ operation: "names.watch", signal: undefined, closed: open, work });
          yield* names.watch!(name, options);
        },
      },
    }),
  },
];

/** Adapters whose errors, or what they declare, mislead. */
const misleading: readonly Mutant[] = [
  verdict("says that what was unreachable stays so", UnreachableError, "never"),
  verdict("says that what was denied may pass", DeniedError, "safe"),
  {
    fault: "rejects with nothing",
    caughtBy: ["CAS-PUT-11", "CAS-GET-01", "NS-UPDATE-03"],
    broken: everywhere((work) =>
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is what is wrong with it
      otherwise(work(), RemoteLogError, () => Promise.reject(undefined)),
    ),
  },
  {
    fault: "declares less once it was refused",
    caughtBy: ["CAS-DECL-04", "NS-DECL-03"],
    timeoutMs: 3_000,
    broken: ({ storage, names }) => {
      const [ofStorage, ofNames] = [{ ...storage.capabilities }, { ...names.capabilities }];
      return {
        storage: {
          capabilities: ofStorage,
          put: (content, options) =>
            otherwise(storage.put(content, options), DeniedError, (error) => {
              Object.assign(ofStorage, { readYourWrites: false });
              throw error;
            }),
        },
        names: {
          capabilities: ofNames,
          update: (name, content, options) =>
            otherwise(names.update(name, content, options), NameConflictError, (error) => {
              Object.assign(ofNames, { compareAndSet: "none" });
              throw error;
            }),
        },
      };
    },
  },
  {
    fault: "leaves a listener on every signal",
    caughtBy: ["CAS-ABORT-12", "NS-ABORT-06"],
    broken: ({ storage, names }) => {
      const listen = (signal?: AbortSignal): void => signal?.addEventListener("abort", () => undefined);
      return {
        storage: {
          get(address, options) {
            listen(options?.signal);
            return storage.get(address, options);
          },
        },
        names: {
          resolve(name, options) {
            listen(options?.signal);
            return names.resolve(name, options);
          },
        },
      };
    },
  },
];

function verdict(
  fault: string,
  kind: typeof DeniedError | typeof UnreachableError,
  retry: "never" | "safe",
): Mutant {
  return {
    fault,
    caughtBy: ["CAS-FAULT-29", "NS-FAULT-21"],
    broken: everywhere((work) =>
      otherwise(work(), kind, (cause) => {
        throw new kind("It did not work.", { operation: "storage.get", retry, cause });
      }),
    ),
  };
}

/** Adapters that misread answers, or give misleading ones. */
export const answerMutants: readonly Mutant[] = [
  ...listing.map((mutant) => ({ ...mutant, timeoutMs: 4_000 })),
  ...reading,
  ...misleading,
];
