// How far each remote is, and who waits for it.

import { raceSignal } from "../async/signals.ts";
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
}

/** Options of a receipt's stages. */
export interface StageOptions {
  /** On how many remotes: any one (the default), or all of them. */
  readonly remotes?: "any" | "all" | undefined;
  /** Ends the wait. The entry is published all the same. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly stage: Stage;
  readonly size: number;
  readonly remotes: "any" | "all";
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps how far each remote has come, and tells those who wait for it. */
export class Progress {
  readonly #remotes = new Map<string, RemoteProgress>();
  readonly #background: boolean;
  readonly #stopped = new Set<string>();
  readonly #waiters = new Set<Waiter>();
  #end: { readonly error: unknown } | undefined;

  /** @param background - whether publishing is automatic: then a final failure also ends later waits */
  constructor(labels: readonly string[], background: boolean) {
    this.#background = background;
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
    this.#remotes.set(label, uploaded > after.stored ? { ...after, uploaded } : after);
    this.#stopped.delete(label);
    this.#tell();
  }

  /** Notes how many entries have their contents on a remote. Nobody waits for that. */
  upload(label: string, size: number): void {
    const { error: _, failingSince: __, ...before } = this.#remotes.get(label)!;
    if (size > Math.max(before.stored, before.uploaded ?? 0))
      this.#remotes.set(label, { ...before, uploaded: size });
  }

  /** Notes how far a remote is with what was removed. */
  removal(label: string, removal: RemovalProgress): void {
    const { removal: _, ...before } = this.#remotes.get(label)!;
    const isOver = removal.left === 0 && removal.error === undefined;
    this.#remotes.set(label, isOver ? before : { ...before, removal });
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
    this.#remotes.set(label, { ...before, stored: 0, published, confirmed });
  }

  /**
   * Notes that a remote makes no progress.
   *
   * @param final - whether those who wait for it should give up
   */
  fail(label: string, error: unknown, final: boolean): void {
    const { failingSince = timeNow(), ...before } = this.#remotes.get(label)!;
    this.#remotes.set(label, { ...before, error, failingSince });
    if (!final) return;
    this.#stopped.add(label);
    this.#giveUp();
  }

  /** Notes that a remote is retried after a final failure. */
  resume(label: string): void {
    this.#stopped.delete(label);
  }

  /** Resolves when the first `size` entries have reached a stage. */
  reached(stage: Stage, size: number, { remotes = "any", signal }: StageOptions): Promise<void> {
    let waiter: Waiter | undefined;
    const wait = new Promise<void>((resolve, reject) => {
      waiter = { stage, size, remotes, resolve, reject };
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

  #isThere(waiter: Waiter): boolean {
    const missing = this.#missing(waiter).length;
    return missing < this.#remotes.size && (waiter.remotes === "any" || missing === 0);
  }

  #isHopeless(waiter: Waiter): boolean {
    const missing = this.#missing(waiter);
    const stopped = missing.filter(({ label }) => this.#stopped.has(label));
    return stopped.length > 0 && (waiter.remotes === "all" || stopped.length === missing.length);
  }

  #reasonOf(waiter: Waiter): unknown {
    return this.#missing(waiter).find(({ label }) => this.#stopped.has(label))?.error;
  }

  #missing({ stage, size }: Waiter): RemoteProgress[] {
    return this.remotes.filter((remote) => remote[stage] < size);
  }
}
