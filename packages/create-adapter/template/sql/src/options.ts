// The options of both halves.

import type { Service } from "./client.ts";

/** The largest content, in bytes, unless the options say otherwise. */
export const LARGEST_CONTENT: number = 1024 * 1024;

/** Options of the storage and of the names. */
export interface TemplateOptions {
  /** What stands for the database. Put the pool of yours in its place. Default: a new one. */
  readonly service?: Service;
  /** The largest content to store and to read, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
}
