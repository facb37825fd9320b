// Counts what is under way at the same time.

/** How many things are under way, and how many were at most. */
export class Gauge {
  #now = 0;
  #most = 0;
  #total = 0;

  /** How many are under way. */
  get now(): number {
    return this.#now;
  }

  /** The most that were under way at the same time. */
  get most(): number {
    return this.#most;
  }

  /** How many have begun so far. */
  get total(): number {
    return this.#total;
  }

  /**
   * One more begins.
   *
   * @returns a function that ends it; calling it again does nothing
   */
  enter(): () => void {
    this.#total++;
    this.#now++;
    this.#most = Math.max(this.#most, this.#now);
    let left = false;
    return () => {
      if (!left) this.#now--;
      left = true;
    };
  }

  /** Counts work for as long as it takes. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
