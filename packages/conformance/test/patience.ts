// Imported by tests whose work takes as long as the machine is busy. A limit of time is for hangs alone here: what is
// slow passes.
import { vi } from "vitest";

/** How long one test, or one hook, may take before it counts as hanging, in milliseconds. */
export const HANG_MS = 600_000;
/** How long one case of the suite may take in these tests before it counts as hanging, in milliseconds. */
export const CASE_MS = 120_000;

vi.setConfig({ testTimeout: HANG_MS, hookTimeout: HANG_MS });
