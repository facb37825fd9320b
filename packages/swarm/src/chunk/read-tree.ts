// Reading a tree of chunks: every chunk is checked against its address, and the tree against its only valid form.

import { type ByteRange, IntegrityError, TooLargeError } from "@remote-log/core";
import { abortWith, raceSignal, throwIfAborted, withAnySignal } from "@remote-log/core/adapter";
import { CHUNK_BYTES } from "./bmt.ts";
import { type ChunkContext, checkChunk, checkLength, payloadOf, spanOf } from "./content-chunk.ts";
import { HASH_BYTES } from "./keccak.ts";
import { childSpan } from "./layout.ts";
import { visitAll } from "./visit-all.ts";

/** Options of {@link readTree}. */
export interface ReadTreeOptions extends ChunkContext {
  /** The data (span and payload) of the root chunk, checked by the caller against the address that was asked for. */
  readonly root: Uint8Array;
  /** The most bytes of content to accept. */
  readonly maxBytes: number;
  /** The part of the content to read: only the chunks that have some of it are read. Default: all of it. */
  readonly range?: ByteRange | undefined;
  /**
   * Reads the data of a chunk by its address (32 bytes). What it returns is checked here; what it throws ends the read.
   */
  readonly read: (address: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;
  /** Ends the read. */
  readonly signal?: AbortSignal | undefined;
  /** The most reads at once. Default 16. */
  readonly readsAtOnce?: number | undefined;
}

/** Options of {@link walkTree}. */
export interface WalkTreeOptions extends ReadTreeOptions {
  /** Called with every piece of the content and its offset, in any order. Use the bytes at once, or copy them. */
  readonly piece?: ((bytes: Uint8Array, offset: number) => void) | undefined;
}

/** Bytes of the content, from the first to the one after the last. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** A chunk of the tree, as its parent and the layout describe it. */
interface Branch {
  readonly address: Uint8Array;
  readonly span: number;
  readonly offset: number;
}

const READS_AT_ONCE = 16;

/** In the bits from this one up, Bee notes that there are chunks of redundancy among the references. */
const REDUNDANCY_BIT = 1n << 63n;

/**
 * Reads a content whose root chunk is at hand: every other chunk by its address, checked, the children of a chunk side by
 * side. The longest chain of reads that wait for each other has the length of the tree's levels below the root.
 *
 * The length in the root determines the whole layout: how many references each chunk has, and the span of each child. A
 * tree of another form is refused at the first chunk that differs, so that length bounds the work.
 *
 * @returns the content, or the part of it that was asked for, in memory of its own
 * @throws TooLargeError `ERR_TOO_LARGE` for a content of more than `maxBytes`, before any read
 * @throws IntegrityError `ERR_INTEGRITY` for a chunk that does not match its address, or is not made as a content's are
 * @throws the reason of the signal, unchanged
 * @throws whatever `read` throws
 */
export async function readTree(options: ReadTreeOptions): Promise<Uint8Array> {
  const { from, to } = partOf(rootSpan(options), options);
  let content: Uint8Array | undefined;
  await walkTree({
    ...options,
    piece: (bytes, offset) => {
      // Only now: nothing vouches for a length before something of the tree was there.
      content ??= new Uint8Array(to - from);
      content.set(bytes.subarray(Math.max(0, from - offset), to - offset), Math.max(0, offset - from));
    },
  });
  // No chunk is read for a part that begins at the end, or behind it.
  return content ?? new Uint8Array(0);
}

/**
 * Reads the chunks of a content as {@link readTree} does, and keeps none of them.
 *
 * @returns the number of bytes of the content
 * @throws what {@link readTree} throws
 */
export async function walkTree(options: WalkTreeOptions): Promise<number> {
  const { root, read, readsAtOnce = READS_AT_ONCE } = options;
  const length = rootSpan(options);
  const stop = new AbortController();
  await withAnySignal([options.signal, stop.signal], async (signal) => {
    const part = partOf(length, options);
    const isWanted = ({ span, offset }: Branch): boolean => offset < part.to && offset + span > part.from;
    const visit = async ({ address, span, offset }: Branch): Promise<Branch[]> => {
      throwIfAborted(signal);
      const data = await read(address, signal);
      checkChunk(address, data, options);
      return open(data, span, offset, options).filter(isWanted);
    };
    const first = open(root, length, 0, options).filter(isWanted);
    try {
      await raceSignal(visitAll(first, readsAtOnce, visit), signal);
    } catch (error) {
      // Nobody waits for the reads that still run.
      abortWith(stop, error);
      throw error;
    }
  });
  return length;
}

/** What is read of a content of some length. */
function partOf(length: number, { range }: ReadTreeOptions): Part {
  if (range === undefined) return { from: 0, to: length };
  const from = Math.min(range.offset, length);
  return { from, to: Math.min(from + range.length, length) };
}

/** The length of the content, if it can be read here. */
function rootSpan({ root, maxBytes, ...context }: ReadTreeOptions): number {
  checkLength(root, context);
  const span = spanOf(root);
  if (span >= REDUNDANCY_BIT) {
    throw notCanonical(
      "it has chunks of redundancy among its references; upload it with swarm-redundancy-level 0",
      context,
    );
  }
  if (span > BigInt(maxBytes)) {
    throw new TooLargeError(`The content has ${span} bytes, and at most ${maxBytes} are accepted.`, {
      operation: context.operation ?? "storage.get",
      limit: maxBytes,
    });
  }
  return Number(span);
}

/**
 * Opens a chunk: hands on the piece of content in a leaf, or returns the branches below an inner chunk.
 *
 * @param span - the number of bytes that the layout puts below the chunk
 */
function open(data: Uint8Array, span: number, offset: number, options: WalkTreeOptions): Branch[] {
  if (spanOf(data) !== BigInt(span)) {
    throw notCanonical(
      `a chunk at byte ${offset} says that it has ${spanOf(data)} bytes below it, not ${span}`,
      options,
    );
  }
  if (span <= CHUNK_BYTES) {
    // Checked whether anybody wants it or not: only what can be read is there.
    const piece = payloadOf(data, span, options);
    options.piece?.(piece, offset);
    return [];
  }
  const below = childSpan(span);
  const count = Math.ceil(span / below);
  const references = payloadOf(data, count * HASH_BYTES, options);
  return Array.from({ length: count }, (_, at): Branch => {
    const address = references.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    if (address.every((byte) => byte === 0)) {
      throw notCanonical(
        `a chunk of ${span} bytes should have ${count} references, and lacks number ${at}`,
        options,
      );
    }
    const before = at * below;
    return { address, span: Math.min(below, span - before), offset: offset + before };
  });
}

function notCanonical(why: string, { operation = "storage.get" }: ChunkContext): IntegrityError {
  return new IntegrityError(`The tree of chunks is not made as the contents of a log are: ${why}.`, {
    operation,
  });
}
