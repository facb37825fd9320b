import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import {
  generateSeed,
  type NameResolver,
  openWriter,
  type Remote,
  type StorageBackend,
  type Writer,
} from "../../src/index.ts";
import { content, smallCuts } from "./written-log.ts";

/** A log that grows while it is read, on a remote that counts what is under way on it. */
export interface LiveLog {
  readonly writer: Writer;
  readonly remote: Remote;
  /** Reads, resolves and watches that have begun and not ended. */
  readonly open: { reads: number; resolves: number; watches: number };
  /** What is called before each read and resolve. It may wait, and it may throw. */
  before: (signal: AbortSignal | undefined) => Promise<void>;
  /** Appends and publishes a number of entries more. */
  grow(count: number): Promise<void>;
}

/**
 * Begins such a log.
 *
 * @param watch - whether its name system tells of changes
 */
export async function liveLog({ watch }: { readonly watch: boolean }): Promise<LiveLog> {
  const contents = new Map<string, Uint8Array>();
  const table = new NameTable();
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [{ label: "writer", storage: memoryStorage({ contents }), names: memoryNames({ table }) }],
    settings: { visibility: "public", ...smallCuts },
    leastCapacity: 1000,
    publish: "manual",
  });
  const open = { reads: 0, resolves: 0, watches: 0 };
  const log: LiveLog = {
    writer,
    open,
    remote: undefined as never,
    before: async () => undefined,
    grow: async (count) => {
      await writer.appendAll(Array.from({ length: count }, (_, i) => content(writer.size + i)));
      await writer.publish();
    },
  };
  const storage = memoryStorage({ contents });
  const names = memoryNames({ table });
  const counted = async <T>(what: "reads" | "resolves", work: () => Promise<T>): Promise<T> => {
    open[what]++;
    try {
      return await work();
    } finally {
      open[what]--;
    }
  };
  const countedStorage: StorageBackend = {
    ...storage,
    get: (address, options) =>
      counted("reads", async () => {
        await log.before(options?.signal);
        return storage.get(address, options);
      }),
  };
  const countedNames: NameResolver = {
    name: names.name,
    update: (name, content, options) => names.update(name, content, options),
    capabilities: { ...names.capabilities, watch },
    resolve: (name, options) =>
      counted("resolves", async () => {
        await log.before(options?.signal);
        return names.resolve(name, options);
      }),
    ...(watch && {
      async *watch(name: string, options: { signal?: AbortSignal } = {}) {
        open.watches++;
        try {
          yield* names.watch!(name, options);
        } finally {
          open.watches--;
        }
      },
    }),
  };
  return Object.assign(log, { remote: { label: "live", storage: countedStorage, names: countedNames } });
}
