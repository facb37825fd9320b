// From where a log is copied: the newest verified state on each remote that shows it. A reader is one.

import type { VerifiedManifest } from "../log/head-manifest.ts";
import type { Remote } from "../remote/remote.ts";
import type { OperationOptions } from "../remote/storage-backend.ts";
import type { TreeView } from "./tree-view.ts";

/** A log that can be copied: what `openReader` returns is one. */
export interface LogSource {
  /** The log: 64 hexadecimal digits. */
  readonly logId: string;
  /** The newest verified state on each remote that shows it, best first; at least one after {@link LogSource.sync}. */
  readonly views: readonly TreeView[];
  /** Every remote of the log, whatever state it shows: each may have what the others lack. Default: those of the views alone. */
  readonly remotes?: readonly Remote[];
  /** Asks the remotes for the newest state. */
  sync(options?: OperationOptions): Promise<unknown>;
  /** The newest manifest that was verified; absent if the log has none. */
  readonly newestManifest?: VerifiedManifest | undefined;
}
