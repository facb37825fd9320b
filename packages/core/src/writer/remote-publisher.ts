import { bytesToHex } from "@noble/hashes/utils.js";
import { raceSignal } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../crypto/sha256.ts";
import {
  isRemoteLogError,
  NameConflictError,
  NotPropagatedError,
  StaleError,
  UnreachableError,
} from "../errors/index.ts";
import type { Journal } from "../journal/journal.ts";
import type { IntentRecord, PublishedRecord, RemoteRecords } from "../journal/remote-records.ts";
import type { IdentifiedGenesis } from "../log/genesis.ts";
import { encodeHead } from "../log/head.ts";
import type { CompactRange } from "../merkle/index.ts";
import { nameContent } from "../remote/name-content.ts";
import type { Resolution, Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import type { CheckpointSigner } from "./checkpoint-signer.ts";
import { judgeForeignHead, type OwnHistory } from "./foreign-head.ts";
import type { Progress } from "./progress.ts";
import type { RemoteTree } from "./remote-tree.ts";

/** How often an update whose outcome is unknown is settled before the publish gives up. */
const SETTLE_TRIES = 5;

/** How long a name system that may lag has to show an update, before it is taken for lost, in milliseconds. */
const LAG_MILLISECONDS = 60_000;

/** What a publisher needs of its writer. */
export interface PublisherContext {
  readonly journal: Journal;
  readonly genesis: IdentifiedGenesis;
  readonly signer: CheckpointSigner;
  readonly progress: Progress;
  /** Ends what callers share. */
  readonly closing: AbortSignal;
  /** The writer's own history, for judging what others put under the name. */
  own(tree: RemoteTree): OwnHistory;
}

/**
 * Brings one remote up to date: contents → pages → index → signed head made durable here → name. The name
 * never points at what is not there.
 */
export class RemotePublisher {
  readonly remote: Remote;
  readonly #records: RemoteRecords;
  readonly #tree: RemoteTree;
  readonly #context: PublisherContext;
  readonly #name: string;
  #published: PublishedRecord | undefined;
  #intent: IntentRecord | undefined;
  #confirmedSize = 0;
  // Whether the name was lost, or set back, after we had published.
  #setBack = false;
  // When the newest update was acknowledged; unknown where an earlier process sent it.
  #acknowledgedAt: number | undefined;
  #looked = false;
  #look: Promise<void> | undefined;

  constructor(remote: Remote, records: RemoteRecords, tree: RemoteTree, context: PublisherContext) {
    this.remote = remote;
    this.#records = records;
    this.#tree = tree;
    this.#context = context;
    this.#name = remote.name ?? context.genesis.logId;
  }

  /** Takes up where the journal says that this remote is. */
  async load(): Promise<void> {
    await this.#tree.load();
    this.#published = await this.#records.loadPublished();
    this.#intent = await this.#records.loadIntent();
    this.#confirmedSize = 0;
    this.#looked = false;
    this.#look = undefined;
    if (this.#published === undefined) return;
    for (const stage of ["stored", "published"] as const) {
      this.#context.progress.advance(this.remote.label, stage, this.#published.size);
    }
  }

  /** Number of entries that the name makes readable. */
  get size(): number {
    return this.#published?.size ?? 0;
  }

  /** Whether a log, even an empty one, is published under the name, with nothing on its way. */
  get settled(): boolean {
    return this.#published !== undefined && this.#intent === undefined;
  }

  /**
   * Looks at the name once in the life of this process, before anything new is signed: is what it holds what
   * the journal says? An intent that was left behind is settled here. Callers share one look.
   */
  look(signal: AbortSignal): Promise<void> {
    this.#look ??= this.#lookNow(this.#context.closing).catch((error: unknown) => {
      this.#look = undefined;
      throw error;
    });
    return raceSignal(this.#look, signal);
  }

  get #atomic(): boolean {
    return this.remote.names.capabilities.compareAndSet === "atomic";
  }

  async #lookNow(signal: AbortSignal): Promise<void> {
    if (this.#intent !== undefined) await this.#settle(this.#intent, signal);
    else await this.#expectedRevision(undefined, signal);
    this.#looked = true;
  }

  /** Whether the name was read back, and showed what was published. */
  get confirmed(): boolean {
    return this.#confirmedSize >= this.size;
  }

  /** Publishes the first entries of the log, as many as `tree` has. */
  async publish(tree: CompactRange, signal: AbortSignal): Promise<void> {
    const looked = this.#looked;
    await this.look(signal);
    if (this.#intent !== undefined) await this.#settle(this.#intent, signal);
    // Where the name system would let us overwrite a second device, look before every update.
    else if (looked && !this.#atomic) await this.#expectedRevision(undefined, signal);
    const current = this.#published !== undefined && this.#published.size >= tree.size;
    if (current && !this.#setBack) return this.#confirm(signal);
    const { signer, genesis, progress } = this.#context;
    const { levels, pairs } = await this.#tree.store(tree.size, tree.root(), signal);
    progress.advance(this.remote.label, "stored", tree.size);
    const { note, checkpoint } = await signer.sign(tree);
    const head = encodeHead({ genesis, note, checkpoint, levels, pairs });
    const intent = { size: tree.size, content: await nameContent(this.remote, head, signal) };
    await signer.record({ note, checkpoint }, (signed) => this.#records.saveIntent(intent, signed));
    this.#intent = intent;
    signal.throwIfAborted();
    try {
      const revision = await this.#update(intent, this.#published?.revision ?? null, signal);
      await this.#arrived(intent, revision);
    } catch (error) {
      if (signal.aborted || !isUnknownOutcome(error)) throw error;
      await this.#settle(intent, signal, error);
    }
    await this.#confirm(signal);
  }

  #update({ content }: IntentRecord, expected: Revision | null, signal: AbortSignal): Promise<Revision> {
    return this.remote.names.update(this.#name, content, { expected, signal });
  }

  #resolve(signal: AbortSignal, known?: Revision): Promise<Resolution> {
    const { names } = this.remote;
    const maxBytes = names.capabilities.largestContent;
    return names.resolve(this.#name, { signal, maxBytes, ...(known !== undefined && { known }) });
  }

  async #arrived({ size, content }: IntentRecord, revision: Revision): Promise<void> {
    const published = { size, revision, content: bytesToHex(sha256(content)) };
    await this.#context.journal.write(this.#records.publishedOperations(published), false);
    this.#published = published;
    this.#intent = undefined;
    this.#setBack = false;
    this.#acknowledgedAt = performance.now();
    this.#context.progress.advance(this.remote.label, "published", size);
  }

  /**
   * Settles an update whose outcome is unknown: reads the name, and sends the same bytes again where they have
   * not arrived.
   *
   * @param failure - with what the update failed, where it was sent just now
   */
  async #settle(intent: IntentRecord, signal: AbortSignal, failure?: unknown): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      const outdone = failure instanceof NameConflictError;
      const expected = await this.#expectedRevision(intent, signal, outdone);
      if (expected === "arrived") return;
      try {
        const revision = await this.#update(intent, expected.revision, signal);
        await this.#arrived(intent, revision);
        return;
      } catch (error) {
        if (signal.aborted || !isUnknownOutcome(error)) throw error;
        failure = error;
      }
    }
    throw new UnreachableError(
      `${this.remote.label} gave no usable answer to ${SETTLE_TRIES} updates of the name. The signed head is kept and sent again, unchanged, at the next publish.`,
      { operation: "writer.publish", retry: "exhausted", cause: failure },
    );
  }

  /**
   * Reads the name and decides on which revision the next update may build. The journal knows the revision; what
   * the server says counts only where it holds what we put there, or an older state of our own history.
   *
   * @param outdone - whether an update by our own count was refused: then an older state of ours stands above it, which
   * had been lost when the count began anew, and has come up again
   */
  async #expectedRevision(
    intent: IntentRecord | undefined,
    signal: AbortSignal,
    outdone = false,
  ): Promise<"arrived" | { revision: Revision | null }> {
    const ours = this.#published?.revision ?? null;
    let found: Resolution;
    try {
      found = await this.#resolve(signal);
    } catch (error) {
      if (!(await this.#goesOn(error, intent, signal))) throw error;
      // What we published does not show any more.
      this.#noticeSize(0);
      return { revision: ours };
    }
    if (found.status === "unchanged") return { revision: ours };
    if (found.status === "absent") {
      this.#noticeSize(0);
      // A name that was lost can be made anew; where nothing is enforced, our own count goes on, unless it was refused: then
      // it is that of another name, which had this label before.
      return { revision: this.#atomic || outdone ? null : ours };
    }
    if (intent !== undefined && bytesEqual(found.content, intent.content)) {
      // Only an acknowledgement tells that others see it, too.
      if (this.remote.names.capabilities.showsUnacknowledged === true && !outdone) return { revision: ours };
      await this.#arrived(intent, found.revision);
      this.#confirmed();
      return "arrived";
    }
    if (this.#isPublished(found.content)) {
      // Readers take it no more.
      if (found.expired === true) this.#noticeSize(0);
      else this.#confirmed();
      return { revision: this.#atomic || outdone ? found.revision : ours };
    }
    const { checkpoint } = await judgeForeignHead(
      this.remote,
      found.content,
      this.#context.own(this.#tree),
      !this.#looked,
      signal,
    );
    const newer = checkpoint.size > this.size || this.#published === undefined;
    if (newer && checkpoint.size >= (intent?.size ?? 0)) {
      // The journal is older than the name, and has all of its entries: what it meant to send is superseded.
      await this.#arrived({ size: checkpoint.size, content: found.content }, found.revision);
      this.#confirmed();
      return "arrived";
    }
    this.#noticeSize(checkpoint.size);
    return { revision: this.#atomic || newer || outdone ? found.revision : ours };
  }

  /** Whether our own count goes on although the name shows no head that can be read. */
  async #goesOn(error: unknown, intent: IntentRecord | undefined, signal: AbortSignal): Promise<boolean> {
    // Nothing newer shows than what is out of date. Before the first look that may hide what a restored journal lacks.
    if (error instanceof StaleError) return this.#looked;
    if (!(error instanceof NotPropagatedError)) return false;
    // A part of a head was lost. What was sent before is sent again as it was; otherwise it has to be the one that we
    // published.
    if (intent !== undefined) return true;
    const known = this.#published?.revision;
    return known !== undefined && (await this.#resolve(signal, known)).status === "unchanged";
  }

  // A name system that shows less than was published has lost it, if it promises not to lag, or has had the time to
  // show it: it is published anew. Where it only lagged after all, it has the same head twice.
  #noticeSize(shown: number): void {
    const { readYourWrites } = this.remote.names.capabilities;
    const since = this.#acknowledgedAt ?? Number.NEGATIVE_INFINITY;
    const due = readYourWrites || performance.now() - since >= LAG_MILLISECONDS;
    this.#setBack = due && this.#published !== undefined && (shown < this.size || this.size === 0);
  }

  #isPublished(content: Uint8Array): boolean {
    return bytesToHex(sha256(content)) === this.#published?.content;
  }

  #confirmed(): void {
    this.#confirmedSize = this.size;
    this.#context.progress.advance(this.remote.label, "confirmed", this.size);
  }

  // Reading back notices a second device where the name system cannot; it makes "published" into "confirmed".
  async #confirm(signal: AbortSignal): Promise<void> {
    if (this.confirmed) return;
    try {
      const found = await this.#resolve(signal);
      if (found.status === "unchanged") return;
      if (found.status === "absent") return this.#noticeSize(0);
      if (this.#isPublished(found.content)) return this.#confirmed();
      const own = this.#context.own(this.#tree);
      const { checkpoint } = await judgeForeignHead(this.remote, found.content, own, false, signal);
      this.#noticeSize(checkpoint.size);
    } catch (error) {
      // It is published all the same; an answer that does not come is made up for at the next publish.
      if (signal.aborted || !(isRemoteLogError(error) && error.retry === "safe")) throw error;
    }
  }
}

/** Whether an update may have taken effect although it failed. */
function isUnknownOutcome(error: unknown): boolean {
  if (error instanceof NameConflictError) return true;
  return !isRemoteLogError(error) || error.retry !== "never";
}
