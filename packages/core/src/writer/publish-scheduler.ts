import { withDeadline } from "../async/deadline.ts";
import { raceSignal } from "../async/signals.ts";
import {
  ConflictError,
  isRemoteLogError,
  JournalCorruptError,
  JournalError,
  RestoredError,
  TimeoutError,
} from "../errors/index.ts";
import type { Journal } from "../journal/journal.ts";
import { RemoteRecords } from "../journal/remote-records.ts";
import type { CompactRange } from "../merkle/index.ts";
import type { Remote } from "../remote/remote.ts";
import type { OpenLog } from "./open-log.ts";
import { Progress } from "./progress.ts";
import { RemotePublisher } from "./remote-publisher.ts";
import { RemoteTree } from "./remote-tree.ts";
import { RetryLoop } from "./retry-loop.ts";

/** How long a publish waits for other remotes to tell whether the journal is old, in milliseconds. */
const LOOK_MILLISECONDS = 10_000;

/** For how long after that nobody waits for a silent remote again, in milliseconds. */
const SILENCE_MILLISECONDS = 60_000;

/** What {@link PublishScheduler} needs of its writer. */
export interface PublishSchedulerOptions {
  readonly journal: Journal;
  readonly log: OpenLog;
  readonly remotes: readonly Remote[];
  /** Whether to publish in the background. */
  readonly auto: boolean;
  readonly largestEmbedded: number;
  /** Fires when the writer closes. */
  readonly closing: AbortSignal;
  /** The tree of all durable entries. */
  readonly tree: () => CompactRange;
  /** Throws where nothing may be signed at present. */
  readonly check: () => void;
}

/** Publishes a log on all of its remotes, side by side: one publish of a remote at a time, none waits for another. */
export class PublishScheduler {
  /** How far each remote is. */
  readonly progress: Progress;
  readonly #options: PublishSchedulerOptions;
  readonly #publishers: readonly RemotePublisher[];
  readonly #loops: readonly RetryLoop[];
  readonly #turns = new Map<RemotePublisher, Promise<void>>();
  // When a remote was last waited for in vain.
  readonly #silent = new Map<RemotePublisher, number>();

  constructor(options: PublishSchedulerOptions) {
    this.#options = options;
    const { journal, log, remotes, auto, largestEmbedded, closing, tree } = options;
    this.progress = new Progress(
      remotes.map(({ label }) => label),
      auto,
    );
    const own = (stored: RemoteTree) => ({
      logId: log.genesis.logId,
      size: tree().size,
      signed: log.signer.largest?.checkpoint,
      prefix: (size: number) => stored.prefix(size),
    });
    const context = { journal, ...log, progress: this.progress, closing, own };
    this.#publishers = remotes.map((remote) => {
      const records = new RemoteRecords(journal, remote.label);
      const genesis = log.genesis.genesis;
      const parts = {
        journal,
        records,
        storage: remote.storage,
        genesis,
        sealing: log.sealing,
        largestEmbedded,
      };
      return new RemotePublisher(remote, records, new RemoteTree(parts), context);
    });
    this.#loops = this.#publishers.map(
      (publisher) =>
        new RetryLoop(
          async (signal) => {
            await this.#publishOne(publisher, signal);
            return publisher.confirmed;
          },
          (error, final) => this.progress.fail(publisher.remote.label, error, final),
          closing,
        ),
    );
  }

  /** Takes up where the journal says that each remote is. */
  async load(): Promise<void> {
    for (const publisher of this.#publishers) await publisher.load();
  }

  /** Begins what an earlier run left to be published, where that is done in the background. */
  start(): void {
    const { size } = this.#options.tree();
    for (const [i, publisher] of this.#publishers.entries()) {
      const due = publisher.size < size || (size > 0 && !publisher.settled);
      if (due && this.#options.auto) this.#loops[i]!.wake();
    }
  }

  /** Says that there is something new to publish. */
  wake(): void {
    if (this.#options.auto) for (const loop of this.#loops) loop.wake();
  }

  /** Publishes everything on every remote; rejects with the first failure once all were tried. */
  async publishAll(signal: AbortSignal): Promise<void> {
    this.#resume();
    const results = await Promise.allSettled(
      this.#publishers.map((publisher) => raceSignal(this.#publishOne(publisher, signal), signal)),
    );
    results.forEach((result, i) => {
      if (result.status === "fulfilled" || signal.aborted) return;
      const goesOn = this.#options.auto && isRemoteLogError(result.reason) && result.reason.retry !== "never";
      this.progress.fail(this.#publishers[i]!.remote.label, result.reason, !goesOn);
      if (goesOn) this.#loops[i]!.wake();
    });
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Does something for which nothing may be published meanwhile; then takes the journal up again, and goes on. */
  async exclusively<T>(task: () => Promise<T>): Promise<T> {
    const before = Promise.all(this.#turns.values());
    const work = before.then(async () => {
      const result = await task();
      await this.load();
      return result;
    });
    const turn = work.then(
      () => undefined,
      () => undefined,
    );
    for (const publisher of this.#publishers) this.#turns.set(publisher, turn);
    const result = await work;
    this.#resume();
    this.wake();
    return result;
  }

  /** Waits until nothing is under way; nothing new begins once the writer closes. */
  async idle(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.idle()));
    await Promise.all(this.#turns.values());
  }

  #resume(): void {
    for (const loop of this.#loops) loop.resume();
    for (const { label } of this.progress.remotes) this.progress.resume(label);
  }

  #publishOne(publisher: RemotePublisher, signal: AbortSignal): Promise<void> {
    const turn = (this.#turns.get(publisher) ?? Promise.resolve()).then(async () => {
      signal.throwIfAborted();
      this.#options.check();
      await publisher.look(signal);
      const others = this.#publishers.filter((other) => other !== publisher);
      await Promise.all(others.map((other) => this.#lookAt(other, signal)));
      await publisher.publish(this.#options.tree(), signal);
    });
    this.#turns.set(
      publisher,
      turn.catch(() => undefined),
    );
    return turn;
  }

  // A journal that was restored must be noticed before it signs, also where another remote shows it. A remote that
  // does not answer can hold up the others once, for a while; the look goes on without them.
  async #lookAt(other: RemotePublisher, signal: AbortSignal): Promise<void> {
    const since = this.#silent.get(other);
    if (since !== undefined && performance.now() - since < SILENCE_MILLISECONDS) return;
    const backend = other.remote.label;
    const patience = { milliseconds: LOOK_MILLISECONDS, operation: "names.resolve", backend, signal };
    try {
      await withDeadline(patience, (patient) => other.look(patient));
    } catch (error) {
      signal.throwIfAborted();
      if (forbidsSigning(error)) throw error;
      if (!(error instanceof TimeoutError)) return;
      this.#silent.set(other, performance.now());
      const heard = (): boolean => this.#silent.delete(other);
      // Whatever it says in the end is heard at the next publish.
      other.look(this.#options.closing).then(heard, (late: unknown) => forbidsSigning(late) && heard());
    }
  }
}

// What a look at a remote can tell about this journal; anything else is that remote's own trouble.
function forbidsSigning(error: unknown): boolean {
  return (
    error instanceof RestoredError ||
    error instanceof ConflictError ||
    error instanceof JournalError ||
    error instanceof JournalCorruptError
  );
}
