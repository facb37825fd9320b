// Readers by name, as callers of a writer see them.

import type { OperationOptions } from "../remote/storage-backend.ts";

/** A reader that the writer has named. */
export interface GrantedReader {
  /** The public key that the reader made: `age1…`, or `age1pq1…`. */
  readonly recipient: string;
  /** Whether the reader may read everything from the beginning. */
  readonly withHistory: boolean;
  /** Sequence number of the first entry that the reader may read. */
  readonly from: number;
}

/** Options of `Writer.grant`. */
export interface GrantOptions extends OperationOptions {
  /** Whether the readers may read what was appended before, too. Default: from the next entry on. */
  readonly withHistory?: boolean | undefined;
}
