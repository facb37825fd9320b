// Random bytes, by the runtime's secure source alone.

import { requireRuntime } from "./features.ts";

/**
 * Bytes of the runtime's secure random source.
 *
 * @param length - how many
 * @param operation - what needs them, for the error
 * @throws UnsupportedError `ERR_UNSUPPORTED`, reason `"runtime"`, if the runtime has no such source
 */
export function randomBytes(length: number, operation: string): Uint8Array {
  requireRuntime(operation, "crypto.getRandomValues");
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}
