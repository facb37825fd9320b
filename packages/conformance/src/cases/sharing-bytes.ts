// Bytes whose `slice` shares their memory, as that of a Buffer of Node.js does.

/**
 * Bytes whose `slice` gives a view of the same memory, as that of Node's Buffer does. An adapter that copies with
 * `slice` keeps the caller's memory.
 */
export class SharingBytes extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}
