// Both halves as one remote.

import type { Remote } from "@remote-log/core";
import { Service } from "./client.ts";
import { templateNames } from "./names.ts";
import type { TemplateOptions } from "./options.ts";
import { templateStorage } from "./storage.ts";

/** Options of {@link templateRemote}. */
export interface TemplateRemoteOptions extends TemplateOptions {
  /** What the remote is called; unique among the remotes of a log. Default: the name of this adapter. */
  readonly label?: string;
}

/** A remote that keeps contents and names in one service. */
export function templateRemote(options: TemplateRemoteOptions = {}): Remote {
  const { label = "template", ...rest } = { service: new Service(), ...options };
  return { label, storage: templateStorage(rest), names: templateNames(rest) };
}
