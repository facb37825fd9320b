// The life of a simulated process: it may end at any step that leaves it.

/** A promise that never settles: what a process that is gone leaves of its calls. */
const never: Promise<never> = new Promise(() => undefined);

/**
 * Everything that leaves a process (a write to its journal, a request) passes {@link ProcessLife.effect}: at the step where it dies,
 * before or after the effect, nothing that it began continues.
 */
export class ProcessLife {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  isDead = false;
  #left: number | undefined;
  #end: () => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Lets the process die after a number of further steps. */
  dieAfter(steps: number): void {
    this.#left = steps;
  }

  /** Lets the process live, whatever was said before. */
  live(): void {
    this.#left = undefined;
  }

  kill(): void {
    this.isDead = true;
    this.#end();
  }

  /** Does something outside the process. */
  async effect<T>(take: () => T | Promise<T>): Promise<T> {
    await this.#step();
    const result = await take();
    await this.#step();
    return result;
  }

  #step(): Promise<void> {
    if (!this.isDead && (this.#left === undefined || this.#left-- > 0)) return Promise.resolve();
    this.kill();
    return never;
  }
}
