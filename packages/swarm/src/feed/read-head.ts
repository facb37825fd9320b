// The head that an update points at.

import { NotPropagatedError } from "@remote-log/core";
import type { Call } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { readTree } from "../chunk/read-tree.ts";
import type { Chunks } from "../transfer/chunks.ts";
import { missingChunk } from "../transfer/errors.ts";

/**
 * The head in an update: what the chunk in it holds, or the content whose root that chunk is.
 *
 * @param maxBytes - the most bytes to accept
 * @returns the head, in memory of its own
 * @throws TooLargeError `ERR_TOO_LARGE`, before anything more is read
 * @throws NotPropagatedError `ERR_NOT_PROPAGATED` if a chunk of the tree is not there yet
 * @throws IntegrityError `ERR_INTEGRITY` for what is not made as the head of a log is
 */
export async function readHead(
  chunks: Chunks,
  { wrapped }: OwnerChunk,
  maxBytes: number,
  { signal, context }: Call,
): Promise<Uint8Array> {
  const { operation } = context;
  const read = async (address: Uint8Array, inner: AbortSignal): Promise<Uint8Array> => {
    const data = await chunks.getChunk(address, {}, { signal: inner, context });
    if (data !== undefined) return data;
    const cause = missingChunk(`chunk ${toHex(address)} of its head`, context);
    throw new NotPropagatedError(cause.message, { operation, cause });
  };
  return readTree({ root: wrapped.data, maxBytes, read, signal, operation });
}
