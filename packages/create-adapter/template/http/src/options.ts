// The options of both halves.

import type { Service } from "./client.ts";

/** Options of the storage and of the names. */
export interface TemplateOptions {
  /** What stands for the service. Put the address of yours in its place. Default: a new one. */
  readonly service?: Service;
  /** The largest content to store and to read, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
}
