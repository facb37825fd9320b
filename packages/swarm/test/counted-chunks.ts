import { generateSeed, openWriter, type Remote, type Writer } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { randomBytes } from "@remote-log/test-kit";
import { MemoryLevel } from "memory-level";
import { toHex } from "../src/chunk/hex.ts";
import { splitContent } from "../src/chunk/tree.ts";

/** Chunks that a piece of work would write to Swarm. */
export interface ChunkCount {
  /** All of them. */
  readonly sent: number;
  /** With those that have the same address counted once: they share a stamp. */
  readonly distinct: number;
}

/** A writer whose remote is in memory, and what its contents and heads would be on Swarm. */
export interface CountedLog {
  readonly writer: Writer;
  /** Counts the chunks of a piece of work. */
  readonly during: (work: () => Promise<unknown>) => Promise<ChunkCount>;
}

/** Opens a public log in memory whose chunks are counted as the adapter would cut them. */
export async function countedLog(): Promise<CountedLog> {
  const inner = memoryRemote();
  let sent = 0;
  const distinct = new Set<string>();
  const cut = (content: Uint8Array, nameOfUpdate?: string): void => {
    const addresses = splitContent(content).levels.flatMap((level) =>
      level.map(({ address }) => toHex(address)),
    );
    // A head of one chunk is in its update alone. The root of a larger one is stored by itself, too.
    if (nameOfUpdate !== undefined && addresses.length === 1) addresses.pop();
    if (nameOfUpdate !== undefined) addresses.push(nameOfUpdate);
    sent += addresses.length;
    for (const address of addresses) distinct.add(address);
  };
  let updates = 0;
  const remote: Remote = {
    label: "counted",
    storage: {
      name: "counted",
      capabilities: inner.storage.capabilities,
      put(content, options) {
        cut(content);
        return inner.storage.put(content, options);
      },
      get: (address, options) => inner.storage.get(address, options),
      has: (address, options) => inner.storage.has(address, options),
    },
    names: {
      name: "counted",
      capabilities: { ...inner.names.capabilities, watch: false },
      update(name, content, options) {
        cut(content, `update ${updates++}`);
        return inner.names.update(name, content, options);
      },
      resolve: (name, options) => inner.names.resolve(name, options),
    },
  };
  const writer = await openWriter({
    seed: generateSeed(),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    publish: "manual",
    settings: { visibility: "public" },
  });
  return {
    writer,
    async during(work) {
      const before = { sent, distinct: distinct.size };
      await work();
      return { sent: sent - before.sent, distinct: distinct.size - before.distinct };
    },
  };
}

/** Appends entries of 256 bytes, and publishes them in batches. */
export async function publishIn(writer: Writer, entries: number, batch: number): Promise<void> {
  for (let at = 0; at < entries; at += batch) {
    await writer.appendAll(Array.from({ length: batch }, () => randomBytes(256)));
    await writer.publish();
  }
}
