/// <reference types="node" />
// Replies that never end: they come as fast as the client reads them.

import type { Writable } from "node:stream";

/** What comes after the reply itself, again and again. */
const PIECE_BYTES = 64 * 1024;

/**
 * The most that is sent of one reply, in bytes; then nothing more comes, and no end. A client that collects whatever
 * comes has shown that by then, and the process of the tests has not run out of memory.
 */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Writes a reply that never ends, until the client closes the connection.
 *
 * @param begin - what the reply begins with
 * @param onSent - told how many bytes were written, each time
 * @param more - what follows. Default: dots
 */
export function writeWithoutEnd(
  to: Writable,
  begin: Uint8Array,
  onSent: (bytes: number) => void,
  more: Uint8Array = Uint8Array.of(0x2e),
): void {
  const piece = repeated(more);
  let sent = 0;
  const write = (bytes: Uint8Array): boolean => {
    sent += bytes.length;
    onSent(bytes.length);
    return to.write(bytes);
  };
  const continueWriting = (): void => {
    // Piece by piece, each in a turn of its own: whoever gives up meanwhile is heard.
    if (to.destroyed || sent >= MOST_BYTES) return;
    if (write(piece)) setImmediate(continueWriting);
    else to.once("drain", continueWriting);
  };
  if (begin.length > 0) write(begin);
  continueWriting();
}

/** Whole repetitions of some bytes, as many as make a piece. */
function repeated(bytes: Uint8Array): Uint8Array {
  const times = Math.max(1, Math.floor(PIECE_BYTES / Math.max(1, bytes.length)));
  const all = new Uint8Array(times * bytes.length);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}
