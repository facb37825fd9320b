import type { ConformanceFixture, FaultControl, Opened } from "@remote-log/conformance";
import type { NameResolver, StorageBackend } from "@remote-log/core";
import { memoryNames, NameTable } from "@remote-log/memory";
import { keepingStorage, tidy } from "./keeping-storage.ts";
import { namesOver, storageOver } from "./over-service.ts";
import { SECRET, Service } from "./service.ts";

/** The data of one namespace, which all instances in it share. */
interface World {
  readonly contents: Map<string, Uint8Array>;
  /** The addresses of contents that nothing keeps any more: they go when the service tidies up. */
  readonly released: Set<string>;
  readonly table: NameTable;
}

/** The sound adapter that a mutant breaks. */
interface Sound {
  readonly storage: StorageBackend;
  readonly names: NameResolver;
  /** What both send their requests to. */
  readonly service: Service;
}

/** An adapter with one fault, and the cases that have to find it. */
export interface Mutant {
  /** What is wrong with it. */
  readonly fault: string;
  /** The ids that must fail. */
  readonly caughtBy: readonly string[];
  /** How long a case may take to catch it, in milliseconds. Default: 400. */
  readonly timeoutMs?: number;
  /** Breaks a sound adapter: gives the methods that differ. Called for every instance. */
  broken(
    sound: Sound,
    world: World,
  ): {
    storage?: Partial<StorageBackend>;
    names?: Partial<NameResolver>;
    requests?: () => number;
    faults?: FaultControl;
  };
}

// Small limits, so that the cases at the boundary are quick.
const LARGEST_CONTENT = 1_048_576;
const LARGEST_NAME_CONTENT = 100_000;

/** What is wrong with the `put` of a storage is wrong as well with that of several contents. */
function withBrokenPut(storage: StorageBackend, changed: Partial<StorageBackend> = {}): StorageBackend {
  const { put, putMany } = changed;
  if (put === undefined || putMany !== undefined) return storage;
  return {
    ...storage,
    async putMany(contents, options) {
      const outcomes = await Promise.allSettled(contents.map((content) => put(content, options)));
      options?.signal?.throwIfAborted();
      return outcomes;
    },
  };
}

/** The fixture of a mutant. What never settles costs `timeoutMs`. */
export function fixtureOf(
  { fault, broken }: Pick<Mutant, "fault" | "broken">,
  timeoutMs = 400,
): ConformanceFixture {
  const worlds = new Map<string, World>();
  async function open({ namespace }: { namespace: string }): Promise<Opened> {
    const world = worlds.get(namespace) ?? {
      contents: new Map(),
      released: new Set(),
      table: new NameTable(),
    };
    worlds.set(namespace, world);
    const service = new Service();
    const storage = storageOver(service, keepingStorage(world, LARGEST_CONTENT));
    const names = namesOver(
      service,
      memoryNames({ table: world.table, largestContent: LARGEST_NAME_CONTENT }),
    );
    const changed = broken({ storage, names, service }, world);
    return {
      storage: withBrokenPut({ ...storage, ...changed.storage }, changed.storage),
      names: { ...names, ...changed.names },
      requests: changed.requests ?? (() => service.requests),
      faults: changed.faults ?? service,
      secrets: [SECRET],
      tidyUp: () => tidy(world),
    };
  }
  // With one seed, what is caught today is caught tomorrow.
  return { name: fault, create: open, reopen: open, limits: { timeoutMs }, seed: 1 };
}
