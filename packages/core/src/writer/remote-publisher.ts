// Brings one remote up to date: stores what it lacks, moves the name, and reads back what readers need.

import { mayPass } from "../async/retry.ts";
import type { RemoteRecords } from "../journal/remote-records.ts";
import type { SequenceRanges } from "../log/sequence-ranges.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import { notKept } from "./foreign-head.ts";
import { ObjectRemover } from "./object-remover.ts";
import { RemoteName } from "./remote-name.ts";
import type { RemoteTree } from "./remote-tree.ts";
import type { Forgets, RemovalProgress } from "./removal-progress.ts";
import type { RepairOptions, RepairProgress } from "./repair.ts";
import type { StoredTree } from "./stored-tree.ts";
import { GRACE_MILLISECONDS } from "./writer-options.ts";
import type { WriterState } from "./writer-state.ts";

/** How often a publish begins again because something was found to be missing. */
const MOST_ROUNDS = 3;

/**
 * Brings one remote up to date: contents → pages → index → signed head made durable here → name. The name
 * never points at what is not there.
 */
export class RemotePublisher {
  readonly remote: Remote;
  readonly #writer: WriterState;
  readonly #tree: RemoteTree;
  readonly #name: RemoteName;
  readonly #remover: ObjectRemover;

  /** @param graceMilliseconds - how long what was removed stays for readers that are on their way to it */
  constructor(
    remote: Remote,
    writer: WriterState,
    records: RemoteRecords,
    tree: RemoteTree,
    graceMilliseconds: number = GRACE_MILLISECONDS,
  ) {
    this.remote = remote;
    this.#writer = writer;
    this.#tree = tree;
    const { storage } = remote;
    this.#remover = new ObjectRemover({ writer, storage, records, tree, graceMilliseconds });
    this.#name = new RemoteName(remote, writer, records, tree);
  }

  /** Reads from the journal where this remote is. */
  async load(): Promise<void> {
    await this.#tree.load();
    await this.#tree.noteForm(this.#writer.size);
    await this.#name.load();
    const published = this.#tree.doubted ? 0 : this.size;
    const stored = Math.max(published, this.#tree.inPages);
    if (stored > 0) this.#writer.progress.advance(this.remote.label, "stored", stored);
    this.#writer.progress.removal(this.remote.label, await this.#remover.progress());
  }

  /** Number of entries that the name makes readable. */
  get size(): number {
    return this.#name.size;
  }

  /** Whether a log, even an empty one, is published under the name, with nothing on its way and no doubt about it. */
  get settled(): boolean {
    return this.#name.settled && !this.#tree.doubted && this.#tree.rewriter.shows(this.#writer.removed);
  }

  /** Number of uploads that were acknowledged since this process began. */
  get uploads(): number {
    return this.#tree.acknowledged.count;
  }

  /** Whether the name was read back with what was published, and a sample of what it leads to. */
  get confirmed(): boolean {
    return this.#name.confirmed;
  }

  /**
   * Looks at the name once in the life of this process, before anything new is signed: is what it holds what
   * the journal says? An intent that was left behind is settled here. Callers share one look.
   */
  look(signal: AbortSignal): Promise<void> {
    return this.#name.look(signal);
  }

  /** Notes what the remote may have of entries that are about to be removed. See {@link PageRewriter.noteUnknown}. */
  noteUnknown(removed: SequenceRanges): Promise<void> {
    return this.#tree.rewriter.noteUnknown(removed, this.#writer.size);
  }

  /** What is left to be deleted there; `undefined` if nothing is. */
  get removal(): RemovalProgress | undefined {
    return this.#writer.progress.remotes.find(({ label }) => label === this.remote.label)?.removal;
  }

  /** What becomes there of what is removed. */
  get forgets(): Forgets {
    return this.#remover.forgets;
  }

  /**
   * Publishes the first entries of the log, as many as `tree` has. On the way through a long backlog the name moves in
   * steps. What is found to be missing is put back, and the name moves once more. What was removed is taken out of the pages
   * before, and deleted after.
   *
   * @throws RemoteChangedError `ERR_REMOTE_CHANGED` if the place is gone, or does not keep what it acknowledged
   */
  async publish(tree: CompactRange, signal: AbortSignal): Promise<void> {
    // Another device may have continued the log since, and need the very objects that this one replaced.
    await ((await this.#remover.isDue()) ? this.#name.lookAgain(signal) : this.#name.lookForPublish(signal));
    let cause: unknown;
    for (let rounds = 0; rounds < MOST_ROUNDS; rounds++) {
      try {
        await this.#publishNow(tree, signal);
      } finally {
        await this.#tree.acknowledged.save();
      }
      const damage = this.#tree.doubted ? undefined : await this.#name.confirm(signal);
      const isWhole = damage === undefined && !this.#tree.doubted;
      const lost = isWhole ? await this.#remover.lost(signal) : [];
      if (isWhole && lost.length === 0) {
        this.#writer.progress.removal(this.remote.label, await this.#remover.remove(signal));
        return;
      }
      cause = damage?.cause ?? cause;
      const damaged = damage?.objects ?? lost;
      if (damage !== undefined || damaged.length > 0) await this.#name.doubt({ damaged });
    }
    throw notKept(this.remote, cause);
  }

  /**
   * Looks for everything that the remote should hold, puts back what is missing, and moves the name. A place that is gone is
   * made anew. What was found by a repair that did not end counts.
   *
   * @param options - `reads`: whether each object is read; `onProgress`: called as it gets on
   * @returns how much was looked for, and how much of it was missing
   */
  async repair(
    tree: CompactRange,
    { reads = false, onProgress = () => undefined }: RepairOptions,
    signal: AbortSignal,
  ): Promise<RepairProgress> {
    const before = this.#tree.found;
    const { label } = this.remote;
    const count = (): RepairProgress => {
      const { asked, missing } = this.#tree.found;
      return { label, checked: asked - before.asked, putBack: missing - before.missing };
    };
    this.#name.makesAnew = true;
    this.#tree.onAsked = () => onProgress(count());
    try {
      await this.#name.lookAgain(signal);
      if (!this.#tree.doubted || reads) await this.#name.doubt({ reads });
      await this.publish(tree, signal);
      return count();
    } finally {
      this.#name.makesAnew = false;
      this.#tree.onAsked = () => undefined;
    }
  }

  async #publishNow(tree: CompactRange, signal: AbortSignal): Promise<void> {
    let moved = false;
    await this.#tree.rewrite(this.#writer.removed, this.#name.published, signal);
    for (const step of await this.#tree.planSteps(this.size, tree, signal)) {
      const stored = await this.#store(step, { last: false, signal });
      try {
        await this.#name.move(step, stored, { looked: !moved, signal });
        if (this.#tree.doubted) return;
      } catch (error) {
        // Everything else is stored all the same; then the name moves once, over the whole way.
        if (signal.aborted || !mayPass(error)) throw error;
        moved = true;
        break;
      }
      moved = true;
    }
    if (this.#name.shows(tree)) return;
    const { missing } = this.#tree.found;
    const stored = await this.#store(tree, { last: true, signal });
    if (this.#name.adopted && this.#tree.found.missing === missing && this.#name.shows(tree)) return;
    await this.#name.move(tree, stored, { looked: !moved, signal });
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
}
