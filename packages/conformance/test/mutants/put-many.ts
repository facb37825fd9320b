import {
  type Address,
  addressOf,
  ClosedError,
  DeniedError,
  type OperationOptions,
  type PutOutcome,
  UnreachableError,
} from "@remote-log/core";
import type { Mutant } from "./mutant.ts";
import { otherwise } from "./wrap.ts";

type Storage = Parameters<Mutant["broken"]>[0]["storage"];
type Sound = Parameters<Mutant["broken"]>[0];
type World = Parameters<Mutant["broken"]>[1];

/** A storage that takes several contents at once in another way. */
function puts(
  putMany: (
    sound: Sound,
    contents: readonly Uint8Array[],
    options: OperationOptions,
    world: World,
  ) => Promise<readonly PutOutcome[]>,
): Mutant["broken"] {
  return (sound, world) => ({
    storage: { putMany: (contents, options = {}) => putMany(sound, contents, options, world) },
  });
}

/** What it says of contents that it stored. */
async function storedAll({ capabilities }: Storage, contents: readonly Uint8Array[]): Promise<PutOutcome[]> {
  const type = capabilities.hashTypes[0]!;
  return Promise.allSettled(contents.map((content) => addressOf(new Uint8Array(content), type)));
}

function addressesIn(outcomes: readonly PutOutcome[]): Address[] {
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}

/** Storages that put several contents at once otherwise than they say. */
export const putManyMutants: readonly Mutant[] = [
  {
    fault: "declares several contents at once, and has no method for it",
    caughtBy: ["CAS-DECL-07"],
    broken: () => ({ storage: { putMany: undefined as never } }),
  },
  {
    fault: "tells of several contents in another order",
    caughtBy: ["CAS-MANY-01", "CAS-MANY-05", "CAS-MANY-08"],
    broken: puts(async ({ storage }, contents, options) => {
      const outcomes = await storage.putMany!(contents, options);
      return [...outcomes].reverse();
    }),
  },
  {
    fault: "tells of equal contents once",
    caughtBy: ["CAS-MANY-05"],
    broken: puts(async ({ storage }, contents, options) => {
      const outcomes = await storage.putMany!(contents, options);
      const texts = addressesIn(outcomes).map(String);
      return outcomes.filter((_, i) => texts.indexOf(texts[i]!) === i);
    }),
  },
  {
    fault: "stores the first of several contents alone",
    caughtBy: ["CAS-MANY-01", "CAS-MANY-02", "CAS-MANY-06", "CAS-MANY-08", "CAS-MANY-09"],
    broken: puts(async ({ storage }, contents, options) => {
      await storage.putMany!(contents.slice(0, 1), options);
      return storedAll(storage, contents);
    }),
  },
  {
    fault: "takes one content less at once than it declares",
    caughtBy: ["CAS-MANY-02"],
    broken: puts(async ({ storage }, contents, options) => {
      if (contents.length < storage.capabilities.putMany!.contents)
        return storage.putMany!(contents, options);
      throw new UnreachableError("It is too long.", { operation: "storage.putMany" });
    }),
  },
  {
    fault: "sends more at once than it declares, in two calls",
    caughtBy: ["CAS-MANY-03"],
    broken: puts(async ({ storage }, contents, options) => {
      const half = Math.ceil(contents.length / 2);
      const first = await storage.putMany!(contents.slice(0, half), options);
      return [...first, ...(await storage.putMany!(contents.slice(half), options))];
    }),
  },
  {
    fault: "asks its service before it counts contents and bytes",
    caughtBy: ["CAS-MANY-03", "CAS-MANY-04", "CAS-MANY-11"],
    broken: puts(({ storage, service }, contents, options) => {
      service.requests++;
      return storage.putMany!(contents, options);
    }),
  },
  {
    fault: "rejects of several contents those that are there already",
    caughtBy: ["CAS-MANY-05"],
    broken: puts(async ({ storage }, contents, options, world) => {
      const held = new Set(world.contents.keys());
      const outcomes = await storage.putMany!(contents, options);
      const reason = new UnreachableError("It is there.", { operation: "storage.putMany" });
      return outcomes.map((outcome) =>
        outcome.status === "fulfilled" && held.has(String(outcome.value))
          ? { status: "rejected", reason }
          : outcome,
      );
    }),
  },
  {
    fault: "keeps the caller's buffers of several contents",
    caughtBy: ["CAS-MANY-06"],
    broken: puts(async ({ storage }, contents, options, world) => {
      const outcomes = await storage.putMany!(contents, options);
      for (const [i, address] of addressesIn(outcomes).entries())
        world.contents.set(String(address), contents[i]!);
      return outcomes;
    }),
  },
  {
    fault: "reads the caller's buffers of several contents again when it sends them",
    caughtBy: ["CAS-MANY-07"],
    broken: puts(async ({ storage }, contents, options, world) => {
      const outcomes = await storage.putMany!(contents, options);
      for (const [i, address] of addressesIn(outcomes).entries())
        world.contents.set(String(address), new Uint8Array(contents[i]!));
      return outcomes;
    }),
  },
  {
    fault: "mixes several contents with those of another call",
    caughtBy: ["CAS-MANY-08"],
    broken: ({ storage }) => {
      let sending: readonly Uint8Array[] = [];
      return {
        storage: {
          async putMany(contents, options) {
            sending = contents;
            await Promise.resolve();
            return storage.putMany!(sending, options);
          },
        },
      };
    },
  },
  {
    fault: "keeps several contents to itself",
    caughtBy: ["CAS-MANY-09"],
    broken: ({ storage }) => {
      const own = new Map<string, Uint8Array>();
      return {
        storage: {
          async putMany(contents) {
            const outcomes = await storedAll(storage, contents);
            for (const [i, address] of addressesIn(outcomes).entries())
              own.set(String(address), new Uint8Array(contents[i]!));
            return outcomes;
          },
          get: async (address, options) => own.get(String(address)) ?? storage.get(address, options),
          has: async (address, options) => own.has(String(address)) || storage.has(address, options),
        },
      };
    },
  },
  {
    fault: "does not keep several contents from being tidied up",
    caughtBy: ["CAS-MANY-10"],
    broken: puts(async ({ storage }, contents, options, { released }) => {
      const outcomes = await storage.putMany!(contents, options);
      for (const address of addressesIn(outcomes)) released.add(String(address));
      return outcomes;
    }),
  },
  {
    fault: "gives several contents no signal",
    timeoutMs: 200,
    caughtBy: ["CAS-MANY-11", "CAS-MANY-16"],
    broken: puts(({ storage }, contents) => storage.putMany!(contents)),
  },
  {
    fault: "waits for a silent service with several contents, also when it is closed",
    timeoutMs: 200,
    caughtBy: ["CAS-FAULT-17"],
    broken: puts(({ storage, service }, contents, options) => {
      if (service.fault !== "silent") return storage.putMany!(contents, options);
      const closed = new AbortController().signal;
      const work = (): Promise<readonly PutOutcome[]> => storedAll(storage, contents);
      return service.ask({ operation: "storage.putMany", signal: options.signal, closed, work });
    }),
  },
  {
    fault: "cuts the first of several contents when it is aborted",
    caughtBy: ["CAS-MANY-12"],
    broken: puts(async ({ storage }, contents, options, world) => {
      const [first] = addressesIn(await storedAll(storage, contents));
      options.signal?.addEventListener("abort", () => {
        world.contents.set(String(first), contents[0]!.slice(0, 10));
      });
      return storage.putMany!(contents, options);
    }),
  },
  {
    fault: "still takes several contents when it was closed",
    caughtBy: ["CAS-MANY-13"],
    broken: puts(({ storage }, contents, options) =>
      otherwise(storage.putMany!(contents, options), ClosedError, () => storedAll(storage, contents)),
    ),
  },
  {
    fault: "counts several contents as stored that were denied",
    caughtBy: ["CAS-MANY-14"],
    broken: puts(({ storage }, contents, options) =>
      otherwise(storage.putMany!(contents, options), DeniedError, () => storedAll(storage, contents)),
    ),
  },
  {
    fault: "never takes again what it got no answer for, as one of several",
    caughtBy: ["CAS-MANY-15"],
    broken: ({ storage }) => {
      const failed = new Set<string>();
      return {
        storage: {
          async putMany(contents, options) {
            const all = addressesIn(await storedAll(storage, contents)).map(String);
            const outcomes = await otherwise(
              storage.putMany!(contents, options),
              UnreachableError,
              (reason) => {
                for (const address of all) failed.add(address);
                throw reason;
              },
            );
            const reason = new UnreachableError("It is there.", { operation: "storage.putMany" });
            return outcomes.map((outcome, i) =>
              failed.has(all[i]!) ? { status: "rejected", reason } : outcome,
            );
          },
        },
      };
    },
  },
  {
    fault: "reads the answer to several contents to its end",
    caughtBy: ["CAS-MANY-17"],
    broken: puts(async ({ storage, service }, contents, options) => {
      if (service.fault === "endless") await service.read(50 * 1024 * 1024);
      return storage.putMany!(contents, options);
    }),
  },
  {
    fault: "names put in the errors of putMany",
    caughtBy: ["CAS-ERROR-01"],
    broken: puts(({ storage }, contents, options) =>
      otherwise(storage.putMany!(contents, options), Error, (error) => {
        (error as { operation?: string }).operation = "storage.put";
        throw error;
      }),
    ),
  },
];
