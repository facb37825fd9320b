import { describe, Interrupted } from "./failure.ts";
import { Output } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";

/** Options that every command takes. */
export interface CommonOptions {
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** One run of the program: where it writes, and what ends it. */
export class Invocation {
  /** What a command gives. */
  readonly out: Output;
  readonly #errors: Output;
  readonly #ending = new AbortController();
  #options: CommonOptions = {};
  #bar: ProgressBar | undefined;

  constructor() {
    const end = (reason: Error): void => this.#ending.abort(reason);
    this.out = new Output(process.stdout, end);
    this.#errors = new Output(process.stderr, () => undefined);
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      process.on(name, () => {
        const reason = new Interrupted(name);
        // The second time, the user does not want to wait.
        if (this.#ending.signal.aborted) process.exit(reason.exitCode);
        end(reason);
      });
    }
  }

  /** Fires when the process was told to end, or nobody reads its output. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Takes up the options that every command has. */
  configure(options: CommonOptions): void {
    this.#options = options;
  }

  /** Tells what was done, on standard error, unless `--quiet`. */
  async note(line: string): Promise<void> {
    if (this.#options.quiet !== true) await this.warn(line);
  }

  /** Tells on standard error what must not be overlooked. */
  async warn(line: string): Promise<void> {
    this.#bar?.clear();
    await this.#errors.write(`${line}\n`).catch(() => undefined);
  }

  /** Says why the command failed. */
  async fail(error: unknown): Promise<void> {
    await this.warn(describe(error, this.#options.debug === true));
  }

  /** Shows how far a task is while it runs, where a person looks at standard error. */
  async withProgress<T>(label: string, task: (bar: ProgressBar) => Promise<T>): Promise<T> {
    const shown = this.#errors.isTerminal && this.#options.quiet !== true;
    const bar = new ProgressBar(label, shown ? process.stderr : undefined);
    this.#bar = bar;
    try {
      return await task(bar);
    } finally {
      bar.clear();
      this.#bar = undefined;
    }
  }
}
