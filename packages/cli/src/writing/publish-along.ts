// Publishes while the input of `rlog append --publish` is still open: what became durable, at most once every so often.

import type { Writer } from "@remote-log/core";
import { codeOf } from "../errors/command-error.ts";
import { counted } from "../terminal/counted.ts";
import { describe } from "../terminal/describe-error.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { saveLastPublish } from "./last-publish.ts";

/** How long a publish may take after a signal has ended the input, in milliseconds: whoever sent it waits. */
const LAST_MILLISECONDS = 10_000;

/** Failures after which nothing more may be appended or signed here. */
const FORBIDS_WRITING: ReadonlySet<string> = new Set([
  "ERR_CONFLICT",
  "ERR_RESTORED",
  "ERR_JOURNAL",
  "ERR_JOURNAL_CORRUPT",
]);

/** What publishes along, and how. */
export interface PublishAlongOptions {
  readonly dir: string;
  /** How often at most, in milliseconds. */
  readonly every: number;
  /** Called with a failure after which nothing more may be appended. */
  readonly onFatal: (error: unknown) => void;
  /** How long {@link PublishAlong.endSoon} takes at most, in milliseconds. Default 10,000. */
  readonly lastMilliseconds?: number;
}

/** Publishes again and again until it is ended. A failure of a remote is told once, and tried again at the next time. */
export class PublishAlong {
  readonly #invocation: Invocation;
  readonly #writer: Writer;
  readonly #options: PublishAlongOptions;
  // Not the signal of the invocation: what was acknowledged before that fired is still published.
  readonly #ending = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> = Promise.resolve();
  #published = 0;
  #failing = false;
  #ended = false;

  constructor(invocation: Invocation, writer: Writer, options: PublishAlongOptions) {
    this.#invocation = invocation;
    this.#writer = writer;
    this.#options = options;
    this.#published = this.#leastPublished;
    this.#schedule();
  }

  // How many entries every remote has.
  get #leastPublished(): number {
    return Math.min(...this.#writer.status().remotes.map(({ published }) => published));
  }

  /** Ends it after the publish that is running. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /**
   * Ends it, and publishes what is left, within 10 seconds in all.
   *
   * @returns how many entries could not be published
   */
  async endSoon(): Promise<number> {
    const { lastMilliseconds = LAST_MILLISECONDS } = this.#options;
    const patience = setTimeout(() => this.#ending.abort(new Error("The time is over.")), lastMilliseconds);
    try {
      await this.end();
      if (this.#writer.size > this.#published) await this.#publish();
    } finally {
      clearTimeout(patience);
    }
    return this.#writer.size - this.#published;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#publish().finally(() => {
        if (!this.#ended) this.#schedule();
      });
    }, this.#options.every);
  }

  async #publish(): Promise<void> {
    const { size } = this.#writer;
    if (size === this.#published && size === this.#leastPublished) return;
    const { dir, onFatal } = this.#options;
    try {
      await this.#writer.publish({ signal: this.#ending.signal });
      this.#published = size;
      // Enough remotes have it; another one can fail all the same.
      const failed = this.#writer.status().remotes.find(({ error }) => error !== undefined);
      if (failed !== undefined) {
        await this.#tellFailure(failed.error);
      } else if (this.#failing) {
        this.#failing = false;
        await this.#invocation.note(
          `rlog: publishing works again; published are ${counted(size, "entry", "entries")}.`,
        );
      }
    } catch (error) {
      if (FORBIDS_WRITING.has(codeOf(error) ?? "")) onFatal(error);
      else await this.#tellFailure(error);
    } finally {
      await saveLastPublish(dir, this.#writer).catch(() => undefined);
    }
  }
  // Once, until it works again.
  async #tellFailure(error: unknown): Promise<void> {
    const told = this.#failing || this.#ended;
    this.#failing = true;
    if (told) return;
    await this.#invocation.warn(
      `${describe(error, false)} Appending continues; publishing is tried again every ${this.#options.every / 1000} s.`,
    );
  }
}
