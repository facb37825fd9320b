// What the parts of one writer share, passed down to each of them: they call nothing upwards.

import { throwIfAborted } from "../async/signals.ts";
import type { WriterKeys } from "../crypto/index.ts";
import { RestoredError } from "../errors/index.ts";
import type { AppendTimes } from "../journal/append-times.ts";
import type { Journal } from "../journal/journal.ts";
import type { Acknowledged, WitnessRecord } from "../journal/witness.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import type { Sealing } from "../log/sealing.ts";
import type { SequenceRanges } from "../log/sequence-ranges.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { CheckpointSigner } from "./checkpoint-signer.ts";
import type { EpochKeeper } from "./epoch-keeper.ts";
import type { ManifestKeeper } from "./manifest-keeper.ts";
import type { OpenLog } from "./open-log.ts";
import type { Progress } from "./progress.ts";

/** The state of one writer: its log, and what may be done with it at present. */
export class WriterState {
  readonly journal: Journal;
  readonly genesis: IdentifiedGenesis;
  /** The keys that the seed leads to. */
  readonly keys: WriterKeys;
  readonly sealing: Sealing;
  /** Who may read, and with which key; `undefined` if the log is public. */
  readonly epochs: EpochKeeper | undefined;
  readonly signer: CheckpointSigner;
  /** What the log says of itself. */
  readonly manifests: ManifestKeeper;
  /** Where the writer states what it acknowledges. */
  readonly witnessed: WitnessRecord;
  /** How far each remote is. */
  readonly progress: Progress;
  /** Fires when the writer closes. */
  readonly closing: AbortSignal;
  /** The tree of all durable entries. Replaced at every write, never changed in place. */
  tree: CompactRange;
  /**
   * Whether the journal lacks something, or a recovery was begun and not finished: until one has ended, nothing may be appended
   * or signed.
   */
  recovering = false;
  /** Whether the journal lacks something. */
  incomplete: boolean;
  /** When entries were appended. */
  readonly times: AppendTimes;
  /** The entries whose contents the journal does not have any more. */
  removed: SequenceRanges = [];
  /** What had been acknowledged when the journal was opened, or recovered; `undefined` if that is not known. */
  acknowledged: Acknowledged | undefined;

  constructor(
    journal: Journal,
    log: OpenLog,
    { progress, closing }: { progress: Progress; closing: AbortSignal },
  ) {
    this.journal = journal;
    this.genesis = log.genesis;
    this.keys = log.keys;
    this.sealing = log.sealing;
    this.epochs = log.epochs;
    this.signer = log.signer;
    this.manifests = log.manifests;
    this.tree = log.tree;
    this.incomplete = log.incomplete;
    this.acknowledged = log.acknowledged;
    this.witnessed = log.witnessed;
    this.progress = progress;
    this.times = log.times;
    this.closing = closing;
  }

  /** Number of entries that are durable on this device. */
  get size(): number {
    return this.tree.size;
  }

  /**
   * Refuses if nothing may be appended or signed at present.
   *
   * @throws ClosedError `ERR_CLOSED` after the writer was closed
   * @throws RestoredError `ERR_RESTORED` while a recovery is unfinished
   */
  throwIfUnusable(): void {
    throwIfAborted(this.closing);
    if (!this.recovering) return;
    throw new RestoredError(
      this.incomplete
        ? "This journal lacks entries that were acknowledged. Nothing was appended: call recover() first."
        : "A recovery of this journal was begun and not finished. Nothing is lost: call recover() again to finish it.",
      {
        operation: "writer.append",
        local: this.size,
        published: this.signer.largest?.checkpoint.size ?? 0,
      },
    );
  }
}
