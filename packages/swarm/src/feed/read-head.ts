import { NotPropagatedError } from "@remote-log/core";
import type { ChunkRequest, Chunks } from "../transfer/chunks.ts";
import { toHex } from "../chunk/hex.ts";
import { readTree } from "../chunk/read-tree.ts";
import { missingChunk } from "../errors.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";

/**
 * The head in an update: what the chunk in it holds, or the content whose root that chunk is.
 *
 * @param maxBytes - the most bytes that are taken
 * @returns the head, in memory of its own
 * @throws TooLargeError `ERR_TOO_LARGE`, before anything more is read
 * @throws NotPropagatedError `ERR_NOT_PROPAGATED` where a chunk of the tree is not there yet
 * @throws IntegrityError `ERR_INTEGRITY` for what is not made as the head of a log is
 */
export async function readHead(
  chunks: Chunks,
  { wrapped }: OwnerChunk,
  maxBytes: number,
  { signal, context }: ChunkRequest,
): Promise<Uint8Array> {
  const { operation } = context;
  const read = async (address: Uint8Array, inner: AbortSignal): Promise<Uint8Array> => {
    try {
      return await chunks.getChunk(address, {}, { signal: inner, context });
    } catch (error) {
      const missing = missingChunk(error, `chunk ${toHex(address)} of its head`, context);
      throw missing === undefined
        ? error
        : new NotPropagatedError(missing.message, { operation, cause: missing });
    }
  };
  return readTree({ root: wrapped.data, maxBytes, read, signal, operation });
}
