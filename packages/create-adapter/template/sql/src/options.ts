// The options of both halves.

import type { Database } from "./database.ts";

/** The largest content, in bytes, unless the options say otherwise. */
export const LARGEST_CONTENT: number = 1024 * 1024;

/** Options of the storage and of the names. */
export interface TemplateOptions {
  /** The pool that both halves share. Default: a new one, on a new database. */
  readonly database?: Database;
  /** The largest content to store and to read, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
}
