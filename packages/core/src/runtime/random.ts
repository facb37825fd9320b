// Chance: secure bytes, and numbers of which nothing secret comes.

import { environment } from "./environment.ts";
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
  return environment().randomBytes(length);
}

/** A number from 0 to below 1, for lengths of waits and for samples: nothing secret comes of it. */
export function random(): number {
  return environment().random();
}
