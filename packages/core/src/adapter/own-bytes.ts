// Bytes that belong to the caller.

/**
 * The same bytes as an array that nobody else holds: what is a Node.js `Buffer`, or a part of a larger buffer (a pool that
 * the client writes its next answer into), is copied; what stands alone is handed on.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const standsAlone = bytes.byteLength === bytes.buffer.byteLength && bytes.constructor === Uint8Array;
  return standsAlone ? bytes : new Uint8Array(bytes);
}
