// What is planned to be read of a tree.

import type { Page } from "../log/page.ts";

/** One object to read: a page, or a bundle of which some pages are wanted. */
export type PlannedRead = { readonly page: number } | PlannedBundle;

/** A bundle to read. */
export interface PlannedBundle {
  /** How much of the room for what is read ahead it takes; a page takes 1. */
  readonly weight: number;
  /** The pages that are wanted of it, each with its number. */
  readonly read: (signal: AbortSignal) => Promise<readonly (readonly [number, Page])[]>;
}
