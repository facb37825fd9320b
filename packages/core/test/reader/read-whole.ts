import { expect } from "vitest";
import { type Entry, isRemoteLogError, openReader, type ReaderOptions } from "../../src/index.ts";

/** What a reader delivered, and why it stopped before the end where it did. */
export interface Delivery {
  readonly entries: readonly Entry[];
  readonly error?: unknown;
}

/** Takes all that a stream delivers, up to its end or failure. */
export async function collect(stream: AsyncIterable<Entry>): Promise<Delivery> {
  const entries: Entry[] = [];
  try {
    for await (const entry of stream) entries.push(entry);
  } catch (error) {
    return { entries, error };
  }
  return { entries };
}

/** Opens a new reader and reads the log from its first entry. */
export async function readWhole(options: ReaderOptions): Promise<Delivery> {
  const reader = await openReader(options);
  const delivery = await collect(reader.from(0));
  await reader.close();
  return delivery;
}

/** Takes the first entries of a stream, and ends it. */
export async function take(stream: AsyncIterable<Entry>, count: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  if (count === 0) return entries;
  for await (const entry of stream) if (entries.push(entry) >= count) break;
  return entries;
}

/** Asserts that the entries are those that the writer appended from a place on, in order and each once. */
export function expectEntries(entries: readonly Entry[], written: readonly Uint8Array[], from = 0): void {
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, i) => from + i));
  for (const { sequence, content } of entries) {
    const expected = written[sequence];
    // Byte by byte only where they differ: this runs a great many times.
    if (expected === undefined || Buffer.compare(content, expected) !== 0) expect(content).toEqual(expected);
  }
}

/** Asserts that a delivery is whole, or ends before the end with an error of this project; never anything else. */
export function expectRightOrRefused(delivery: Delivery, written: readonly Uint8Array[]): void {
  expectEntries(delivery.entries, written);
  if (delivery.error === undefined) expect(delivery.entries.length).toBe(written.length);
  else expect(isRemoteLogError(delivery.error), String(delivery.error)).toBe(true);
}
