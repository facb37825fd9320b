// What a removal needs of the tree of a remote.

import type { BatchOperation } from "../journal/database.ts";
import type { Journal } from "../journal/journal.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import type { Genesis } from "../log/genesis.ts";
import type { Pair } from "../log/pair.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { GrowingLevel } from "./index-levels.ts";
import type { PageRuns, Sink } from "./page-runs.ts";
import type { Uploads } from "./uploads.ts";

/** How pages are made. */
export type PageForm = Pick<RewrittenTree, "runs" | "nextRun" | "pairs">;

/** The tree whose pages are written anew. */
export interface RewrittenTree {
  /** Number of full pages that are stored. */
  readonly pages: number;
  readonly levels: readonly GrowingLevel[];
  readonly runs: Pick<PageRuns, "step" | "endOf" | "layUnstored">;
  /** The run of pages that is stored next. */
  readonly nextRun: number;
  /** The size from which on contents may be stored on their own, by any settings so far, in bytes. */
  readonly leastEmbedded: number;
  /** The pairs of entries as the journal has them; contents that are not embedded are uploaded. */
  pairs(from: number, to: number, uploads: Sink): Promise<Pair[]>;
  /** Puts other levels into the place of these, in one batch of the journal with further steps. */
  replaceLevels(
    levels: readonly GrowingLevel[],
    further: readonly BatchOperation[],
    uploads: Uploads,
  ): Promise<void>;
}

/** What pages are written anew with. */
export interface RewriteParts {
  readonly journal: Journal;
  readonly genesis: Genesis;
  readonly records: RemoteRecords;
  readonly storage: StorageBackend;
  readonly tree: RewrittenTree;
}
