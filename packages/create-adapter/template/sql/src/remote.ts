// Both halves as one remote.

import type { Remote } from "@remote-log/core";
import type { Service } from "./client.ts";
import { openDatabase } from "./database.ts";
import { templateNames } from "./names.ts";
import { templateStorage } from "./storage.ts";

/** Options of {@link templateRemote}. */
export interface TemplateRemoteOptions {
  /** What stands for the database. Put the address of yours in its place. Default: a new one. */
  readonly service?: Service;
  /** The largest content to store and to read, in bytes. Default: 1 MiB. */
  readonly largestContent?: number;
  /** What the remote is called; unique among the remotes of a log. Default: the name of this adapter. */
  readonly label?: string;
}

/** A remote that keeps contents and names in one database, over one pool. */
export function templateRemote(options: TemplateRemoteOptions = {}): Remote {
  const { label = "template", service, ...rest } = options;
  const shared = { database: openDatabase(service), ...rest };
  return { label, storage: templateStorage(shared), names: templateNames(shared) };
}
