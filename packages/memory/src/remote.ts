// Both halves, new and empty.

import type { Remote } from "@remote-log/core";
import { memoryNames } from "./names.ts";
import { checkTypes } from "./options.ts";
import { memoryStorage } from "./storage.ts";

/** Options of {@link memoryRemote}. */
export interface MemoryRemoteOptions {
  /** What the remote is called; unique among the remotes of a log. Default: `"memory"`. */
  readonly label?: string | undefined;
}

/** A remote in memory: a new {@link memoryStorage} and a new {@link memoryNames}, both empty. *
 * @example
 * ```ts
 * import { memoryRemote } from "@remote-log/memory";
 *
 * const { storage, names } = memoryRemote();
 * ```
 */
export function memoryRemote(options: MemoryRemoteOptions = {}): Remote {
  checkTypes(options, "memoryRemote");
  const { label = "memory" } = options;
  return { label, storage: memoryStorage(), names: memoryNames() };
}
