// A journal in memory for tests of its parts, and entries for it.

import type { JournalOperation } from "../../src/journal/database.ts";
import { Journal, type JournalEntry } from "../../src/journal/journal.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { publicSealing } from "../../src/log/public-sealing.ts";
import type { Sealing } from "../../src/log/sealing.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { text } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";

export const sealing: Sealing = publicSealing("sha256");

export const contentOf = (sequence: number): Uint8Array => text(`entry ${sequence}`);

/** The entries of a stretch, as a writer appends them. */
export function entriesOf(from: number, to: number): JournalEntry[] {
  return Array.from({ length: to - from }, (_, i) => {
    const content = contentOf(from + i);
    return { sequence: from + i, content, ...sealing.seal(from + i, content) };
  });
}

/** The tree of the first entries. */
export function treeOf(size: number): CompactRange {
  const tree = CompactRange.empty();
  for (const { localHash, contentHash } of entriesOf(0, size))
    tree.appendLeaf(leafHashOf(localHash, contentHash));
  return tree;
}

/** A journal with a number of entries, appended at once. */
export async function journalOf(size: number): Promise<{ database: PowerCutDatabase; journal: Journal }> {
  const database = new PowerCutDatabase();
  const journal = await Journal.open(database);
  if (size > 0)
    await journal.write(
      journal.appendOperations(entriesOf(0, size), () => treeOf(size)),
      true,
    );
  return { database, journal };
}

/** All keys of some operations, as letters, in their order. */
export const keysOf = (operations: readonly JournalOperation[]): string[] =>
  operations.map(({ type, key }) => `${type} ${String.fromCharCode(...key)}`);

/** All of a stream. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of stream) found.push(one);
  return found;
}
