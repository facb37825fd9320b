/** A promise that never settles: what a process that is gone leaves of its calls. */
const never: Promise<never> = new Promise(() => undefined);

/**
 * The life of a simulated process. Everything that leaves it (a journal write, a remote operation) passes
 * `step` before and after it takes effect; at the given step the process is gone, and nothing it began continues.
 */
export class ProcessLife {
  steps = 0;
  dead = false;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  readonly #crashAt: number;
  #end: () => void = () => undefined;

  constructor(crashAt: number = Number.POSITIVE_INFINITY) {
    this.#crashAt = crashAt;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  step(): Promise<void> {
    if (!this.dead && ++this.steps <= this.#crashAt) return Promise.resolve();
    this.kill();
    return never;
  }

  kill(): void {
    this.dead = true;
    this.#end();
  }

  /** Runs what the process does, until it is done or the process is gone. */
  run(task: () => Promise<void>): Promise<void> {
    return Promise.race([task(), this.ended]);
  }

  /** One operation with an outside effect. */
  async effect<T>(take: () => Promise<T>): Promise<T> {
    await this.step();
    const result = await take();
    await this.step();
    return result;
  }
}
