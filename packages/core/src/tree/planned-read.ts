// What is planned to be read of a tree.

import type { Bundle } from "../log/bundle.ts";
import type { Page } from "../log/page.ts";

/** One object to read: a page, or a bundle of which some pages are wanted. */
export type PlannedRead = { readonly page: number } | PlannedBundle;

/** A bundle to read. */
export interface PlannedBundle {
  /** How much of the room for what is read ahead it takes; a page takes 1. */
  readonly weight: number;
  readonly bundle: Bundle;
  /** Its pages that are wanted, in ascending order. */
  readonly pages: readonly number[];
  readonly read: (signal: AbortSignal) => Promise<FetchedPages>;
}

/**
 * Pages that were read: decodes and verifies those that are wanted, and gives each with its number. Until then they take no more
 * memory than their bytes: decoded entries take up to ten times as many.
 */
export type FetchedPages = () => readonly (readonly [number, Page])[];
