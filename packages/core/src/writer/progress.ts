// How far each remote is, and who waits for it.

import { News } from "../async/news.ts";
import { raceSignal } from "../async/signals.ts";
import { InvalidInputError } from "../errors/index.ts";
import { timeNow } from "../runtime/clock.ts";
import type { RemovalProgress } from "./removal-progress.ts";

/** How far an entry is on a remote, after `append` made it durable on this device. */
export type Stage = "stored" | "published" | "confirmed";

/** How far a remote is. */
export interface RemoteProgress {
  /** The remote's label. */
  readonly label: string;
  /**
   * Entries whose contents the remote holds while their pages are on the way; absent unless that is more than `stored`. It
   * grows as a publish uploads, entry by entry, and counts those with contents of their own alone.
   */
  readonly uploaded?: number;
  /** Entries whose contents and pages the remote holds. */
  readonly stored: number;
  /** Entries that the name makes readable. */
  readonly published: number;
  /** Entries that a reader with nothing would get: the name, and a sample of all that it leads to, were read back. */
  readonly confirmed: number;
  /** How far it is with what was removed; absent if there is nothing left to delete there. */
  readonly removal?: RemovalProgress;
  /** Why the remote makes no progress; absent while it does. */
  readonly error?: unknown;
  /** Since when it makes none, in milliseconds since 1970; absent while it does. */
  readonly failingSince?: number;
  /** When it is tried again by itself, in milliseconds since 1970; absent if it is being tried, or if nobody will by itself. */
  readonly nextTryAt?: number;
}

/** Options of a receipt's stages. */
export interface StageOptions {
  /** On how many remotes: any one, all of them, or a number of them. Default: `publishedWhen` of the writer, else `"any"`. */
  readonly remotes?: "any" | "all" | number | undefined;
  /** Ends the wait. The entry is published all the same. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly stage: Stage;
  readonly size: number;
  /** How many remotes have to be there. */
  readonly least: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps how far each remote has come, and tells those who wait for it. */
export class Progress {
  readonly #remotes = new Map<string, RemoteProgress>();
  readonly #background: boolean;
  readonly #least: number;
  readonly #news = new News();
  readonly #stopped = new Set<string>();
  readonly #waiters = new Set<Waiter>();
  #end: { readonly error: unknown } | undefined;

  /**
   * @param background - whether publishing is automatic: then a final failure also ends later waits
   * @param least - on how many remotes an entry has to be for those who don't say
   */
  constructor(labels: readonly string[], background: boolean, least: number = 1) {
    this.#background = background;
    this.#least = least;
    for (const label of labels) this.#remotes.set(label, { label, stored: 0, published: 0, confirmed: 0 });
  }

  /** How far every remote is. */
  get remotes(): RemoteProgress[] {
    return [...this.#remotes.values()];
  }

  /** Notes that a remote has advanced; an earlier error no longer holds. */
  advance(label: string, stage: Stage, size: number): void {
    const { error: _, failingSince: __, uploaded = 0, ...before } = this.#remotes.get(label)!;
    const after = { ...before, [stage]: Math.max(before[stage], size) };
    this.#note(uploaded > after.stored ? { ...after, uploaded } : after);
    this.#stopped.delete(label);
    this.#tell();
  }

  /** Notes how many entries have their contents on a remote. Nobody waits for that. */
  upload(label: string, size: number): void {
    const { error: _, failingSince: __, ...before } = this.#remotes.get(label)!;
    if (size > Math.max(before.stored, before.uploaded ?? 0)) this.#note({ ...before, uploaded: size });
  }

  /** Notes how far a remote is with what was removed. */
  removal(label: string, removal: RemovalProgress): void {
    const { removal: _, ...before } = this.#remotes.get(label)!;
    const isOver = removal.left === 0 && removal.error === undefined;
    this.#note(isOver ? before : { ...before, removal });
  }

  /**
   * Notes that less is there than was thought.
   *
   * @param left - the most entries that still count as published, and as confirmed
   */
  retreat(label: string, left: { readonly published: number; readonly confirmed: number }): void {
    const { uploaded: _, ...before } = this.#remotes.get(label)!;
    const published = Math.min(before.published, left.published);
    const confirmed = Math.min(before.confirmed, left.confirmed);
    this.#note({ ...before, stored: 0, published, confirmed });
  }

  /**
   * Notes that a remote makes no progress.
   *
   * @param final - whether those who wait for it should give up
   */
  fail(label: string, error: unknown, final: boolean): void {
    const { failingSince = timeNow(), ...before } = this.#remotes.get(label)!;
    this.#note({ ...before, error, failingSince });
    if (!final) return;
    this.#stopped.add(label);
    this.#giveUp();
  }

  /** Notes that a remote is retried after a final failure. */
  resume(label: string): void {
    this.#stopped.delete(label);
  }

  /**
   * Notes when a remote is tried again by itself.
   *
   * @param at - in milliseconds since 1970; `undefined` if it is being tried now, or if nobody will
   */
  nextTry(label: string, at: number | undefined): void {
    const { nextTryAt, ...before } = this.#remotes.get(label)!;
    if (at !== nextTryAt) this.#note(at === undefined ? before : { ...before, nextTryAt: at });
  }

  /** Resolves at the next change. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#news.next(signal);
  }

  /** Tells those who wait for a change that there is more to publish. */
  grown(): void {
    this.#news.tell();
  }

  /**
   * Resolves when the first `size` entries have reached a stage.
   *
   * @throws InvalidInputError `ERR_INVALID_INPUT` if there are not as many remotes
   */
  async reached(stage: Stage, size: number, { remotes = this.#least, signal }: StageOptions): Promise<void> {
    const least = this.#leastOf(remotes, stage);
    let waiter: Waiter | undefined;
    const wait = new Promise<void>((resolve, reject) => {
      waiter = { stage, size, least, resolve, reject };
      // Only this one: going through all of them each time would take ever longer while a remote is down.
      if (this.#isThere(waiter)) resolve();
      else if (this.#background && this.#isHopeless(waiter)) reject(this.#reasonOf(waiter));
      else if (this.#end !== undefined) reject(this.#end.error);
      else this.#waiters.add(waiter);
    });
    // Who has an answer, or gives up, is not kept.
    return raceSignal(wait, signal).finally(() => this.#waiters.delete(waiter!));
  }

  /** Ends every wait. */
  end(error: unknown): void {
    this.#end = { error };
    for (const { reject } of this.#waiters) reject(error);
  }

  // Rejects those who wait for a remote that has stopped; if any remote will do, once all have.
  #giveUp(): void {
    for (const waiter of this.#waiters) {
      if (this.#isHopeless(waiter)) waiter.reject(this.#reasonOf(waiter));
    }
  }

  #tell(): void {
    for (const waiter of this.#waiters) {
      if (this.#isThere(waiter)) waiter.resolve();
    }
  }

  #note(progress: RemoteProgress): void {
    this.#remotes.set(progress.label, progress);
    this.#news.tell();
  }

  #leastOf(remotes: "any" | "all" | number, stage: Stage): number {
    if (remotes === "any") return 1;
    const { size } = this.#remotes;
    if (remotes === "all") return Math.max(1, size);
    if (Number.isSafeInteger(remotes) && remotes >= 1 && (remotes <= size || remotes === this.#least))
      return remotes;
    throw new InvalidInputError(
      `\`remotes\` has to be "any", "all", or a number of remotes from 1 to ${size}. It is ${remotes}.`,
      { operation: `writer.${stage}` },
    );
  }

  #isThere(waiter: Waiter): boolean {
    return this.#remotes.size - this.#missing(waiter).length >= waiter.least;
  }

  #isHopeless(waiter: Waiter): boolean {
    const stopped = this.#missing(waiter).filter(({ label }) => this.#stopped.has(label));
    return stopped.length > 0 && this.#remotes.size - stopped.length < waiter.least;
  }

  #reasonOf(waiter: Waiter): unknown {
    return this.#missing(waiter).find(({ label }) => this.#stopped.has(label))?.error;
  }

  #missing({ stage, size }: Waiter): RemoteProgress[] {
    return this.remotes.filter((remote) => remote[stage] < size);
  }
}
