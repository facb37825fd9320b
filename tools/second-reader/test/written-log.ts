// Logs that the real writer wrote into a folder, for the second reader.

import {
  type GenesisSettings,
  isRemoteLogError,
  openReader,
  openWriter,
  type Remote,
  type Writer,
  type WriterOptions,
} from "@remote-log/core";
import { fsRemote } from "@remote-log/fs";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { MemoryLevel } from "memory-level";
import { type Entry, type Log, openFolder, readLog, type State } from "../index.mjs";

export const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
export const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** A log of its own in a folder of its own. Everything is published when a test says so. */
export interface WrittenLog {
  readonly root: string;
  readonly writer: Writer;
  /** Reads the log with the second reader. */
  read(options?: { readonly key?: Uint8Array | undefined; readonly known?: State }): Log;
}

export async function writeLog(
  settings: Partial<GenesisSettings>,
  {
    remoteIn = (root) => fsRemote({ root, sync: false }),
    folder,
    ...options
  }: Partial<WriterOptions> & { readonly remoteIn?: (root: string) => Remote; readonly folder?: string } = {},
): Promise<WrittenLog> {
  const root = folder ?? (await temporaryFolder());
  const writer = await openWriter({
    seed: new Uint8Array(32).fill(7),
    journal: new MemoryLevel(),
    remotes: [remoteIn(root)],
    publish: "manual",
    settings,
    leastCapacity: 1,
    largestEmbedded: 40,
    graceMilliseconds: 0,
    ...options,
  });
  const remote = openFolder(root);
  return {
    root,
    writer,
    read: ({ key = writer.readKey?.toBytes(), known } = {}) =>
      readLog({ remote, logId: bytesOf(writer.logId), key, known }),
  };
}

/** The content of an entry: every third is stored on its own, and one in seven is empty. */
export function contentOf(i: number): Uint8Array {
  if (i % 7 === 6) return new Uint8Array();
  return new TextEncoder().encode(
    i % 3 === 0 ? `entry ${i} ${"in an object of its own ".repeat(3)}` : `entry ${i}`,
  );
}

/** What a test expects of entries: their content as text if they show it, else their status. */
export function shown(entries: Iterable<Entry>): string[] {
  return Array.from(entries, ({ index, status, content }) =>
    status === "content" ? `${index} ${textOf(content)}` : `${index} ${status}`,
  );
}

/** What `shown` says of contents that are all there. */
export function expected(contents: readonly Uint8Array[]): string[] {
  return contents.map((content, i) => `${i} ${textOf(content)}`);
}

const STATUS: Readonly<Record<string, string>> = {
  ERR_REMOVED: "removed",
  ERR_WITHHELD: "withheld",
  ERR_NOT_FOUND: "withheld",
};

/** What the first reader says of the same log, in the words of {@link shown}. */
export async function shownByFirst({ root, writer }: WrittenLog, key = writer.readKey): Promise<string[]> {
  await using reader = await openReader({ logId: writer.logId, key, remotes: [fsRemote({ root })] });
  const { size } = await reader.sync();
  const entries: string[] = [];
  for (let i = 0; i < size; i++) {
    try {
      entries.push(`${i} ${textOf((await reader.entry(i)).content)}`);
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
      const reason =
        error.code === "ERR_NO_KEY"
          ? error.reason === "other-epoch"
            ? "key-missing"
            : "wrong-key"
          : undefined;
      entries.push(`${i} ${reason ?? STATUS[error.code] ?? error.code}`);
    }
  }
  return entries;
}
