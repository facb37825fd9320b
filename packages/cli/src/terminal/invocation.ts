// One run of the program: its output, its messages, and the signal that ends it.

import { Interrupted } from "../errors/command-error.ts";
import { describe } from "./describe-error.ts";
import { Output } from "./output.ts";
import { ProgressBar } from "./progress-bar.ts";
import { terminalText } from "./terminal-text.ts";

/** Options that every command takes. */
export interface CommonOptions {
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** One run of the program: where it writes, and what ends it. */
export class Invocation {
  /** Standard output: the results of a command. */
  readonly out: Output;
  readonly #errors: Output;
  readonly #ending = new AbortController();
  #options: CommonOptions = {};
  #bar: ProgressBar | undefined;

  // Node calls it with the name of the signal.
  readonly #interrupt = (name: "SIGINT" | "SIGTERM"): void => {
    const reason = new Interrupted(name);
    // A user who sends a second one does not want to wait.
    if (this.#ending.signal.aborted) process.exit(reason.exitCode);
    this.#ending.abort(reason);
  };

  constructor() {
    const end = (reason: Error): void => this.#ending.abort(reason);
    this.out = new Output(process.stdout, end);
    this.#errors = new Output(process.stderr, () => undefined);
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, this.#interrupt);
  }

  /** Fires when the process was told to end, or when nobody reads its output any more. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Applies the options that every command has. */
  configure(options: CommonOptions): void {
    this.#options = options;
  }

  /** Writes a line about what was done to standard error, unless `--quiet` is set. */
  async note(line: string): Promise<void> {
    if (this.#options.quiet !== true) await this.warn(line);
  }

  /** Writes a line that must not be overlooked to standard error. It may hold text of others: it is cleaned. */
  async warn(line: string): Promise<void> {
    this.#bar?.clear();
    await this.#errors.write(`${terminalText(line)}\n`).catch(() => undefined);
  }

  /** Removes every listener of this run, so that a program can run `rlog` any number of times. */
  close(): void {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, this.#interrupt);
    this.out.close();
    this.#errors.close();
  }

  /** Says why the command failed. */
  async fail(error: unknown): Promise<void> {
    await this.warn(describe(error, this.#options.debug === true));
  }

  /** Runs a task with a progress bar. The bar is shown if standard error is a terminal, unless `--quiet` is set. */
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
