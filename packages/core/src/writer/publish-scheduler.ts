// When each remote is published: in turns, in the background or on demand, and only after every remote was looked at once.

import { withDeadline } from "../async/deadline.ts";
import { onOnline } from "../async/online.ts";
import { mayPass } from "../async/retry.ts";
import { abortReason, abortWith, onAbort, raceSignal, throwIfAborted } from "../async/signals.ts";
import { hasCode, InvalidInputError } from "../errors/index.ts";
import { RemoteRecords } from "../journal/remote-records.ts";
import { UploadRecords } from "../journal/upload-records.ts";
import type { Remote } from "../remote/remote.ts";
import { monotonicNow, startTimer, stopTimer, type Timer, timeNow } from "../runtime/clock.ts";
import { endedWithin, enoughOf } from "./enough-of.ts";
import { forbidsSigning } from "./forbids-signing.ts";
import { RemotePublisher } from "./remote-publisher.ts";
import { roomOn } from "./remote-room.ts";
import { RemoteTree } from "./remote-tree.ts";
import { Removal } from "./removal.ts";
import type { Forgets } from "./removal-progress.ts";
import type { RepairOptions, RepairProgress } from "./repair.ts";
import { type Attempt, RetryLoop } from "./retry-loop.ts";
import type { WriterOptions } from "./writer-options.ts";
import type { WriterState } from "./writer-state.ts";

/** How long a publish waits for other remotes to tell whether the journal is old, in milliseconds. */
const LOOK_MILLISECONDS = 10_000;

/** For how long after that nobody waits for a silent remote again, in milliseconds. */
const SILENCE_MILLISECONDS = 60_000;

/** The times between which a timer waits, in milliseconds. */
const LEAST_WAIT = 1_000;
const LONGEST_WAIT = 2 ** 31 - 1;

/** How a writer publishes. */
export interface PublishOptions {
  readonly remotes: readonly Remote[];
  /** Whether to publish in the background. */
  readonly auto: boolean;
  /** On how many remotes everything has to be for a publish to resolve. Default: on all. */
  readonly publishedWhen?: number | undefined;
  /** Which contents are embedded, and how large they may be; how long what was removed stays. */
  readonly sizes: Pick<
    WriterOptions,
    "largestEmbedded" | "largestContent" | "graceMilliseconds" | "bundles" | "oldPages"
  >;
  /** Removes what the writer does not keep. Default: it keeps everything. */
  readonly removal?: Removal;
}

/** Publishes a log on all of its remotes, side by side: one publish of a remote at a time, none waits for another. */
export class PublishScheduler {
  readonly #writer: WriterState;
  readonly #removal: Removal;
  readonly #auto: boolean;
  readonly #publishedWhen: number;
  readonly #publishers: readonly RemotePublisher[];
  readonly #loops: readonly RetryLoop[];
  readonly #turns = new Map<RemotePublisher, Promise<void>>();
  // The remotes that wait for somebody to change something there.
  readonly #blocked = new Set<RemotePublisher>();
  // When what was removed may be deleted.
  readonly #timers = new Map<RemotePublisher, Timer>();
  // When a remote was last waited for in vain.
  readonly #silent = new Map<RemotePublisher, number>();

  constructor(
    writer: WriterState,
    {
      remotes,
      auto,
      publishedWhen = remotes.length,
      sizes,
      removal = new Removal(writer, undefined),
    }: PublishOptions,
  ) {
    this.#writer = writer;
    this.#removal = removal;
    this.#auto = auto;
    this.#publishedWhen = publishedWhen;
    this.#publishers = remotes.map((remote) => {
      const records = new RemoteRecords(writer.journal, remote.label);
      const { largestEmbedded } = roomOn(remote, writer.genesis.genesis, sizes);
      const tree = new RemoteTree(writer, {
        records,
        uploadRecords: new UploadRecords(writer.journal, remote.label),
        storage: remote.storage,
        largestEmbedded,
        bundles: sizes.bundles !== "off",
        deletesOldPages: sizes.oldPages === "delete",
        onStored: (stage, entries) => {
          if (stage === "stored") writer.progress.advance(remote.label, stage, entries);
          else writer.progress.upload(remote.label, entries);
        },
      });
      return new RemotePublisher(remote, writer, records, tree, sizes.graceMilliseconds);
    });
    removal.onPrune = async (ranges) => {
      for (const publisher of this.#publishers) await publisher.noteUnknown(ranges);
    };
    this.#loops = this.#publishers.map(
      (publisher) =>
        new RetryLoop(
          (signal) => this.#attempt(publisher, signal),
          writer.closing,
          (until) => writer.progress.nextTry(publisher.remote.label, until),
        ),
    );
    if (!auto) return;
    onOnline(() => {
      for (const loop of this.#loops) loop.hurry();
    }, writer.closing);
  }

  /** Reads from the journal where each remote is. */
  async load(): Promise<void> {
    for (const publisher of this.#publishers) await publisher.load();
  }

  /** Begins what an earlier run left to be published, if that is done in the background. */
  start(): void {
    const { size, manifests } = this.#writer;
    for (const [i, publisher] of this.#publishers.entries()) {
      const due = publisher.size < size || (size + manifests.version > 0 && !publisher.settled);
      if (due && this.#auto) this.#loops[i]!.wake();
    }
  }

  /** What becomes of what is removed, on each remote. */
  get forgets(): { readonly label: string; readonly forgets: Forgets }[] {
    return this.#publishers.map(({ remote: { label }, forgets }) => ({ label, forgets }));
  }

  /** Says that there is something new to publish. */
  wake(): void {
    if (!this.#auto) return;
    // They are asked at once, so that what is appended now waits for their answer.
    for (const { remote } of this.#blocked) this.#writer.progress.resume(remote.label);
    for (const loop of this.#loops) loop.wake();
  }

  /**
   * Looks at the name on every remote, unless that was done before: does one show more than the journal has?
   *
   * @returns the labels of the remotes that could not be asked
   */
  async compare(signal: AbortSignal): Promise<string[]> {
    const results = await Promise.allSettled(
      this.#publishers.map((publisher) => {
        const backend = publisher.remote.label;
        const patience = { milliseconds: LOOK_MILLISECONDS, operation: "names.resolve", backend, signal };
        return withDeadline(patience, (patient) => publisher.look(patient));
      }),
    );
    throwIfAborted(signal);
    const unanswered: string[] = [];
    for (const [i, result] of results.entries()) {
      if (result.status === "fulfilled") continue;
      if (forbidsSigning(result.reason)) throw result.reason;
      unanswered.push(this.#publishers[i]!.remote.label);
    }
    return unanswered;
  }

  /**
   * Publishes everything on every remote. Resolves when as many have it as are asked for; what the others lack is on its way
   * then, until the writer is closed. Rejects with the first failure once all were tried and fewer have it.
   *
   * @param signal - the caller's: ends the publishes until the call has resolved, and not after
   * @param othersMilliseconds - how long the others are waited for
   */
  async publishAll(signal: AbortSignal, othersMilliseconds: number = 0): Promise<void> {
    const least = this.#publishedWhen;
    const ending = new AbortController();
    const stop = (): void => abortWith(ending, abortReason(signal));
    const forget = onAbort(signal, stop);
    const each = this.#onEach(this.#publishers, ending.signal, (publisher) =>
      this.#publishOne(publisher, ending.signal),
    );
    try {
      await enoughOf(each, least);
      await endedWithin(each, othersMilliseconds, ending.signal);
    } finally {
      forget();
      this.#endWithWriter(each, ending);
    }
  }

  // Whoever asked for the publish has an answer; the writer ends what is still on its way.
  #endWithWriter(each: readonly Promise<void>[], ending: AbortController): void {
    const { closing } = this.#writer;
    const forget = onAbort(closing, () => abortWith(ending, abortReason(closing)));
    void Promise.allSettled(each).then(forget);
  }

  /**
   * Repairs one remote, or all; rejects with the first failure once all were tried.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if no remote has that label
   */
  async repair(options: RepairOptions, signal: AbortSignal): Promise<RepairProgress[]> {
    const { remote } = options;
    const chosen = this.#publishers.filter(
      ({ remote: { label } }) => remote === undefined || label === remote,
    );
    if (chosen.length === 0 && remote !== undefined) throw noSuchRemote(remote);
    const each = this.#onEach(chosen, signal, (publisher) =>
      this.#inTurn(publisher, signal, async () => {
        await this.#lookAtOthers(publisher, signal);
        return publisher.repair(this.#writer.tree, options, signal);
      }),
    );
    await Promise.allSettled(each);
    return Promise.all(each);
  }

  #onEach<T>(
    publishers: readonly RemotePublisher[],
    signal: AbortSignal,
    work: (publisher: RemotePublisher) => Promise<T>,
  ): Promise<T>[] {
    this.#resume();
    return publishers.map(async (publisher) => {
      try {
        return await raceSignal(work(publisher), signal);
      } catch (error) {
        if (!signal.aborted) this.#failed(publisher, error);
        throw error;
      }
    });
  }

  #failed(publisher: RemotePublisher, error: unknown): void {
    const retried = this.#auto && mayPass(error);
    this.#writer.progress.fail(publisher.remote.label, error, !retried);
    if (retried || (this.#auto && this.#isBlocked(publisher, error))) {
      this.#loops[this.#publishers.indexOf(publisher)]!.wake();
    }
  }

  /** Runs `task` with publishing paused, then reloads the journal and resumes. */
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

  /** Waits until no publish is running; nothing new begins once the writer closes. */
  async idle(): Promise<void> {
    for (const timer of this.#timers.values()) stopTimer(timer);
    await Promise.all(this.#loops.map((loop) => loop.idle()));
    await Promise.all(this.#turns.values());
  }

  #resume(): void {
    for (const loop of this.#loops) loop.resume();
    for (const { label } of this.#writer.progress.remotes) this.#writer.progress.resume(label);
  }

  async #attempt(publisher: RemotePublisher, signal: AbortSignal): Promise<Attempt> {
    const before = publisher.uploads;
    try {
      await this.#publishOne(publisher, signal);
      this.#blocked.delete(publisher);
      this.#wakeAt(publisher);
      return { outcome: publisher.confirmed ? "done" : "unconfirmed" };
    } catch (error) {
      const final = !mayPass(error);
      if (!signal.aborted) this.#writer.progress.fail(publisher.remote.label, error, final);
      if (final) return { outcome: this.#isBlocked(publisher, error) ? "blocked" : "final" };
      const { retryAfterMilliseconds } = error;
      return { outcome: "failed", progressed: publisher.uploads > before, retryAfterMilliseconds };
    }
  }

  // What was removed is deleted once readers had their time. A process that has nothing else to do does not wait for that.
  #wakeAt(publisher: RemotePublisher): void {
    const { dueAt } = publisher.removal ?? {};
    if (dueAt === undefined || this.#timers.has(publisher)) return;
    const milliseconds = Math.min(Math.max(dueAt - timeNow(), LEAST_WAIT), LONGEST_WAIT);
    const wake = (): void => {
      this.#timers.delete(publisher);
      if (!this.#writer.closing.aborted) this.#loops[this.#publishers.indexOf(publisher)]!.wake();
    };
    const timer = startTimer(wake, milliseconds, true);
    this.#timers.set(publisher, timer);
  }

  // Notes whether a remote refuses, has no room, shows something wrong, or is another one than before (a disk that is not mounted):
  // somebody may change that without telling anyone here.
  #isBlocked(publisher: RemotePublisher, error: unknown): boolean {
    const isBlocked = hasCode(error, "ERR_DENIED", "ERR_QUOTA", "ERR_INTEGRITY", "ERR_REMOTE_CHANGED");
    if (isBlocked) this.#blocked.add(publisher);
    else this.#blocked.delete(publisher);
    return isBlocked;
  }

  #publishOne(publisher: RemotePublisher, signal: AbortSignal): Promise<void> {
    return this.#inTurn(publisher, signal, async () => {
      await publisher.look(signal);
      await this.#lookAtOthers(publisher, signal);
      // Only now: a restored journal must not say anything new.
      await this.#removal.beforePublish(signal);
      await publisher.publish(this.#writer.tree, signal);
    });
  }

  async #lookAtOthers(publisher: RemotePublisher, signal: AbortSignal): Promise<void> {
    const others = this.#publishers.filter((other) => other !== publisher);
    await Promise.all(others.map((other) => this.#lookAt(other, signal)));
  }

  #inTurn<T>(publisher: RemotePublisher, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(publisher) ?? Promise.resolve()).then(async () => {
      throwIfAborted(signal);
      this.#writer.throwIfUnusable();
      return work();
    });
    const ended = (): void => undefined;
    this.#turns.set(publisher, turn.then(ended, ended));
    return turn;
  }

  // A restored journal must be noticed before it signs, also if another remote shows it. A remote that does not answer can
  // hold up the others once, for a while; its look continues without them.
  async #lookAt(other: RemotePublisher, signal: AbortSignal): Promise<void> {
    const since = this.#silent.get(other);
    if (since !== undefined && monotonicNow() - since < SILENCE_MILLISECONDS) return;
    const backend = other.remote.label;
    const patience = { milliseconds: LOOK_MILLISECONDS, operation: "names.resolve", backend, signal };
    try {
      await withDeadline(patience, (patient) => other.look(patient));
    } catch (error) {
      throwIfAborted(signal);
      if (forbidsSigning(error)) throw error;
      if (!hasCode(error, "ERR_TIMEOUT")) return;
      this.#silent.set(other, monotonicNow());
      const heard = (): boolean => this.#silent.delete(other);
      // Whatever it says in the end is heard at the next publish.
      other.look(this.#writer.closing).then(heard, (late: unknown) => forbidsSigning(late) && heard());
    }
  }
}

function noSuchRemote(label: string): InvalidInputError {
  return new InvalidInputError(
    `No remote of this writer is called ${JSON.stringify(label)}. Nothing was sent.`,
    {
      operation: "writer.repair",
    },
  );
}
