import type { ConformanceFixture, Opened } from "@remote-log/conformance";
import type { NameResolver, StorageBackend } from "@remote-log/core";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";

/** The data of one namespace, which all instances in it share. */
interface World {
  readonly contents: Map<string, Uint8Array>;
  readonly table: NameTable;
}

/** The sound adapter that a mutant breaks. */
interface Sound {
  readonly storage: StorageBackend;
  readonly names: NameResolver;
}

/** An adapter with one fault, and the cases that have to find it. */
export interface Mutant {
  /** What is wrong with it. */
  readonly fault: string;
  /** The ids that must fail. */
  readonly caughtBy: readonly string[];
  /** Breaks a sound adapter: gives the methods that differ. Called for every instance. */
  broken(
    sound: Sound,
    world: World,
  ): {
    storage?: Partial<StorageBackend>;
    names?: Partial<NameResolver>;
    requests?: () => number;
  };
}

// Small limits, so that the cases at the boundary are quick.
const LARGEST_CONTENT = 1_048_576;
const LARGEST_NAME_CONTENT = 100_000;

/** The fixture of a mutant. What never settles costs `timeoutMs`. */
export function fixtureOf(
  { fault, broken }: Pick<Mutant, "fault" | "broken">,
  timeoutMs = 400,
): ConformanceFixture {
  const worlds = new Map<string, World>();
  async function open({ namespace }: { namespace: string }): Promise<Opened> {
    const world = worlds.get(namespace) ?? { contents: new Map(), table: new NameTable() };
    worlds.set(namespace, world);
    const storage = memoryStorage({ contents: world.contents, largestContent: LARGEST_CONTENT });
    const names = memoryNames({ table: world.table, largestContent: LARGEST_NAME_CONTENT });
    const changed = broken({ storage, names }, world);
    return {
      storage: { ...storage, ...changed.storage },
      names: { ...names, ...changed.names },
      ...(changed.requests === undefined ? {} : { requests: changed.requests }),
    };
  }
  return { name: fault, create: open, reopen: open, limits: { timeoutMs } };
}
