// The devices, journals and remotes of one case about a whole log.

import type {
  GenesisSettings,
  KeyValueDatabase,
  ReaderOptions,
  Remote,
  WriterOptions,
} from "@remote-log/core";
import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { check } from "../../assert.ts";
import type { CaseContext } from "../../case.ts";
import type { Opened } from "../../fixture.ts";
import { collect, type Delivery, isWhole } from "./delivery.ts";
import type { LogCore, LogReader, LogWriter } from "./log-core.ts";

/** Cuts under which a log of a few entries has every kind of object. */
const smallCuts: Partial<GenesisSettings> = { leafSize: 2, fanOut: 2 };

/** Contents over this size become objects of their own, in bytes. */
const LARGEST_EMBEDDED = 32;

/** How long to wait between two looks at what may lag behind, in milliseconds. */
const POLL_MS = 20;

/**
 * What a case about a whole log works with: the adapter under test as a remote, and writers and readers on it. Where
 * the fixture opened one half only, the other half is in memory.
 */
export class LogWorld {
  readonly context: CaseContext;
  readonly core: LogCore;
  /** The adapter under test. */
  readonly remote: Remote;
  readonly #contents = new Map<string, Uint8Array>();
  readonly #table = new NameTable();
  readonly #open: { close(): Promise<void> }[] = [];

  /** @param core - the core that writes and reads */
  constructor(core: LogCore, context: CaseContext) {
    const { storage, names } = context.opened;
    if (storage === undefined && names === undefined) context.skip("needs a storage or a name resolver");
    this.core = core;
    this.context = context;
    this.remote = this.#remote("adapter", { ...(storage && { storage }), ...(names && { names }) });
  }

  /** Opens further instances over the same data. The case has to require `"reopen"`. */
  async another(): Promise<Remote> {
    const { opened, reopen } = this.context;
    const other = await reopen();
    return this.#remote(this.remote.label, {
      ...(opened.storage && { storage: other.storage }),
      ...(opened.names && { names: other.names }),
    });
  }

  /** A new remote in memory, of its own data. */
  memory(label = "memory"): Remote {
    return { label, storage: memoryStorage(), names: memoryNames() };
  }

  /** A new seed for a log. */
  seed(): Uint8Array {
    return this.context.content(32);
  }

  /** Contents to append: every third is an object of its own, the others are embedded. No two are the same. */
  contents(count: number): Uint8Array[] {
    return Array.from({ length: count }, (_, i) => this.context.content(i % 3 === 1 ? 100 : 12));
  }

  /** A number from 0 to below `end`, which follows from the seed of the run. */
  readonly below: (end: number) => number = (end) => {
    this.#state = (Math.imul(this.#state ?? this.context.seed | 1, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  };
  #state: number | undefined;

  /** Opens a writer that publishes when it is told to. It is closed with the world. */
  async writer(
    remotes: readonly Remote[],
    options: Partial<Omit<WriterOptions, "remotes">> = {},
  ): Promise<LogWriter> {
    const writer = await this.core.openWriter({
      seed: options.seed ?? this.seed(),
      journal: options.journal ?? newJournal(),
      settings: { visibility: "public", ...smallCuts },
      leastCapacity: 1000,
      publish: "manual",
      largestEmbedded: LARGEST_EMBEDDED,
      ...options,
      remotes,
    });
    this.#open.push(writer);
    return writer;
  }

  /** Opens a reader. It is closed with the world. */
  async reader(
    remotes: readonly Remote[],
    logId: string,
    options: Partial<ReaderOptions> = {},
  ): Promise<LogReader> {
    const reader = await this.core.openReader({ ...options, logId, remotes });
    this.#open.push(reader);
    return reader;
  }

  /** What a new reader gets of a log from its first entry on. */
  async readWhole(
    remotes: readonly Remote[],
    logId: string,
    options: Partial<ReaderOptions> = {},
  ): Promise<Delivery> {
    return collect((await this.reader(remotes, logId, options)).from(0));
  }

  /** Fails unless a new reader gets exactly these entries, once they have settled. */
  async readsAll(remotes: readonly Remote[], logId: string, written: readonly Uint8Array[]): Promise<void> {
    await this.settled(async () => {
      isWhole(await this.readWhole(remotes, logId), written);
    });
  }

  /** Publishes, and again until every remote was read back and showed what was sent. */
  async confirmed(writer: LogWriter): Promise<void> {
    await this.settled(async () => {
      await writer.publish();
      for (const { label, confirmed } of writer.status().remotes) {
        check(confirmed === writer.size, `${label} confirmed ${confirmed} of ${writer.size} entries`);
      }
    });
  }

  /**
   * Waits for writes to be seen: repeats an attempt until it no longer throws, or `settleMs` has passed. Once only
   * if both halves declare `readYourWrites`.
   */
  async settled<T>(attempt: () => Promise<T>): Promise<T> {
    const { storage, names } = this.remote;
    const promised = storage.capabilities.readYourWrites && names.capabilities.readYourWrites;
    const end = performance.now() + (promised ? 0 : this.context.limits.settleMs);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (performance.now() >= end) throw error;
      }
      await new Promise<void>((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
  }

  /** Closes every writer and reader. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#open.map((one) => one.close()));
  }

  #remote(label: string, { storage, names }: Pick<Opened, "storage" | "names">): Remote {
    return {
      label,
      storage: storage ?? memoryStorage({ contents: this.#contents }),
      names: names ?? memoryNames({ table: this.#table }),
    };
  }
}

/** A new, empty journal. */
export function newJournal(): KeyValueDatabase & MemoryLevel<Uint8Array, Uint8Array> {
  return new MemoryLevel<Uint8Array, Uint8Array>();
}

/** A copy of a journal as it is now: what a backup of it is, or what is left of it after a crash. */
export async function copyOf(journal: KeyValueDatabase): Promise<KeyValueDatabase> {
  const encoding = { keyEncoding: "view", valueEncoding: "view" } as const;
  const copy = newJournal();
  const everything = { ...encoding, gte: new Uint8Array(0), lt: new Uint8Array(64).fill(255) };
  for await (const [key, value] of journal.iterator(everything)) await copy.put(key, value, encoding);
  return copy;
}
