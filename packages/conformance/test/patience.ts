// For tests whose work takes as long as the machine is busy. A limit of time is for hangs alone: what is slow passes.

/** How long one test, or one hook, may take before it counts as hanging, in milliseconds: that of `vitest.config.ts`. */
export const HANG_MS = 600_000;
/** How long one case of the suite may take in these tests before it counts as hanging, in milliseconds. */
export const CASE_MS = 180_000;
