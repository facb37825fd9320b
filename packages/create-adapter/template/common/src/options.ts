import type { Stored } from "./client.ts";

/** What stands for the service: everything that it holds, by key. Put the address of yours in its place. */
export type TemplateService = Map<string, Stored>;

/** Options of the storage and of the names. */
export interface TemplateOptions {
  /** Where everything is kept. Instances over the same service share it. Default: a new one. */
  readonly service?: TemplateService;
  /** The largest content to store and to read, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
}
