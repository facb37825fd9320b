// The options of the remote.

import type { Service } from "./client.ts";

/** Options of the remote. */
export interface TemplateRemoteOptions {
  /** What stands for the service. Put the address of yours in its place. Default: a new one. */
  readonly service?: Service;
  /** The largest content to store and to read, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
  /** What the remote is called; unique among the remotes of a log. Default: the name of this adapter. */
  readonly label?: string;
}
