// The newest state of a log across its remotes; docs/protocol.md, "States over time".

import { Semaphore } from "../async/semaphore.ts";
import { anySignal } from "../async/signals.ts";
import {
  type ForkError,
  isRemoteLogError,
  NotFoundError,
  type RemoteLogError,
  RollbackError,
  StaleError,
  TimeoutError,
  UnreachableError,
} from "../errors/index.ts";
import type { Revision } from "../remote/name-resolver.ts";
import type { Remote } from "../remote/remote.ts";
import { compareHeads } from "../tree/compare-heads.ts";
import { checkFloor, type Floor } from "../tree/floor.ts";
import { forkError } from "../tree/fork-evidence.ts";
import type { ReaderLimits } from "../tree/reader-limits.ts";
import { TreeView } from "../tree/tree-view.ts";
import type { LastVerified, ReaderMemory } from "./reader-memory.ts";
import { resolveRemote } from "./remote-offer.ts";

/** What a remote showed when it was last asked. */
export interface RemoteReport {
  /** The remote's label. */
  readonly label: string;
  /**
   * - `"newest"`: the newest state that is known
   * - `"behind"`: an older state of the same log
   * - `"absent"`: nothing under this name
   * - `"failed"`: no answer, or one that could not be verified
   */
  readonly status: "newest" | "behind" | "absent" | "failed";
  /** Number of entries that it showed. */
  readonly size?: number;
  /** Why it failed. */
  readonly error?: unknown;
}

interface Shown {
  readonly remote: Remote;
  readonly view?: TreeView;
  readonly revision?: Revision;
  readonly error?: unknown;
}

/** Finds the newest state of a log on its remotes, and compares it with the newest one that was verified before. */
export class NewestState {
  readonly #remotes: readonly Remote[];
  readonly #logId: string;
  readonly #memory: ReaderMemory;
  readonly #limits: ReaderLimits;
  readonly #floor: Floor | undefined;
  readonly #closing: AbortSignal;
  #mark: LastVerified | undefined;
  #views: TreeView[] = [];
  #fork: ForkError | undefined;
  readonly #known = new Map<string, { revision: Revision; view: TreeView }>();
  // The largest size that each remote has shown, which tells a rollback from a mirror that lags behind.
  readonly #mostShown = new Map<string, number>();
  readonly #gates = new Map<Remote, Semaphore>();

  constructor(options: {
    readonly remotes: readonly Remote[];
    readonly logId: string;
    readonly memory: ReaderMemory;
    readonly limits: ReaderLimits;
    readonly floor: Floor | undefined;
    readonly closing: AbortSignal;
  }) {
    this.#remotes = options.remotes;
    this.#logId = options.logId;
    this.#memory = options.memory;
    this.#limits = options.limits;
    this.#floor = options.floor;
    this.#closing = options.closing;
  }

  /** Loads the newest state of earlier runs. */
  async load(): Promise<void> {
    this.#mark = await this.#memory.loadLastVerified();
    if (this.#mark === undefined) return;
    const remote = this.#remotes.find(({ label }) => label === this.#mark?.label) ?? this.#remotes[0]!;
    const view = this.#viewOf(this.#mark.head, remote);
    this.#views = [view];
    if (remote.label !== this.#mark.label) return;
    this.#known.set(remote.label, { revision: this.#mark.revision, view });
    this.#mostShown.set(remote.label, view.size);
  }

  /** The newest verified state on each remote that has it, best first; none before the first sync. */
  get views(): readonly TreeView[] {
    return this.#views;
  }

  /**
   * Refuses to continue with a log that was seen to be forked.
   *
   * @throws ForkError `ERR_FORK`
   */
  throwIfForked(): void {
    if (this.#fork !== undefined) throw this.#fork;
  }

  /**
   * Asks every remote concurrently, and advances to the largest state that extends the one verified before.
   *
   * @throws ForkError, RollbackError, StaleError, or the failure of a remote if none showed a usable state
   */
  async sync(signal: AbortSignal): Promise<RemoteReport[]> {
    this.throwIfForked();
    const shown = await this.#askAll(signal);
    signal.throwIfAborted();
    const offers = shown.filter((one) => one.view !== undefined).sort((a, b) => b.view!.size - a.view!.size);
    const failed = new Map<Remote, unknown>();
    const accepted: { remote: Remote; view: TreeView }[] = [];
    for (const { remote, view, revision } of offers) {
      const mark = this.#views[0];
      try {
        if (mark === undefined) await checkFloor(view!, this.#floor, signal);
        if (mark === undefined || (await this.#extends(mark, view!, remote, signal))) {
          await this.#advance(view!, remote, revision!);
        }
        this.#known.set(remote.label, { revision: revision!, view: view! });
        this.#mostShown.set(remote.label, Math.max(view!.size, this.#mostShown.get(remote.label) ?? 0));
        accepted.push({ remote, view: view! });
      } catch (error) {
        // A fork freezes the log even if the store could not keep the proof, or the caller has given up.
        this.throwIfForked();
        signal.throwIfAborted();
        failed.set(remote, error);
      }
    }
    const newest = this.#views[0];
    if (!accepted.some(({ view }) => view.size === newest?.size)) throw this.#failure(shown, failed);
    const views = accepted.map(({ view }) => view).filter(({ size }) => size === newest!.size);
    this.#views = [newest!, ...views.filter((view) => view !== newest)];
    return shown.map(({ remote, view, error = failed.get(remote) }) => {
      const status = error !== undefined ? "failed" : view === undefined ? "absent" : undefined;
      const size = view?.size;
      return {
        label: remote.label,
        status: status ?? (size === newest!.size ? "newest" : "behind"),
        ...(size !== undefined && { size }),
        ...(error !== undefined && { error }),
      };
    });
  }

  // Once one remote has answered, a silent one delays the others only for a short time.
  async #askAll(signal: AbortSignal): Promise<Shown[]> {
    const asking = anySignal(signal);
    let patience: ReturnType<typeof setTimeout> | undefined;
    const lose = (): void => {
      const message = `No answer within ${this.#limits.patienceMilliseconds} ms after another remote had answered.`;
      asking.abort(new TimeoutError(message, { operation: "reader.sync" }));
    };
    try {
      return await Promise.all(
        this.#remotes.map(async (remote) => {
          const shown = await this.#ask(remote, asking.signal);
          if (shown.view !== undefined) patience ??= setTimeout(lose, this.#limits.patienceMilliseconds);
          return shown;
        }),
      );
    } finally {
      clearTimeout(patience);
      asking.clear();
    }
  }

  async #ask(remote: Remote, signal: AbortSignal): Promise<Shown> {
    const known = this.#known.get(remote.label);
    // A state that is behind must be read again, or a rollback would pass for "unchanged".
    const usable = known !== undefined && known.view.size === this.#views[0]?.size ? known : undefined;
    const { headBytes } = this.#limits;
    try {
      const offer = await resolveRemote(remote, this.#logId, { headBytes, known: usable?.revision, signal });
      if (offer.status === "absent") return { remote };
      if (offer.status === "unchanged" && usable !== undefined) return { remote, ...usable };
      if (offer.status === "found") {
        return { remote, view: this.#viewOf(offer.head, remote), revision: offer.revision };
      }
      throw new UnreachableError(
        `${remote.label} answered "unchanged" for log ${this.#logId} to a request without a known revision. Try again.`,
        { operation: "reader.sync" },
      );
    } catch (error) {
      return { remote, error };
    }
  }

  // Whether the offered state is larger and extends the verified one; an older one is refused, unless another
  // remote has the newest.
  async #extends(
    verified: TreeView,
    offered: TreeView,
    remote: Remote,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (verified === offered) return false;
    const relation = await compareHeads(verified, offered, signal);
    if (relation.kind === "forked") {
      this.#fork = forkError(this.#logId, remote.label, relation.evidence);
      await this.#memory.saveFork(relation.evidence);
      throw this.#fork;
    }
    return relation.kind === "extends";
  }

  async #advance(view: TreeView, remote: Remote, revision: Revision): Promise<void> {
    const mark = { head: view.head, label: remote.label, revision };
    await this.#memory.saveLastVerified(mark);
    this.#mark = mark;
    this.#views = [view];
  }

  #viewOf(head: TreeView["head"], remote: Remote): TreeView {
    const gate = this.#gates.get(remote) ?? new Semaphore(this.#limits.concurrency);
    this.#gates.set(remote, gate);
    return new TreeView(head, remote.storage, this.#limits, this.#closing, gate);
  }

  // The error when no remote showed the newest state: the gravest first.
  #failure(shown: readonly Shown[], failed: ReadonlyMap<Remote, unknown>): unknown {
    const errors = shown.flatMap(({ remote, error = failed.get(remote) }) =>
      error === undefined ? [] : [error],
    );
    const behind = shown.filter(({ remote, view }) => view !== undefined && !failed.has(remote));
    const setBack = behind.find((one) => this.#wasSetBack(one));
    if (setBack !== undefined) return this.#backwards(setBack);
    const grave = errors.find((error) => !isRemoteLogError(error) || error.retry === "never");
    if (grave !== undefined) return grave;
    if (behind.length > 0) return this.#backwards(behind[0]!);
    if (errors.length > 0) return errors[0];
    return this.#nothingThere();
  }

  // A name that promises not to lag shows less than it did. A remote that never showed more may be a slow mirror.
  #wasSetBack({ remote, view }: Shown): boolean {
    const { readYourWrites } = remote.names.capabilities;
    return readYourWrites && view!.size < (this.#mostShown.get(remote.label) ?? 0);
  }

  #backwards(behind: Shown): RemoteLogError {
    const { label } = behind.remote;
    const verified = this.#views[0]!.size;
    const offered = behind.view!.size;
    const what = `${label} shows ${offered} entries of log ${this.#logId}, and ${verified} were verified before`;
    const options = { operation: "reader.sync", offered, verified };
    if (this.#wasSetBack(behind)) {
      return new RollbackError(`${what}: the name was set back. Nothing of it was used.`, options);
    }
    return new StaleError(`${what}: it lags behind. Nothing of it was used; try again later.`, options);
  }

  #nothingThere(): NotFoundError {
    const labels = this.#remotes.map(({ label }) => label).join(", ");
    const size = this.#views[0]?.size;
    const lost =
      size === undefined ? "Has the writer published?" : `A state of ${size} entries was verified before.`;
    return new NotFoundError(`No log ${this.#logId} is published on ${labels}. ${lost}`, {
      operation: "reader.sync",
    });
  }
}
