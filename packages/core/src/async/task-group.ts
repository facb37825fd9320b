// A task group: pieces of work side by side, of which the first failure ends the rest.

import { abortWith, withAnySignal } from "./signals.ts";

/**
 * Does pieces of work side by side, at most a number at a time. After the first failure nothing new begins, and whoever adds
 * work or waits for the end is told of it.
 */
export class TaskGroup {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param limit - the most pieces of work at once */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Begins a piece of work, once there is room for it; {@link TaskGroup.settled} tells how it ended. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#throwFailure();
    const task: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(task));
    this.#running.add(task);
  }

  /** Like {@link TaskGroup.add}; the work begins when all that was added before has succeeded. */
  async addAfter(work: () => Promise<void>): Promise<void> {
    const before = [...this.#running];
    await this.add(async () => {
      await Promise.all(before);
      this.#throwFailure();
      await work();
    });
  }

  /** Waits until all work has ended. Rejects with the first failure. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/**
 * Does something with each of several things side by side, all at once. The first failure aborts the others.
 *
 * @throws what the first to fail throws
 */
export async function failFast<T>(
  signal: AbortSignal | undefined,
  things: readonly T[],
  work: (thing: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  await withAnySignal([signal, failed.signal], async (any) => {
    const all = things.map(async (thing) => {
      try {
        await work(thing, any);
      } catch (error) {
        abortWith(failed, error);
        throw error;
      }
    });
    await Promise.all(all);
  });
}
