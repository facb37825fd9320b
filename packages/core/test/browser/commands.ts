import { BrowserLevel } from "browser-level";
import {
  databaseReaderStore,
  type Entry,
  generateSeed,
  openReader,
  openWriter,
  type Writer,
} from "../../src/index.ts";
import { type SignatureVerdict, signatureVerdicts } from "./signature-verdicts.ts";
import { type MovableRemote, movableRemote, type Snapshot } from "./snapshot.ts";

/** An entry as the tests compare it. */
export interface ReadEntry {
  readonly sequence: number;
  readonly text: string;
}

let open: { readonly writer: Writer; readonly remote: MovableRemote; readonly seed: Uint8Array } | undefined;

let taking: Promise<string> | undefined;

const CLOSED = "a writer was closed";

/**
 * What the tests ask a tab or a worker to do. Each has a writer of its own, whose remote is in its memory;
 * the journals are in the IndexedDB that all of them share.
 */
export const commands = {
  async openWriter(journal: string, seed = generateSeed(), from?: Snapshot): Promise<string> {
    const remote = movableRemote(from);
    const database = new BrowserLevel(journal);
    const writer = await openWriter({
      settings: { visibility: "public" },
      seed,
      journal: database,
      remotes: [remote],
      publish: "manual",
    });
    open = { writer, remote, seed };
    return writer.logId;
  },

  /** Closes the writer, and tells the other tabs so the moment that it is closed. */
  async closeWriter(): Promise<void> {
    await current().writer.close();
    const channel = new BroadcastChannel(CLOSED);
    channel.postMessage(undefined);
    channel.close();
  },

  /** Opens a writer the moment that another tab has closed one; {@link commands.taken} waits for it. */
  async takeOver(journal: string, seed: Uint8Array): Promise<void> {
    const channel = new BroadcastChannel(CLOSED);
    const closed = new Promise((resolve) => channel.addEventListener("message", resolve, { once: true }));
    taking = closed.then(() => {
      channel.close();
      return commands.openWriter(journal, seed);
    });
    taking.catch(() => undefined);
  },

  async taken(): Promise<string | undefined> {
    return taking;
  },

  async seed(): Promise<Uint8Array> {
    return current().seed;
  },

  async append(texts: string[]): Promise<number[]> {
    const { writer } = current();
    const receipts = await Promise.all(texts.map((text) => writer.append(new TextEncoder().encode(text))));
    return receipts.map(({ sequence }) => sequence);
  },

  async publish(): Promise<Snapshot> {
    const { writer, remote } = current();
    await writer.publish();
    return remote.snapshot();
  },

  /** What the journal has, whatever was published. */
  async ownEntries(): Promise<ReadEntry[]> {
    return collect(current().writer.entries());
  },

  async readAll(logId: string, from: Snapshot): Promise<ReadEntry[]> {
    const reader = await openReader({ logId, remotes: [movableRemote(from)] });
    return collect(reader.from(0));
  },

  async latest(logId: string, from: Snapshot, count: number): Promise<ReadEntry[]> {
    const reader = await openReader({ logId, remotes: [movableRemote(from)] });
    return collect(await reader.latest(count));
  },

  async entry(logId: string, from: Snapshot, sequence: number): Promise<ReadEntry> {
    const reader = await openReader({ logId, remotes: [movableRemote(from)] });
    return (await collect([await reader.entry(sequence)]))[0]!;
  },

  /** The size that a reader with a memory of its own finds. */
  async sync(logId: string, from: Snapshot, store: string): Promise<number> {
    const database = new BrowserLevel(store);
    try {
      const remotes = [movableRemote(from)];
      const reader = await openReader({ logId, remotes, store: databaseReaderStore(database) });
      return (await reader.sync()).size;
    } finally {
      await database.close();
    }
  },

  /** Counts to a number in a value of a reader's store that other tabs count in at the same time. */
  async count(store: string, steps: number): Promise<void> {
    const database = new BrowserLevel<Uint8Array, Uint8Array>(store);
    const shared = databaseReaderStore(database);
    for (let step = 0; step < steps; ) {
      const before = await shared.get("count");
      if (await shared.compareAndSet("count", before, Uint8Array.of((before?.[0] ?? 0) + 1))) step++;
    }
    await database.close();
  },

  async counted(store: string): Promise<number> {
    const database = new BrowserLevel<Uint8Array, Uint8Array>(store);
    const value = await databaseReaderStore(database).get("count");
    await database.close();
    return value?.[0] ?? 0;
  },

  async signatureVerdicts(): Promise<SignatureVerdict[]> {
    return signatureVerdicts();
  },

  /** What the runtime calls the scope in which the commands run. */
  async scope(): Promise<string> {
    return globalThis.constructor.name;
  },
};

export type Commands = typeof commands;

function current(): NonNullable<typeof open> {
  if (open === undefined) throw new Error("No writer is open here.");
  return open;
}

async function collect(
  entries: AsyncIterable<Pick<Entry, "sequence" | "content">> | Iterable<Pick<Entry, "sequence" | "content">>,
): Promise<ReadEntry[]> {
  const read: ReadEntry[] = [];
  for await (const { sequence, content } of entries) {
    read.push({ sequence, text: new TextDecoder("utf-8", { fatal: true }).decode(content) });
  }
  return read;
}
