/**
 * Does pieces of work side by side, so many at a time. After the first failure nothing new begins, and whoever adds
 * work or waits for the end is told of it.
 */
export class WorkWindow {
  readonly #width: number;
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param width - the most pieces of work at once */
  constructor(width: number) {
    this.#width = width;
  }

  /** Begins a piece of work, once there is room for it; {@link WorkWindow.settled} tells how it ended. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#underWay.size >= this.#width) await Promise.race(this.#underWay);
    this.#throwFailure();
    const piece: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(piece));
    this.#underWay.add(piece);
  }

  /** Like {@link WorkWindow.add}; the work begins when all that was added before has succeeded. */
  async addAfter(work: () => Promise<void>): Promise<void> {
    const before = [...this.#underWay];
    await this.add(async () => {
      await Promise.all(before);
      this.#throwFailure();
      await work();
    });
  }

  /** Waits until all work has ended. Rejects with the first failure. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
