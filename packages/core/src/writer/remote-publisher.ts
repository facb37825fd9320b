// Brings one remote up to date. What a look at the name means is decided in decide.ts; this is where it is done.

import { mayPass } from "../async/retry.ts";
import { raceSignal } from "../async/signals.ts";
import { hasCode, isRemoteLogError, UnreachableError } from "../errors/index.ts";
import {
  contentHash,
  type IntentRecord,
  type PublishedRecord,
  type RemoteRecords,
} from "../journal/remote-records.ts";
import { encodeHead } from "../log/head.ts";
import type { CompactRange } from "../merkle/index.ts";
import { nameContent } from "../remote/name-content.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import { checkIntent } from "./check-intent.ts";
import { type Decision, decide, decideReadBack, type Promises } from "./decide.ts";
import { type Known, type Look, type LookOptions, look, readBack } from "./look.ts";
import type { RemoteTree, StoredTree } from "./remote-tree.ts";
import type { WriterState } from "./writer-state.ts";

/** How often an update whose outcome is unknown is settled before the publish gives up. */
const SETTLE_TRIES = 5;

/** How long a name system that may lag has to show an update, before it is taken for lost, in milliseconds. */
const LAG_MILLISECONDS = 60_000;

/** What is known of one remote: what the journal says, and what this process has seen. */
interface RemoteState {
  readonly published: PublishedRecord | undefined;
  readonly intent: IntentRecord | undefined;
  /** Number of entries that were read back. */
  readonly confirmed: number;
  /** Whether this process has seen the name. */
  readonly looked: boolean;
  /** Whether the name was lost, or set back, after we had published. */
  readonly republish: boolean;
  /** When the newest update was acknowledged; absent if an earlier process sent it. */
  readonly acknowledgedAt?: number;
}

const UNKNOWN: RemoteState = {
  published: undefined,
  intent: undefined,
  confirmed: 0,
  looked: false,
  republish: false,
};

/**
 * Brings one remote up to date: contents → pages → index → signed head made durable here → name. The name
 * never points at what is not there.
 */
export class RemotePublisher {
  readonly remote: Remote;
  readonly #writer: WriterState;
  readonly #records: RemoteRecords;
  readonly #tree: RemoteTree;
  readonly #name: string;
  readonly #promises: Promises;
  #state: RemoteState = UNKNOWN;
  #firstLook: Promise<void> | undefined;

  constructor(remote: Remote, writer: WriterState, records: RemoteRecords, tree: RemoteTree) {
    const { compareAndSet, showsUnacknowledged = false } = remote.names.capabilities;
    this.remote = remote;
    this.#writer = writer;
    this.#records = records;
    this.#tree = tree;
    this.#name = remote.name ?? writer.genesis.logId;
    this.#promises = { compareAndSet, showsUnacknowledged };
  }

  /** Reads from the journal where this remote is. */
  async load(): Promise<void> {
    await this.#tree.load();
    const published = await this.#records.loadPublished();
    const intent = await this.#records.loadIntent();
    if (intent !== undefined) await checkIntent(intent, this.#writer.genesis.logId);
    this.#learn({ published, intent, confirmed: 0, looked: false });
    this.#firstLook = undefined;
    const { progress } = this.#writer;
    const stored = Math.max(published?.size ?? 0, this.#tree.inPages);
    if (stored > 0) progress.advance(this.remote.label, "stored", stored);
    if (published !== undefined) progress.advance(this.remote.label, "published", published.size);
  }

  /** Number of entries that the name makes readable. */
  get size(): number {
    return this.#state.published?.size ?? 0;
  }

  /** Whether a log, even an empty one, is published under the name, with nothing on its way. */
  get settled(): boolean {
    return this.#state.published !== undefined && this.#state.intent === undefined;
  }

  /** Number of uploads that were acknowledged since this process began. */
  get uploads(): number {
    return this.#tree.acknowledged.count;
  }

  /** Whether the name was read back, and showed what was published. */
  get confirmed(): boolean {
    return this.#state.confirmed >= this.size;
  }

  /**
   * Looks at the name once in the life of this process, before anything new is signed: is what it holds what
   * the journal says? An intent that was left behind is settled here. Callers share one look.
   */
  look(signal: AbortSignal): Promise<void> {
    this.#firstLook ??= this.#lookFirst(this.#writer.closing).catch((error: unknown) => {
      this.#firstLook = undefined;
      throw error;
    });
    return raceSignal(this.#firstLook, signal);
  }

  async #lookFirst(signal: AbortSignal): Promise<void> {
    if (this.#state.intent !== undefined) await this.#settle(this.#state.intent, signal);
    else await this.#lookNow(signal);
    this.#learn({ looked: true });
  }

  /**
   * Publishes the first entries of the log, as many as `tree` has. On the way through a long backlog the name moves in
   * steps.
   */
  async publish(tree: CompactRange, signal: AbortSignal): Promise<void> {
    const { looked } = this.#state;
    await this.look(signal);
    if (this.#state.intent !== undefined || looked) await this.#lookBefore(signal);
    try {
      await this.#publishNow(tree, signal);
    } finally {
      await this.#tree.acknowledged.save();
    }
    await this.#confirm(signal);
  }

  async #publishNow(tree: CompactRange, signal: AbortSignal): Promise<void> {
    let moved = false;
    for (const step of await this.#tree.planSteps(this.size, tree, signal)) {
      const stored = await this.#store(step, { last: false, signal });
      try {
        await this.#moveName(step, stored, { looked: !moved, signal });
      } catch (error) {
        // Everything else is stored all the same; then the name moves once, over the whole way.
        if (signal.aborted || !mayPass(error)) throw error;
        moved = true;
        break;
      }
      moved = true;
    }
    if (this.#shows(tree)) return;
    const stored = await this.#store(tree, { last: true, signal });
    await this.#moveName(tree, stored, { looked: !moved, signal });
  }

  // Whether the name shows that much, as far as is known.
  #shows({ size }: CompactRange): boolean {
    const { published, republish } = this.#state;
    return published !== undefined && published.size >= size && !republish;
  }

  // Settles what is on its way. If the name system would let us overwrite a second device, looks before every update.
  async #lookBefore(signal: AbortSignal): Promise<void> {
    if (this.#state.intent !== undefined) await this.#settle(this.#state.intent, signal);
    else if (this.#promises.compareAndSet === "none") await this.#lookNow(signal);
  }

  /** Stores everything below a head. */
  async #store(
    tree: CompactRange,
    { last, signal }: { last: boolean; signal: AbortSignal },
  ): Promise<StoredTree> {
    const stored = await this.#tree.store(tree.size, { root: tree.root(), last, signal });
    this.#writer.progress.advance(this.remote.label, "stored", tree.size);
    return stored;
  }

  /** @param looked - whether the name was looked at since the last update */
  async #moveName(
    tree: CompactRange,
    stored: StoredTree,
    { looked, signal }: { readonly looked: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    if (!looked) {
      await this.#lookBefore(signal);
      if (this.#shows(tree)) return;
    }
    const intent = await this.#prepare(tree, stored, signal);
    signal.throwIfAborted();
    try {
      await this.#update(intent, this.#state.published?.revision ?? null, signal);
    } catch (error) {
      if (signal.aborted || !isUnknownOutcome(error)) throw error;
      await this.#settle(intent, signal, error);
    }
  }

  /** Signs the next head, and makes it durable in the journal before anybody sees it. */
  async #prepare(
    tree: CompactRange,
    { levels, pairs }: StoredTree,
    signal: AbortSignal,
  ): Promise<IntentRecord> {
    const { signer, genesis } = this.#writer;
    const { note, checkpoint } = await signer.sign(tree);
    const head = encodeHead({ genesis, note, checkpoint, levels, pairs });
    const intent = { size: tree.size, content: await nameContent(this.remote, head, signal) };
    await signer.record({ note, checkpoint }, (signed) =>
      this.#tree.acknowledged.commit((notes) => this.#records.saveIntent(intent, signed, notes)),
    );
    this.#learn({ intent });
    return intent;
  }

  async #update(
    { size, content }: IntentRecord,
    expected: Revision | null,
    signal: AbortSignal,
  ): Promise<void> {
    const revision = await this.remote.names.update(this.#name, content, { expected, signal });
    await this.#arrived(size, content, revision);
  }

  async #arrived(size: number, content: Uint8Array, revision: Revision): Promise<void> {
    const published = { size, revision, content: contentHash(content) };
    await this.#writer.journal.write(this.#records.publishedOperations(published), false);
    this.#learn({ published, intent: undefined, republish: false, acknowledgedAt: performance.now() });
    this.#writer.progress.advance(this.remote.label, "published", size);
  }

  /**
   * Settles an update whose outcome is unknown: reads the name, and sends the same bytes again if they have not arrived.
   *
   * @param failure - with what the update failed, if it was sent just now
   */
  async #settle(intent: IntentRecord, signal: AbortSignal, failure?: unknown): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      const decision = await this.#lookNow(signal, hasCode(failure, "ERR_NAME_CONFLICT"));
      if (decision.kind === "arrived") return;
      try {
        await this.#update(intent, decision.expected, signal);
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
   * Looks at the name, decides what that means, and records it.
   *
   * @param refused - whether an update by our own count was refused just now
   */
  async #lookNow(signal: AbortSignal, refused = false): Promise<Exclude<Decision, { kind: "refuse" }>> {
    const seen = await look(this.#lookOptions(), signal);
    const firstLook = !this.#state.looked;
    const circumstances = { firstLook, refused, overdue: this.#isOverdue() };
    return this.#record(seen, decide(seen.seen, this.#state, this.#promises, circumstances));
  }

  async #confirm(signal: AbortSignal): Promise<void> {
    if (this.confirmed) return;
    try {
      const seen = await readBack(this.#lookOptions(), signal);
      await this.#record(seen, decideReadBack(seen.seen, this.#state, { overdue: this.#isOverdue() }));
    } catch (error) {
      // It is published all the same; an answer that does not come is made up for at the next publish.
      if (signal.aborted || !(isRemoteLogError(error) && error.retry === "safe")) throw error;
    }
  }

  async #record(
    { content, refusal }: Look,
    decision: Decision,
  ): Promise<Exclude<Decision, { kind: "refuse" }>> {
    switch (decision.kind) {
      case "arrived":
        await this.#arrived(decision.size, content!, decision.revision);
        this.#confirmed();
        return decision;
      case "confirmed":
        this.#confirmed();
        return decision;
      case "wait":
      case "republish":
        this.#learn({ republish: decision.kind === "republish" });
        return decision;
      case "proceed":
        return decision;
      case "refuse":
        throw refusal!(decision.because);
    }
  }

  #confirmed(): void {
    this.#learn({ confirmed: this.size });
    this.#writer.progress.advance(this.remote.label, "confirmed", this.size);
  }

  #isOverdue(): boolean {
    const { readYourWrites } = this.remote.names.capabilities;
    const since = this.#state.acknowledgedAt ?? Number.NEGATIVE_INFINITY;
    return readYourWrites || performance.now() - since >= LAG_MILLISECONDS;
  }

  #lookOptions(): LookOptions {
    return { remote: this.remote, name: this.#name, known: () => this.#known() };
  }

  #known(): Known {
    const { genesis, tree, signer } = this.#writer;
    const own = {
      logId: genesis.logId,
      size: tree.size,
      signed: signer.largest?.checkpoint,
      prefix: (size: number) => this.#tree.prefix(size),
    };
    const { published, intent, looked } = this.#state;
    return { published, intent, own, firstLook: !looked };
  }

  #learn(news: Partial<RemoteState>): void {
    this.#state = { ...this.#state, ...news };
  }
}

/** Whether an update may have taken effect although it failed. */
function isUnknownOutcome(error: unknown): boolean {
  if (hasCode(error, "ERR_NAME_CONFLICT")) return true;
  return !isRemoteLogError(error) || error.retry !== "never";
}
