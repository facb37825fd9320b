// The name of a log on one remote: looks at it, moves it, settles unknown outcomes. What a look means, decide.ts says.

import { raceSignal, throwIfAborted } from "../async/signals.ts";
import { bytesEqual } from "../bytes.ts";
import { hasCode, isRemoteLogError } from "../errors/index.ts";
import {
  contentHash,
  type DoubtRecord,
  type IntentRecord,
  type PublishedRecord,
  type RemoteRecords,
} from "../journal/remote-records.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import { monotonicNow, timeNow } from "../runtime/clock.ts";
import { adoptionOf, judgeBelief } from "./belief.ts";
import { checkIntent } from "./check-intent.ts";
import { type Decision, decide, decideReadBack, type Extent } from "./decide.ts";
import { HeadObjects } from "./head-objects.ts";
import { knownPages } from "./known-tree.ts";
import { knownTo, type Look, type LookOptions, look, readBack } from "./look.ts";
import { NamePromises } from "./name-promises.ts";
import { gaveUp, NameRetries } from "./name-retries.ts";
import { EarlySample, PathSamples } from "./path-samples.ts";
import type { PathVerdict } from "./read-path.ts";
import { hadTimeToShow, idShownBy, isUnknownOutcome, type RemoteState, UNKNOWN } from "./remote-state.ts";
import type { RemoteTree } from "./remote-tree.ts";
import { type IntentPlace, signIntent } from "./sign-intent.ts";
import type { DoubtOptions, StoredTree } from "./stored-tree.ts";
import type { WriterState } from "./writer-state.ts";

/** How often an update whose outcome is unknown is settled before the publish gives up. */
const SETTLE_TRIES = 5;

/** The name of a log on one remote, and what is known of it. */
export class RemoteName {
  readonly remote: Remote;
  readonly #name: string;
  readonly #retries = new NameRetries();
  readonly #promises: NamePromises;
  #state: RemoteState = UNKNOWN;
  #firstLook: Promise<void> | undefined;
  readonly #samples = new PathSamples();
  // What the name was set to last, in the life of this process.
  #sent: Uint8Array | undefined;
  readonly #place: Omit<IntentPlace, "remoteId">;
  /** Whether a place that is gone is made anew: its owner asked for that. */
  makesAnew = false;

  constructor(remote: Remote, writer: WriterState, records: RemoteRecords, tree: RemoteTree) {
    this.remote = remote;
    this.#name = remote.name ?? writer.genesis.logId;
    const heads = new HeadObjects({ records, storage: remote.storage });
    this.#place = { remote, writer, records, tree, heads };
    this.#promises = new NamePromises(remote.names, this.#retries);
  }

  /** Reads from the journal where this remote is. */
  async load(): Promise<void> {
    const published = await this.#place.records.loadPublished();
    const intent = await this.#place.records.loadIntent();
    if (intent !== undefined) await checkIntent(intent, this.#place.writer.genesis.logId);
    const remoteId = published?.remoteId ?? (intent && idShownBy(intent.content)) ?? undefined;
    const doubt = await this.#place.records.loadDoubt();
    this.#state = { ...UNKNOWN, published, intent, remoteId, doubt };
    this.#firstLook = undefined;
    this.#sent = undefined;
    this.#samples.clear();
    if (published !== undefined) this.#advance("published");
  }

  /** Number of entries that the name makes readable. */
  get size(): number {
    return this.#state.published?.size ?? 0;
  }

  /** Whether a head was ever shown under the name, as far as the journal knows. */
  get published(): boolean {
    return this.#state.published !== undefined;
  }

  /** Whether a log, even an empty one, is published under the name with its newest manifest, and nothing is on its way. */
  get settled(): boolean {
    return this.#state.published !== undefined && this.#state.intent === undefined && this.#showsManifest;
  }

  get #showsManifest(): boolean {
    return (this.#state.published?.manifest ?? 0) >= this.#place.writer.manifests.version;
  }

  /** Whether the name was read back with what was published, and a sample of what it leads to. */
  get confirmed(): boolean {
    const { confirmed, confirmedManifest, published } = this.#state;
    return confirmed >= this.size && confirmedManifest >= (published?.manifest ?? 0);
  }

  /**
   * Looks at the name once in the life of this process, before anything new is signed: is what it holds what
   * the journal says? An intent that was left behind is settled here. Callers share one look.
   */
  look(signal: AbortSignal): Promise<void> {
    this.#firstLook ??= this.#lookFirst(this.#place.writer.closing).catch((error: unknown) => {
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

  /** Whether the name shows that much, as far as is known. */
  shows({ size }: CompactRange): boolean {
    const { published, republish } = this.#state;
    const isThere = published !== undefined && published.size >= size && this.#showsManifest;
    return isThere && !republish && !this.#place.tree.doubted && !this.#place.tree.rewriter.unshown;
  }

  /** Looks before the first update of a publish: once in the life of a process, and then as {@link RemoteName.#lookBefore}. */
  async lookForPublish(signal: AbortSignal): Promise<void> {
    const { looked } = this.#state;
    await this.look(signal);
    if (this.#state.intent !== undefined || looked) await this.#lookBefore(signal);
  }

  /** Looks at the name now. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    const { looked } = this.#state;
    await this.look(signal);
    if (this.#state.intent !== undefined) await this.#settle(this.#state.intent, signal);
    else if (looked) await this.#lookNow(signal);
  }

  // Settles what is on its way. If the name system would let us overwrite a second device, looks before every update.
  async #lookBefore(signal: AbortSignal): Promise<void> {
    if (this.#state.intent !== undefined) await this.#settle(this.#state.intent, signal);
    else if ((await this.#promises.get(signal)).compareAndSet === "none") await this.#lookNow(signal);
  }

  /**
   * Moves the name to the head of a tree whose contents, pages and nodes are stored. If the name turns out to be that of another
   * place, nothing is sent, and {@link RemoteTree.doubted} says so.
   *
   * @param looked - whether the name was looked at since the last update
   */
  async move(
    tree: CompactRange,
    stored: StoredTree,
    { looked, signal }: { readonly looked: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    if (!looked) {
      await this.#lookBefore(signal);
      if (this.shows(tree) || this.#place.tree.doubted) return;
    }
    const { remoteId } = this.#state;
    const signed = await signIntent({ ...this.#place, remoteId }, tree, stored, signal);
    this.#learn(signed);
    const { intent } = signed;
    throwIfAborted(signal);
    await this.#place.heads.store(intent, signal);
    try {
      await this.#update(intent, this.#state.published?.revision ?? null, signal);
    } catch (error) {
      if (signal.aborted || !isUnknownOutcome(error)) throw error;
      await this.#settle(intent, signal, error);
    }
  }

  async #update(
    { content, ...extent }: IntentRecord,
    expected: Revision | null,
    signal: AbortSignal,
  ): Promise<void> {
    const revision = await this.remote.names.update(this.#name, content, { expected, signal });
    this.#sent = content;
    await this.#arrived(extent, content, revision);
  }

  async #arrived({ size, manifest }: Extent, content: Uint8Array, revision: Revision): Promise<void> {
    const remoteId = idShownBy(content) ?? undefined;
    const hash = contentHash(content);
    const published: PublishedRecord = {
      ...{ size, revision, content: hash },
      ...(remoteId !== undefined && { remoteId }),
      ...(manifest !== undefined && { manifest }),
    };
    const { intent } = this.#state;
    const { rewriter } = this.#place.tree;
    // Nothing is rewritten while a head is on its way, so this one leads to the pages as they are now.
    const isIntent = intent !== undefined && bytesEqual(intent.content, content);
    const shown = isIntent ? await rewriter.shownOperations(this.#place.writer.removed) : undefined;
    const before = this.#state.shown;
    const heads = await this.#place.heads.shownOperations({ size, content }, before, shown && timeNow());
    const steps = [...(shown ?? []), ...heads, ...this.#place.records.publishedOperations(published)];
    await this.#place.writer.journal.write(steps, false);
    if (shown !== undefined) rewriter.shown();
    this.#learn({
      ...{ published, remoteId, intent: undefined, republish: false, acknowledgedAt: monotonicNow() },
      ...{ doubt: undefined, shown: undefined, adopted: false },
    });
    this.#advance("published");
  }

  /**
   * Settles an update whose outcome is unknown: reads the name, and sends the same bytes again if they have not arrived.
   *
   * @param failure - with what the update failed, if it was sent just now
   */
  async #settle(intent: IntentRecord, signal: AbortSignal, failure?: unknown): Promise<void> {
    for (let tries = 0; tries < SETTLE_TRIES; tries++) {
      const decision = await this.#lookNow(signal, failure);
      if (this.#place.tree.doubted) {
        // What this head leads to may not be there. It is made anew once that is known.
        this.#learn({ intent: undefined });
        return;
      }
      if (decision.kind === "arrived") return;
      await this.#place.heads.store(intent, signal);
      try {
        await this.#update(intent, decision.expected, signal);
        return;
      } catch (error) {
        if (signal.aborted || !isUnknownOutcome(error)) throw error;
        failure = error;
      }
    }
    throw gaveUp(this.remote.label, SETTLE_TRIES, failure);
  }

  /**
   * Looks at the name, decides what that means, and records it.
   *
   * @param failure - with what an update by our own count failed just now, if one did
   */
  async #lookNow(signal: AbortSignal, failure?: unknown): Promise<Exclude<Decision, { kind: "refuse" }>> {
    const promises = await this.#promises.get(signal);
    const seen = await this.#retries.run(() => look(this.#lookOptions(), signal), signal, failure);
    const refused = hasCode(failure, "ERR_NAME_CONFLICT");
    const { makesAnew } = this;
    const circumstances = { firstLook: !this.#state.looked, refused, overdue: this.#isOverdue(), makesAnew };
    return this.#record(seen, decide(seen.seen, this.#state, promises, circumstances));
  }

  /**
   * Reads the name back, and a sample of what it leads to. If an answer does not come, it stays unconfirmed.
   *
   * @returns what is not there although it was acknowledged; `undefined` if nothing is known to be missing
   */
  async confirm(signal: AbortSignal): Promise<Extract<PathVerdict, { kind: "damaged" }> | undefined> {
    if (this.confirmed) return undefined;
    const sent = this.#state.shown ?? this.#sent;
    const sample = new EarlySample(sent, (content, own) => this.#readPath(content, own), signal);
    try {
      if (this.#state.shown === undefined) {
        const seen = await this.#retries.run(() => readBack(this.#lookOptions(), signal), signal);
        await this.#record(seen, decideReadBack(seen.seen, this.#state, { overdue: this.#isOverdue() }));
      }
      const { shown } = this.#state;
      if (shown === undefined || this.#place.tree.doubted) return undefined;
      const verdict = await sample.of(shown);
      if (verdict.kind === "damaged") return verdict;
      const confirmedManifest = this.#state.published?.manifest ?? 0;
      this.#learn({ confirmed: this.size, confirmedManifest, shown: undefined });
      this.#advance("confirmed");
    } catch (error) {
      // It is published all the same; an answer that does not come is made up for at the next publish.
      if (signal.aborted || !(isRemoteLogError(error) && error.retry === "safe")) throw error;
    } finally {
      sample.end();
    }
    return undefined;
  }

  #readPath(content: Uint8Array, signal: AbortSignal): Promise<PathVerdict> {
    const { records, tree, writer } = this.#place;
    const { logId } = writer.genesis;
    const remote = this.#retries.reading(this.remote, signal);
    const seen = { since: this.#state.confirmed, overdue: this.#isOverdue() };
    const known = knownPages(records, tree.runs.run, tree.levels[0]);
    return this.#samples.read({ remote, logId, content, known, ...seen }, signal);
  }

  /**
   * Ends the belief in what is stored: all of it has to be looked for before the name moves, and the name has to move.
   *
   * @param options - how to look, as {@link RemoteTree.doubt}
   */
  async doubt(options: DoubtOptions = {}): Promise<void> {
    const doubt = { shown: this.#state.remoteId ?? null };
    await this.#doubt(doubt, { republish: true }, { published: this.size, confirmed: 0 }, options);
  }

  async #doubt(
    doubt: DoubtRecord,
    what: Partial<RemoteState>,
    left: { readonly published: number; readonly confirmed: number },
    options?: DoubtOptions,
  ): Promise<void> {
    await this.#place.tree.doubt(doubt, options);
    this.#samples.doubt();
    this.#learn({ ...what, doubt, confirmed: 0 });
    this.#place.writer.progress.retreat(this.remote.label, left);
  }

  async #record(
    { seen, content, refusal }: Look,
    decision: Decision,
  ): Promise<Exclude<Decision, { kind: "refuse" }>> {
    if (decision.kind === "refuse") throw refusal!(decision.because);
    const shown = content === undefined ? null : idShownBy(content);
    const { remoteId, doubt, published } = this.#state;
    const { readYourWrites } = this.remote.names.capabilities;
    const wasPublished = published !== undefined;
    const belief = judgeBelief({ seen, decision, wasPublished, shown, remoteId, doubt, readYourWrites });
    const size = seen.kind === "own" ? seen.size : 0;
    const isAdopted = belief === "adopted";
    if (isAdopted) {
      // Before the journal says that anything is published: a process that ends in between must not believe it.
      const record = adoptionOf(shown, this.remote.storage.capabilities);
      await this.#doubt(record, { remoteId: shown ?? undefined }, { published: size, confirmed: 0 });
    }
    switch (decision.kind) {
      case "arrived":
        await this.#arrived(decision, content!, decision.revision);
        this.#learn({ shown: content });
        break;
      case "confirmed":
        this.#learn({ shown: content });
        break;
      case "wait":
      case "republish":
        this.#learn({ republish: decision.kind === "republish" });
        break;
      case "proceed":
        break;
    }
    if (isAdopted) this.#learn({ adopted: true });
    if (belief === "ended") {
      // A place has its own id from its first publish on. If a name may lag, what it does not show may still be there.
      const kept = shown ?? (readYourWrites ? undefined : remoteId);
      // Entries of which the same place still shows the head were read back there.
      const confirmed = shown !== null && shown === remoteId ? size : 0;
      await this.#doubt({ shown }, { remoteId: kept, republish: true }, { published: size, confirmed });
    }
    return decision;
  }

  /** Whether the name shows a head that was published under another label: it moves only if something was missing. */
  get adopted(): boolean {
    return this.#state.adopted;
  }

  #advance(stage: "published" | "confirmed"): void {
    this.#place.writer.progress.advance(this.remote.label, stage, this.size);
  }

  #isOverdue(): boolean {
    return this.remote.names.capabilities.readYourWrites || hadTimeToShow(this.#state);
  }

  #lookOptions(): LookOptions {
    return { remote: this.remote, name: this.#name, known: () => knownTo(this.#place, this.#state) };
  }

  #learn(news: Partial<RemoteState>): void {
    this.#state = { ...this.#state, ...news };
  }
}
