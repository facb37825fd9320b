// What a repair is asked for, and what it tells.

import type { OperationOptions } from "../remote/storage-backend.ts";

/** How far the repair of one remote is. */
export interface RepairProgress {
  /** The remote's label. */
  readonly label: string;
  /** Number of objects that were looked for: contents, pages and index nodes. */
  readonly checked: number;
  /** Number of those that were missing, and were sent again. */
  readonly putBack: number;
}

/** Options of `Writer.repair`. */
export interface RepairOptions extends OperationOptions {
  /** Label of the remote to repair. Default: all. */
  readonly remote?: string | undefined;
  /**
   * Whether to read every object and to compare it with its address, instead of asking whether it is there: this finds bytes that
   * were damaged, and takes as long as reading the whole log. Such a repair begins anew if it was cut off. Default: false.
   */
  readonly reads?: boolean | undefined;
  /** Called as a repair gets on. */
  readonly onProgress?: ((progress: RepairProgress) => void) | undefined;
}

/** What a repair found and did. */
export interface RepairResult {
  /** Each remote that was repaired. */
  readonly remotes: readonly RepairProgress[];
}
