import { delay } from "../abort.ts";
import { isRemoteLogError } from "../errors/index.ts";

/** Waits between tries, in milliseconds: doubled each time up to a minute, and a random part of that. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 60_000;

/**
 * Publishes one remote by itself: once for everything that was appended since the last time, again after a
 * failure that may pass, and not at all after one that will not, until somebody asks for it.
 */
export class PublishLoop {
  readonly #publish: (signal: AbortSignal) => Promise<void>;
  readonly #failed: (error: unknown, final: boolean) => void;
  readonly #signal: AbortSignal;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  /**
   * @param publish - publishes what there is
   * @param failed - is told of every failure, and whether it is final
   * @param signal - ends the loop
   */
  constructor(
    publish: (signal: AbortSignal) => Promise<void>,
    failed: (error: unknown, final: boolean) => void,
    signal: AbortSignal,
  ) {
    this.#publish = publish;
    this.#failed = failed;
    this.#signal = signal;
  }

  /** Says that there is something to publish. What comes while a publish is under way travels with the next. */
  wake(): void {
    this.#again = true;
    if (!this.#stopped) this.#running ??= this.#run();
  }

  /** Lets the loop go on after a failure that was final. */
  resume(): void {
    this.#stopped = false;
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    let wait = FIRST_WAIT;
    while (this.#again && !this.#signal.aborted) {
      this.#again = false;
      try {
        await this.#publish(this.#signal);
        wait = FIRST_WAIT;
      } catch (error) {
        if (this.#signal.aborted) break;
        const final = !isRemoteLogError(error) || error.retry === "never";
        this.#failed(error, final);
        if (final) {
          this.#stopped = true;
          break;
        }
        this.#again = true;
        await delay(wait * (0.5 + Math.random() / 2), this.#signal).catch(() => undefined);
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
    this.#running = undefined;
  }
}
