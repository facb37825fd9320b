import type { WriterOptions } from "@remote-log/core";

/** How a log is written, as far as benchmarks compare ways to do it. */
export type Shape = Pick<WriterOptions, "bundles" | "settings">;

/** Small pages, and older ones together in bundles. */
export const BUNDLED: Shape = { bundles: "writer", settings: { visibility: "public", leafSize: 8 } };

/** Pages of 16 entries and nothing else, as logs were written before there were bundles. */
export const PAGES: Shape = { bundles: "off", settings: { visibility: "public", leafSize: 16 } };
