// Content-addressed chunks (Book of Swarm): span and payload under the BMT hash of both.

import { IntegrityError, InvalidInputError, TooLargeError } from "@remote-log/core";
import { bytesEqual } from "@remote-log/core/adapter";
import { bmtHash, CHUNK_BYTES, SPAN_BYTES } from "./bmt.ts";
import { toHex } from "./hex.ts";

/** A chunk and its address. */
export interface Chunk {
  /** 32 bytes. */
  readonly address: Uint8Array;
  /** What is stored: span (8 bytes, little-endian), then payload (at most 4,096 bytes). */
  readonly data: Uint8Array;
}

/** What a chunk that was read belongs to, for errors. */
export interface ChunkContext {
  /** What is being done, as `subject.verb`. Default `"storage.get"`. */
  readonly operation?: string | undefined;
}

/**
 * Makes a content-addressed chunk. The payload is copied.
 *
 * @param payload - at most 4,096 bytes
 * @param span - the number of bytes of content below the chunk; default: the length of the payload
 * @throws TooLargeError `ERR_TOO_LARGE` for a longer payload
 * @throws InvalidInputError `ERR_INVALID_INPUT` for a span that 8 bytes can't hold
 */
export function contentChunk(payload: Uint8Array, span: bigint = BigInt(payload.length)): Chunk {
  const options = { operation: "chunk.create" };
  if (payload.length > CHUNK_BYTES) {
    throw new TooLargeError(
      `A chunk holds ${CHUNK_BYTES} bytes, and ${payload.length} were given. Split the content into a tree.`,
      { ...options, limit: CHUNK_BYTES },
    );
  }
  if (span < 0n || span >= 1n << 64n) {
    throw new InvalidInputError(`The span of a chunk is a number of 8 bytes, not ${span}.`, options);
  }
  const data = new Uint8Array(SPAN_BYTES + payload.length);
  new DataView(data.buffer).setBigUint64(0, span, true);
  data.set(payload, SPAN_BYTES);
  return { address: chunkAddress(data), data };
}

/**
 * The address of a content-addressed chunk.
 *
 * @param data - span and payload
 * @throws IntegrityError `ERR_INTEGRITY` if it is no chunk: shorter than a span, or longer than 4,104 bytes
 */
export function chunkAddress(data: Uint8Array, context: ChunkContext = {}): Uint8Array {
  checkLength(data, context);
  return bmtHash(data.subarray(0, SPAN_BYTES), data.subarray(SPAN_BYTES));
}

/**
 * Checks that data can be those of a content-addressed chunk.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if they are shorter than a span, or longer than 4,104 bytes
 */
export function checkLength(data: Uint8Array, context: ChunkContext = {}): void {
  if (data.length >= SPAN_BYTES && data.length <= SPAN_BYTES + CHUNK_BYTES) return;
  throw new IntegrityError(
    `${data.length} bytes came as a chunk, and one has ${SPAN_BYTES} to ${SPAN_BYTES + CHUNK_BYTES}: corrupt or forged.`,
    { operation: context.operation ?? "storage.get" },
  );
}

/**
 * Checks that data are those of the chunk that was asked for.
 *
 * @throws IntegrityError `ERR_INTEGRITY` if they are not: corrupt or forged
 */
export function checkChunk(address: Uint8Array, data: Uint8Array, context: ChunkContext = {}): void {
  if (bytesEqual(chunkAddress(data, context), address)) return;
  throw new IntegrityError(
    `The ${data.length} bytes that came for chunk ${toHex(address)} do not match it: corrupt or forged. ` +
      "Nothing of them was used.",
    { operation: context.operation ?? "storage.get" },
  );
}

/**
 * The number of bytes of content below a chunk, as it says itself.
 *
 * @param data - at least the 8 bytes of the span
 */
export function spanOf(data: Uint8Array): bigint {
  return new DataView(data.buffer, data.byteOffset, SPAN_BYTES).getBigUint64(0, true);
}

/**
 * The payload of a chunk, with the length that it has to have.
 *
 * The address of a chunk says nothing of the zeros at the end of its payload: whoever stores or serves it can add some or
 * leave some out. The length follows from the spans, so the zeros can be restored; nothing else is proven or needed.
 *
 * @param data - span and payload, checked against the address
 * @param length - how many bytes the payload has by the layout of the tree
 * @returns a view of the data, or a copy if zeros were left out
 * @throws IntegrityError `ERR_INTEGRITY` if the payload has more than that, other than zeros
 */
export function payloadOf(data: Uint8Array, length: number, context: ChunkContext = {}): Uint8Array {
  const payload = data.subarray(SPAN_BYTES);
  if (payload.length < length) {
    const filled = new Uint8Array(length);
    filled.set(payload);
    return filled;
  }
  for (let at = length; at < payload.length; at++) {
    if (payload[at] === 0) continue;
    throw new IntegrityError(
      `A chunk of span ${spanOf(data)} has ${payload.length} bytes of payload, and ${length} belong there: ` +
        "it is not made as the contents of a log are.",
      { operation: context.operation ?? "storage.get" },
    );
  }
  return payload.subarray(0, length);
}
