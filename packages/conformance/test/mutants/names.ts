import { NameConflictError } from "@remote-log/core";
import { memoryNames, type NameTable } from "@remote-log/memory";
import type { Mutant } from "./mutant.ts";

/** Resolvers that answer or update wrongly. */
export const nameMutants: readonly Mutant[] = [
  {
    fault: "gives an empty content for a name that was never set",
    caughtBy: ["NS-RESOLVE-01"],
    broken: ({ names }) => ({
      names: {
        async resolve(name, options) {
          const resolution = await names.resolve(name, options);
          if (resolution.status !== "absent") return resolution;
          return { status: "found", content: new Uint8Array(0), revision: "0" };
        },
      },
    }),
  },
  {
    fault: "takes an empty content for absence",
    caughtBy: ["NS-RESOLVE-03"],
    broken: ({ names }) => ({
      names: {
        async resolve(name, options) {
          const resolution = await names.resolve(name, options);
          return resolution.status === "found" && resolution.content.length === 0
            ? { status: "absent" }
            : resolution;
        },
      },
    }),
  },
  {
    fault: "gives another revision than it shows",
    caughtBy: ["NS-RESOLVE-02", "NS-UPDATE-01"],
    broken: ({ names }) => ({
      names: { update: async (...args) => `${await names.update(...args)}-weak` },
    }),
  },
  {
    fault: "says absent to whoever knows the revision",
    caughtBy: ["NS-RESOLVE-04", "NS-RESOLVE-05"],
    broken: ({ names }) => ({
      names: {
        async resolve(name, options) {
          const resolution = await names.resolve(name, options);
          return resolution.status === "unchanged" ? { status: "absent" } : resolution;
        },
      },
    }),
  },
  {
    fault: "ignores a known revision",
    caughtBy: ["NS-RESOLVE-05"],
    broken: ({ names }) => ({ names: { resolve: (name) => names.resolve(name) } }),
  },
  {
    fault: "says unchanged to whoever knows any revision",
    caughtBy: ["NS-RESOLVE-01", "NS-RESOLVE-06"],
    broken: ({ names }) => ({
      names: {
        resolve: async (name, options) =>
          options?.known === undefined
            ? names.resolve(name, options)
            : { status: "unchanged", revision: options.known },
      },
    }),
  },
  {
    fault: "ignores maxBytes",
    caughtBy: ["NS-RESOLVE-07"],
    broken: ({ names }) => ({ names: { resolve: (name) => names.resolve(name) } }),
  },
  {
    fault: "keeps names in the instance alone",
    caughtBy: ["NS-RESOLVE-08", "NS-RESOLVE-09", "NS-UPDATE-08", "BOTH-01"],
    broken: () => ({ names: memoryNames() }),
  },
  {
    fault: "resolves what it cached before",
    caughtBy: ["NS-RESOLVE-06", "NS-RESOLVE-08", "NS-RESOLVE-10", "NS-UPDATE-07"],
    broken: ({ names }) => {
      const cache = new Map<string, Awaited<ReturnType<typeof names.resolve>>>();
      return {
        names: {
          async resolve(name, options) {
            const resolution = cache.get(name) ?? (await names.resolve(name, options));
            if (resolution.status === "found") cache.set(name, resolution);
            return resolution;
          },
          async update(name, content, options) {
            const revision = await names.update(name, content, options);
            if (!cache.has(name)) cache.set(name, { status: "found", content, revision });
            return revision;
          },
        },
      };
    },
  },
  {
    fault: "cuts contents at 4,096 bytes",
    caughtBy: ["NS-CONTENT-01"],
    broken: ({ names }) => ({
      names: { update: (name, content, options) => names.update(name, content.subarray(0, 4096), options) },
    }),
  },
  {
    fault: "sets what is over its limit",
    caughtBy: ["NS-CONTENT-02"],
    broken: (_sound, { table }) => ({
      names: { update: (...args) => memoryNames({ table }).update(...args) },
    }),
  },
  {
    fault: "keeps one content for all names",
    caughtBy: ["NS-CONTENT-05"],
    broken: ({ names }) => ({
      names: {
        update: (_name, content, options) => names.update("it", content, options),
        resolve: (_name, options) => names.resolve("it", options),
      },
    }),
  },
  {
    fault: "lets every update win",
    caughtBy: [
      "NS-UPDATE-03",
      "NS-UPDATE-04",
      "NS-UPDATE-05",
      "NS-UPDATE-06",
      "NS-UPDATE-07",
      "NS-UPDATE-08",
      "NS-UPDATE-09",
    ],
    broken: ({ names }, { table }) => ({
      names: {
        update: (name, content) => names.update(name, content, { expected: revisionOf(table, name) }),
      },
    }),
  },
  {
    fault: "compares, waits, and only then sets",
    caughtBy: ["NS-UPDATE-06", "NS-UPDATE-07", "NS-UPDATE-08", "NS-UPDATE-09", "NS-UPDATE-10"],
    broken: ({ names }, { table }) => ({
      names: {
        async update(name, content, { expected }) {
          if (revisionOf(table, name) !== expected) throw conflict();
          await Promise.resolve();
          return names.update(name, content, { expected: revisionOf(table, name) });
        },
      },
    }),
  },
  {
    fault: "locks against itself, and not against other instances",
    caughtBy: ["NS-UPDATE-08", "NS-UPDATE-10"],
    broken: ({ names }, { table }) => {
      let queue: Promise<unknown> = Promise.resolve();
      return {
        names: {
          async update(name, content, { expected }) {
            const work = queue.then(async () => {
              if (revisionOf(table, name) !== expected) throw conflict();
              await Promise.resolve();
              return names.update(name, content, { expected: revisionOf(table, name) });
            });
            queue = work.catch(() => undefined);
            return work;
          },
        },
      };
    },
  },
  {
    fault: "can create and not update",
    caughtBy: ["NS-UPDATE-01", "NS-UPDATE-02"],
    broken: ({ names }) => ({
      names: {
        update: (name, content, options) => names.update(name, content, { ...options, expected: null }),
      },
    }),
  },
  {
    fault: "tells of an update before it is refused",
    caughtBy: ["NS-RESOLVE-10"],
    broken: ({ names }, { table }) => ({
      names: {
        async update(name, content, options) {
          const before = table.values.get(name);
          if (before) table.values.set(name, { ...before, content: new Uint8Array(before.content.length) });
          await new Promise<void>((resolve) => {
            setTimeout(resolve, 1);
          });
          return names.update(name, content, options);
        },
      },
    }),
  },
  {
    fault: "takes the revision from the content",
    caughtBy: ["NS-UPDATE-12"],
    broken: ({ names }, { table }) => ({
      names: {
        async update(name, content, options) {
          const held = table.values.get(name);
          if (held) table.values.set(name, { ...held, revision: "0" });
          if ((held?.revision ?? null) !== options.expected) throw conflict();
          await names.update(name, content, { ...options, expected: held ? "0" : null });
          const revision = content.join();
          table.values.set(name, { status: "found", content: new Uint8Array(content), revision });
          return revision;
        },
      },
    }),
  },
  {
    fault: "takes an update to an earlier content for a repetition of the first",
    caughtBy: ["NS-UPDATE-11"],
    broken: ({ names }) => {
      const revisions = new Map<string, string>();
      return {
        names: {
          async update(name, content, options) {
            const key = `${name}/${content.join()}`;
            const revision = revisions.get(key) ?? (await names.update(name, content, options));
            revisions.set(key, revision);
            return revision;
          },
        },
      };
    },
  },
  {
    fault: "keeps names among the contents",
    caughtBy: ["BOTH-02"],
    broken: ({ names }, { contents }) => ({
      names: {
        update(name, content, options) {
          contents.set(name, new Uint8Array(content));
          return names.update(name, content, options);
        },
      },
    }),
  },
];

function revisionOf(table: NameTable, name: string): string | null {
  return table.values.get(name)?.revision ?? null;
}

function conflict(): NameConflictError {
  return new NameConflictError("It changed.", { operation: "names.update" });
}
