// Time that passes, for waits and limits.

/**
 * Milliseconds since some moment. A clock that is set does not move it, if the runtime has such a clock (`performance`); else
 * it is the time of day.
 */
export function monotonicNow(): number {
  const { performance } = globalThis as { performance?: { now(): number } };
  return performance === undefined ? Date.now() : performance.now();
}
