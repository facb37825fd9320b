// What a reader delivered, compared with what was written.

import type { Entry } from "@remote-log/core";
import { checkError, equal, fail, sameBytes, show } from "../../assert.ts";

/** What a reader delivered, and why it stopped before the end, if it did. */
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

/** Fails unless entries are the ones that were written from a place on: in order, each once, no other byte. */
export function areFrom(entries: readonly Entry[], written: readonly Uint8Array[], from = 0): void {
  for (const [i, { sequence, content }] of entries.entries()) {
    equal(sequence, from + i, `the sequence number of delivered entry ${i}`);
    const expected = written[sequence] ?? fail(`entry ${sequence} was delivered, and was never written`);
    sameBytes(content, expected, `the content of entry ${sequence}`);
  }
}

/** Fails unless entries are all that were written from a place on. */
export function sameEntries(entries: readonly Entry[], written: readonly Uint8Array[], from = 0): void {
  areFrom(entries, written, from);
  equal(entries.length, written.length - from, "number of entries");
}

/** Fails unless a delivery came to its end, with all that was written from a place on. */
export function isWhole({ entries, error }: Delivery, written: readonly Uint8Array[], from = 0): void {
  if (error !== undefined) fail(`the reader stopped after ${entries.length} entries: ${show(error)}`, error);
  sameEntries(entries, written, from);
}

/** Fails unless a delivery ended with one of these codes, and all that came before is what was written. */
export function isRefused(
  { entries, error }: Delivery,
  written: readonly Uint8Array[],
  codes: readonly string[],
  what: string,
): void {
  areFrom(entries, written);
  if (error === undefined) fail(`${what}: the reader delivered ${entries.length} entries, and no error`);
  checkOneOf(error, codes, what);
}

/** Fails unless a value is an error of the project with one of these codes. */
export function checkOneOf(error: unknown, codes: readonly string[], what: string): void {
  const code = (error as { readonly code?: unknown } | null)?.code;
  checkError(error, codes.find((one) => one === code) ?? codes.join(" or "), what);
}
