// Reads what a store gives for a block.

import { readBody } from "@remote-log/core/adapter";
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
  return readBody({ body: piecesOf(bytes) }, { ...options, operation: "storage.get" });
}

async function* piecesOf(bytes: Awaited<BlockBytes>): AsyncGenerator<Uint8Array, void, undefined> {
  // An array of bytes is iterable as well: byte by byte.
  if (ArrayBuffer.isView(bytes)) yield bytes;
  else yield* bytes;
}
