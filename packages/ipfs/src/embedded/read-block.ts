// Reads what a store gives for a block.

import { TooLargeError } from "@remote-log/core";
import type { BlockBytes } from "./stores.ts";

/** Options of {@link readBlock}. */
export interface ReadBlockOptions {
  /** The most bytes to take. */
  readonly limit: number;
  /** What is read, for the error: `"bafk…"`. */
  readonly what: string;
  /** Ends the reading: not every store looks at it. */
  readonly signal: AbortSignal;
}

/**
 * Collects what a store gives for a block into memory of its own. It stops at the piece that exceeds the limit.
 *
 * @throws TooLargeError `ERR_TOO_LARGE`; not more than the limit was kept
 * @throws the reason of the signal
 * @throws whatever the store fails with
 */
export async function readBlock(given: BlockBytes, options: ReadBlockOptions): Promise<Uint8Array> {
  const bytes = await given;
  // An array of bytes is iterable as well: byte by byte.
  const pieces = ArrayBuffer.isView(bytes) ? [bytes] : bytes;
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    options.signal.throwIfAborted();
    length += piece.length;
    if (length > options.limit) throw tooLarge(length, options);
    kept.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of kept) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLarge(bytes: number, { limit, what }: ReadBlockOptions): TooLargeError {
  return new TooLargeError(
    `Reading ${what} was stopped: it has ${bytes} bytes or more, and at most ${limit} are accepted.`,
    { operation: "storage.get", limit },
  );
}
