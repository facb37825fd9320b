import { abortable } from "../abort.ts";

/** How far an entry has come on a remote, after `append` made it durable on this device. */
export type Stage = "stored" | "published" | "confirmed";

/** How far a remote has come. */
export interface RemoteProgress {
  /** The remote's label. */
  readonly label: string;
  /** Entries whose contents and pages the remote holds. */
  readonly stored: number;
  /** Entries that the name makes readable. */
  readonly published: number;
  /** Entries that were read back from the name and found right. */
  readonly confirmed: number;
  /** Why the remote makes no progress; absent while it does. */
  readonly error?: unknown;
}

/** Options of a receipt's stages. */
export interface StageOptions {
  /** On how many remotes: any one (the default), or all of them. */
  readonly remotes?: "any" | "all";
  /** Ends the wait. The entry goes on its way all the same. */
  readonly signal?: AbortSignal;
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
  #waiters: Waiter[] = [];
  #end: { readonly error: unknown } | undefined;

  /** @param background - whether nobody has to ask for a publish: then a failure that is final holds for later waits too */
  constructor(labels: readonly string[], background: boolean) {
    this.#background = background;
    for (const label of labels) this.#remotes.set(label, { label, stored: 0, published: 0, confirmed: 0 });
  }

  /** How far every remote is. */
  get remotes(): RemoteProgress[] {
    return [...this.#remotes.values()];
  }

  /** Notes that a remote has come further; an error that it had is over. */
  advance(label: string, stage: Stage, size: number): void {
    const { error: _, ...before } = this.#remotes.get(label)!;
    this.#remotes.set(label, { ...before, [stage]: Math.max(before[stage], size) });
    this.#stopped.delete(label);
    this.#tell();
  }

  /**
   * Notes that a remote makes no progress.
   *
   * @param final - whether those who wait for it should give up
   */
  fail(label: string, error: unknown, final: boolean): void {
    this.#remotes.set(label, { ...this.#remotes.get(label)!, error });
    if (!final) return;
    this.#stopped.add(label);
    this.#giveUp();
  }

  /** Notes that a remote is tried again after a failure that was final. */
  resume(label: string): void {
    this.#stopped.delete(label);
  }

  /** Resolves when the first `size` entries have come to a stage. */
  reached(stage: Stage, size: number, { remotes = "any", signal }: StageOptions): Promise<void> {
    const waiter = new Promise<void>((resolve, reject) => {
      this.#waiters.push({ stage, size, remotes, resolve, reject });
      this.#tell();
      if (this.#background) this.#giveUp();
      if (this.#end !== undefined) this.end(this.#end.error);
    });
    return abortable(waiter, signal);
  }

  /** Ends every wait. */
  end(error: unknown): void {
    this.#end = { error };
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(error);
  }

  // Rejects those who wait for a remote that has stopped; where any remote will do, once all have.
  #giveUp(): void {
    const waiting: Waiter[] = [];
    for (const waiter of this.#waiters) {
      const missing = this.remotes.filter((remote) => remote[waiter.stage] < waiter.size);
      const stopped = missing.filter(({ label }) => this.#stopped.has(label));
      const hopeless = waiter.remotes === "all" ? stopped.length > 0 : stopped.length === missing.length;
      if (hopeless && stopped.length > 0) waiter.reject(stopped[0]!.error);
      else waiting.push(waiter);
    }
    this.#waiters = waiting;
  }

  #tell(): void {
    const remotes = this.remotes;
    const waiting: Waiter[] = [];
    for (const waiter of this.#waiters) {
      const there = remotes.filter((remote) => remote[waiter.stage] >= waiter.size).length;
      if (there > 0 && (waiter.remotes === "any" || there === remotes.length)) waiter.resolve();
      else waiting.push(waiter);
    }
    this.#waiters = waiting;
  }
}
