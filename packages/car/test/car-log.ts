// Logs that tests export, with pages, bundles, index nodes and contents of their own in little.

import { openReader, openWriter, type Reader, type Remote, type Writer } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { MemoryLevel } from "memory-level";
import { type ExportCarOptions, type ExportCarResult, exportCar, memoryCar } from "../src/index.ts";

/** An entry by its number: every fifth is stored on its own. */
function contentOf(i: number): Uint8Array {
  return new Uint8Array(i % 5 === 4 ? 4_000 : 20).fill(i + 1);
}

/** A log on a remote in memory. */
export interface CarLog {
  readonly writer: Writer;
  readonly remote: Remote;
  readonly logId: string;
  /** Appends entries up to this number, and publishes. */
  grow(size: number): Promise<void>;
}

/** Begins a log, and publishes entries. */
export async function carLog(
  size: number,
  { visibility = "public" }: { readonly visibility?: "public" | "private" } = {},
): Promise<CarLog> {
  const remote = memoryRemote({ label: "origin" });
  const writer = await openWriter({
    seed: new Uint8Array(32).fill(7),
    journal: new MemoryLevel<Uint8Array, Uint8Array>(),
    remotes: [remote],
    publish: "manual",
    settings: { leafSize: 4, fanOut: 8, visibility },
  });
  const log = {
    writer,
    remote,
    logId: writer.logId,
    async grow(to: number): Promise<void> {
      for (let i = writer.size; i < to; i++) await writer.append(contentOf(i));
      await writer.publish();
    },
  };
  // In two steps, so that there are pages that were stored alone and are in bundles.
  await log.grow(Math.floor(size / 3));
  await log.grow(size);
  return log;
}

/** Exports a log into memory. */
export async function exported(
  { logId, remote }: Pick<CarLog, "logId" | "remote">,
  options: Partial<ExportCarOptions> = {},
): Promise<{ readonly file: Uint8Array; readonly result: ExportCarResult }> {
  const reader = await openReader({ logId, remotes: [remote] });
  const to = memoryCar();
  try {
    const result = await exportCar({ reader, to, ...options });
    return { file: to.bytes(), result };
  } finally {
    await reader.close();
  }
}

/** All entries that a reader delivers from a number on. */
export async function entriesOf(reader: Reader, from = 0): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const { content } of reader.from(from)) found.push(content);
  return found;
}

/** The contents of the entries from one number to before another. */
export function contentsOf(from: number, to: number): Uint8Array[] {
  return Array.from({ length: to - from }, (_, i) => contentOf(from + i));
}
