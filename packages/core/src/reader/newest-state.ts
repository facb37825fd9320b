// The newest state of a log across its remotes; docs/protocol.md, "States over time".

import { throwIfAborted } from "../async/signals.ts";
import { hasCode } from "../errors/index.ts";
import { generationOf, type VerifiedHead } from "../log/head.ts";
import type { VerifiedManifest } from "../log/head-manifest.ts";
import type { Remote } from "../remote/remote.ts";
import { sameState } from "../tree/compare-heads.ts";
import { checkFloor } from "../tree/floor.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import { largest } from "./agree.ts";
import type { Answer, Offer } from "./ask-remotes.ts";
import { type Choice, chooseState, type Verdict } from "./choose-state.ts";
import { Comparisons, type Kinship } from "./comparisons.ts";
import type { Contacts } from "./contacts.ts";
import { FormerIfAny } from "./former-if-any.ts";
import { Freeze } from "./freeze.ts";
import { keepStates } from "./keep-states.ts";
import type { KeptObjects } from "./kept-objects.ts";
import { ManifestIfAny } from "./manifest-if-any.ts";
import { type Found, isNews, readOrder, remoteOf } from "./read-order.ts";
import type { KeptStates, LastVerified, ReaderMemory, SavedState, SeenState } from "./reader-memory.ts";
import type { ReaderOptions } from "./reader-options.ts";
import { RemoteReads, type Retrying } from "./remote-reads.ts";
import { gaveWay, type RemoteReport, reportOf, syncFailure } from "./remote-report.ts";

interface NewestStateOptions extends Pick<ReaderOptions, "logId" | "remotes" | "floor">, Retrying {
  readonly memory: ReaderMemory;
  readonly contacts: Contacts;
  readonly limits: ReaderLimits;
  readonly closing: AbortSignal;
  /** What is kept of what is read. Default: nothing. */
  readonly kept?: KeptObjects | undefined;
}

/** Finds the newest state of a log on its remotes, and compares it with the states that were verified before. */
export class NewestState {
  readonly #options: NewestStateOptions;
  // The newest state that was verified to extend the delivered one.
  #newest: LastVerified | undefined;
  // The largest state that something was delivered from.
  #delivered: VerifiedHead | undefined;
  // The largest state that was only seen, if it is larger than the newest one.
  #seen: SeenState | undefined;
  // What the store held when the states above were last compared with it.
  #agreed: SavedState | undefined;
  #epoch = 0;
  #views: readonly TreeView[] = [];
  #behind: readonly TreeView[] = [];
  #changing: Promise<unknown> = Promise.resolve();
  readonly #known = new Map<string, Offer>();
  // The largest size that each remote has shown, which tells a rollback from a mirror that lags behind.
  readonly #mostShown = new Map<string, number>();
  readonly #reads: RemoteReads;
  readonly #manifest: ManifestIfAny;
  readonly #freeze: Freeze;
  /** What former keys of the log signed, if it ever had one. */
  readonly former: FormerIfAny;

  constructor(options: NewestStateOptions) {
    this.#options = options;
    this.#freeze = new Freeze(options.memory, options.logId);
    this.former = new FormerIfAny(options.memory, options.logId);
    this.#manifest = new ManifestIfAny(options.memory, options.remotes);
    this.#reads = new RemoteReads(options.limits.concurrency, options.contacts, options);
  }

  /**
   * Loads the states of earlier runs.
   *
   * @throws ForkError `ERR_FORK` if an earlier run found that the log forked
   */
  async load(): Promise<void> {
    this.#agreed = await this.#options.memory.load();
    const { states: kept } = this.#agreed;
    this.#freeze.load(this.#agreed);
    if (kept === undefined) return;
    await this.#manifest.load();
    const { newest } = kept;
    this.#newest = newest;
    this.#delivered = kept.delivered;
    this.#seen = kept.seen;
    const remote = remoteOf(newest, this.#options.remotes);
    const view = this.#viewOf(newest.head, remote);
    this.#views = [view];
    if (remote.label !== newest.label) return;
    this.#known.set(remote.label, { remote, view, revision: newest.revision });
    this.#mostShown.set(remote.label, view.size);
  }

  /** The newest verified state on each remote that has it, best first; none before the first sync. */
  get views(): readonly TreeView[] {
    return this.#views;
  }

  /** What remotes showed at the last sync that is smaller, and proven to be the beginning of the newest; largest first. */
  get behind(): readonly TreeView[] {
    return this.#behind;
  }

  /**
   * What can be read although no remote shows the newest state: that state as far as it is kept, and what is {@link behind}.
   *
   * @param failure - why no remote does
   */
  withoutRemotes(failure: unknown): readonly TreeView[] {
    const { kept, remotes } = this.#options;
    const view = this.#newest && kept?.viewOf(this.#newest, remotes, failure);
    return view === undefined ? this.#behind : [view, ...this.#behind];
  }

  /** A larger state that was seen at some time, and that nobody showed to extend the newest verified one. */
  get seen(): { readonly size: number; readonly label: string } | undefined {
    return this.#seen && { size: this.#seen.head.checkpoint.size, label: this.#seen.label };
  }

  /**
   * Refuses to continue with a log that was seen to be forked.
   *
   * @throws ForkError `ERR_FORK`
   */
  throwIfForked(): void {
    this.#freeze.throwIfFrozen();
  }

  /**
   * Asks every remote concurrently, and advances to the largest state that extends what was delivered before.
   *
   * @param repeats - whether remotes are asked again that failed in a way that may pass, if no other shows the state
   * @throws ForkError, RollbackError, StaleError, or the failure of a remote if none showed a usable state
   */
  async sync(signal: AbortSignal, repeats: boolean): Promise<RemoteReport[]> {
    this.#freeze.throwIfForGood();
    this.#behind = [];
    const answers = await this.#reads.ask({
      repeats,
      isEnough: ({ view }) => view.size >= (this.#views[0]?.size ?? 0),
      remotes: this.#options.remotes,
      logId: this.#options.logId,
      limits: this.#options.limits,
      // A state that is behind must be read again, or a rollback would pass for "unchanged".
      known: ({ label }) => {
        const known = this.#known.get(label);
        return known?.view.size === this.#views[0]?.size ? known : undefined;
      },
      viewOf: (head, remote) => this.#viewOf(head, remote),
      signal,
    });
    const saved = await this.#options.memory.load({ signal });
    await this.#freeze.endBy(
      answers.flatMap(({ offer }) => offer?.view.head ?? []),
      saved,
    );
    try {
      return await this.#settle(answers, signal);
    } catch (error) {
      // A fork freezes the log even if the store could not keep the proof, or the caller has given up.
      this.throwIfForked();
      throw error;
    }
  }

  /**
   * Refuses to continue with a log that a reader of the same store has seen to be forked, this one or another. It costs one
   * read of the store.
   *
   * @throws ForkError `ERR_FORK`
   */
  async checkStore(signal: AbortSignal): Promise<void> {
    this.throwIfForked();
    await this.#freeze.check({ signal });
  }

  /** What the log says of itself, as it was verified; `undefined` if it says nothing. */
  get manifest(): VerifiedManifest | undefined {
    return this.#manifest.verified;
  }

  /** Counts how often a state gave way to another: sources that were found before are not read any further. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether an entry may be delivered at once, without {@link deliverFrom}. */
  mayDeliver(sequence: number, epoch: number): boolean {
    const size = this.#delivered?.checkpoint.size ?? 0;
    return sequence < size && epoch === this.#epoch && !this.#freeze.isFrozen;
  }

  /**
   * Called before anything of a state is delivered: from then on nothing is delivered that contradicts it.
   *
   * @param epoch - {@link epoch} when the state was found
   * @throws StaleError `ERR_STALE` if a state has given way to another since
   */
  async deliverFrom({ head, size }: TreeView, epoch: number): Promise<void> {
    this.throwIfForked();
    await this.#change(async () => {
      if (epoch !== this.#epoch) throw gaveWay(this.#options.logId, size);
      if (size <= (this.#delivered?.checkpoint.size ?? -1)) return;
      const states = { newest: this.#newest!, delivered: head, seen: this.#seen };
      await this.#keep(states, this.#comparisons([], this.#options.closing));
    });
  }

  async #keep(offered: KeptStates, comparisons: Comparisons): Promise<void> {
    const viewOf = (head: VerifiedHead): TreeView => this.#viewOf(head, this.#options.remotes[0]!);
    const compare = (verified: VerifiedHead, head: VerifiedHead): Promise<Kinship> =>
      comparisons.compare(viewOf(verified), viewOf(head));
    const { memory } = this.#options;
    const kept = await keepStates(offered, { memory, freeze: this.#freeze, agreed: this.#agreed, compare });
    this.#agreed = kept.agreed;
    this.#newest = kept.states.newest;
    this.#delivered = kept.states.delivered;
    this.#seen = kept.states.seen;
  }

  // One change of the states that are kept at a time.
  #change(work: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(work);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  async #settle(answers: readonly Answer[], signal: AbortSignal): Promise<RemoteReport[]> {
    const shownOffers = answers.flatMap(({ offer }) => offer ?? []);
    const comparisons = this.#comparisons(shownOffers, signal);
    const superseded = await this.#leaveOut(shownOffers, comparisons, signal);
    const offers = shownOffers
      .filter((offer) => !superseded.has(offer))
      // Of one state, first the head that knows the later key.
      .sort((a, b) => b.view.size - a.view.size || generationOf(b.view.head) - generationOf(a.view.head));
    const delivered = this.#delivered;
    const { verdicts: chosen, top } = await this.#choose(offers, comparisons, signal);
    const verdicts = new Map([...chosen, ...superseded]);
    const offering = (status: string): Offer[] =>
      offers.filter((offer) => verdicts.get(offer)?.status === status);
    const [newest, behind, unverified] = [offering("newest"), offering("behind"), offering("unverified")];
    const views = (some: readonly Offer[]): TreeView[] => some.map(({ view }) => view);
    await comparisons.compareUnplaced(views(unverified), [...this.#kept(), ...views(offers)]);
    throwIfAborted(signal);
    for (const offer of [...newest, ...behind, ...unverified]) {
      const { label } = offer.remote;
      this.#known.set(label, offer);
      this.#mostShown.set(label, Math.max(offer.view.size, this.#mostShown.get(label) ?? 0));
    }
    const former = this.#newest?.head;
    await this.#advance({ top, delivered, shown: newest[0], unverified: unverified[0] }, comparisons);
    await this.#options.kept?.readPaths(former, newest[0]?.view, signal);
    this.#behind = views(behind.filter((offer) => !this.#wasSetBack(offer)));
    const reports = answers.map((answer) => reportOf(answer, answer.offer && verdicts.get(answer.offer)));
    this.#options.contacts.reported(reports);
    if (newest.length === 0) {
      const verified = this.#views[0]?.size;
      // A name that promises not to lag shows less than it did. A remote that never showed more may be a slow mirror.
      const wasRolledBack = (offer: Offer): boolean =>
        offer.remote.names.capabilities.readYourWrites && this.#wasSetBack(offer);
      throw syncFailure({ logId: this.#options.logId, answers, verdicts, verified, wasRolledBack });
    }
    this.#views = readOrder(newest, this.#views[0], this.#newest?.label);
    this.#reads.able = this.#views.map(({ storage }) => storage);
    try {
      await this.#manifest.settle({ offers, onFork: this.#freeze.onFork, signal });
    } catch (error) {
      // The entries are the newest all the same: what there is of them can be delivered.
      if (hasCode(error, "ERR_STALE")) this.#behind = [...views(newest), ...this.#behind];
      throw error;
    }
    return reports;
  }

  // What a former key signed, and the owner of the log did not, also of what is kept.
  async #leaveOut(
    offers: readonly Offer[],
    comparisons: Comparisons,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Offer, Verdict>> {
    const { verdicts, kept } = await this.former.leaveOut({
      ...{ offers, comparisons, signal, delivered: this.#delivered, manifest: this.#manifest.verified },
      kept: [this.#newest?.head, this.#delivered, this.#seen?.head],
      viewOf: (head) => this.#viewOf(head, this.#options.remotes[0]!),
    });
    if (kept.size > 0) this.#forget(kept);
    return verdicts;
  }

  #forget(superseded: ReadonlySet<VerifiedHead>): void {
    const newest = this.#newest;
    if (this.#delivered !== undefined && superseded.has(this.#delivered)) this.#delivered = undefined;
    if (this.#seen !== undefined && superseded.has(this.#seen.head)) this.#seen = undefined;
    this.#epoch++;
    if (newest === undefined || !superseded.has(newest.head)) return;
    this.#newest = this.#delivered && { ...newest, head: this.#delivered };
    this.#views =
      this.#newest === undefined ? [] : [this.#viewOf(this.#newest.head, this.#options.remotes[0]!)];
    this.#known.clear();
    this.#mostShown.clear();
  }

  #comparisons(offers: readonly Offer[], signal: AbortSignal): Comparisons {
    return new Comparisons({
      offers,
      remotes: this.#options.remotes,
      viewOf: (head, remote) => this.#viewOf(head, remote),
      onFork: this.#freeze.onFork,
      signal,
    });
  }

  async #choose(
    offers: readonly Offer[],
    comparisons: Comparisons,
    signal: AbortSignal,
  ): Promise<Choice<Offer>> {
    const kept = this.#kept();
    const seen = this.#seen && [this.#viewOf(this.#seen.head, this.#options.remotes[0]!)];
    await comparisons.compareEqualSizes([...kept, ...(seen ?? []), ...offers.map(({ view }) => view)]);
    const choice = await chooseState({
      kept,
      // What was delivered binds a reader; a head that was only seen does not.
      delivered: this.#delivered && kept[kept.length - 1],
      offers,
      compare: (verified, offered) => comparisons.place(verified, offered),
      admit: (view) => checkFloor(view, this.#options.floor, signal),
      mayPrevail: (offer) => !this.#wasSetBack(offer),
    });
    this.throwIfForked();
    throwIfAborted(signal);
    return choice;
  }

  // The states that a larger one has to extend, each the beginning of the one before it.
  #kept(): TreeView[] {
    const [newest] = this.#views;
    if (newest === undefined) return [];
    if (this.#delivered === undefined || sameState(this.#delivered, newest.head)) return [newest];
    return [newest, this.#viewOf(this.#delivered, this.#options.remotes[0]!)];
  }

  async #advance({ top, delivered, shown, unverified }: Found, comparisons: Comparisons): Promise<void> {
    if (top === undefined) return;
    const before = this.#newest;
    const moved = shown !== undefined && (before === undefined || isNews(before.head, shown.view.head));
    let seen = this.#seen;
    // A state that gave way has still been signed: a later one that contradicts it is a fork.
    const givesWay = moved && before !== undefined && before.head.checkpoint.size > top.size;
    if (givesWay) seen = largest(seen, before);
    if (unverified !== undefined) {
      seen = largest(seen, { head: unverified.view.head, label: unverified.remote.label });
    }
    if (seen !== undefined && seen.head.checkpoint.size <= top.size) {
      await comparisons.compare(top, this.#viewOf(seen.head, this.#options.remotes[0]!));
      seen = undefined;
    }
    if (!moved && seen === this.#seen) return;
    const newest = moved
      ? { head: shown.view.head, label: shown.remote.label, revision: shown.revision }
      : before!;
    await this.#change(async () => {
      // Something was delivered meanwhile, perhaps from the state that was about to give way.
      if (givesWay && this.#delivered !== delivered) throw gaveWay(this.#options.logId, top.size);
      await this.#keep({ newest, delivered: this.#delivered, seen }, comparisons);
      if (moved) this.#views = [shown.view];
      if (givesWay) this.#epoch++;
    });
  }

  #wasSetBack({ remote, view }: Offer): boolean {
    return view.size < (this.#mostShown.get(remote.label) ?? 0);
  }

  #viewOf(head: VerifiedHead, remote: Remote): TreeView {
    const { limits, closing } = this.#options;
    return new TreeView(head, remote.storage, limits, closing, this.#reads.gate(remote));
  }
}
