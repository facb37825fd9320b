import { type AnySignal, anySignal, delay } from "../async/signals.ts";
import { isRemoteLogError } from "../errors/index.ts";

/** Waits between tries, in milliseconds: doubled each time up to a minute, and a random part of that. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 60_000;

/**
 * Publishes one remote by itself: once for everything that was appended since the last time, again after a
 * failure that may pass and where a name that lags did not show the new head yet, and not at all after a failure
 * that will not pass, until somebody asks for it.
 */
export class RetryLoop {
  readonly #publish: (signal: AbortSignal) => Promise<boolean>;
  readonly #failed: (error: unknown, final: boolean) => void;
  readonly #signal: AbortSignal;
  #running: Promise<void> | undefined;
  #again = false;
  // Ends a wait that new entries need not sit out.
  #hurry: AnySignal | undefined;
  #stopped = false;

  /**
   * @param publish - publishes what there is; tells whether it was read back too
   * @param failed - is told of every failure, and whether it is final
   * @param signal - ends the loop
   */
  constructor(
    publish: (signal: AbortSignal) => Promise<boolean>,
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
    this.#hurry?.abort();
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
      let published = true;
      try {
        if (await this.#publish(this.#signal)) {
          wait = FIRST_WAIT;
          continue;
        }
      } catch (error) {
        published = false;
        if (this.#signal.aborted) break;
        const final = !isRemoteLogError(error) || error.retry === "never";
        this.#failed(error, final);
        if (final) {
          this.#stopped = true;
          break;
        }
      }
      if (published && this.#again) continue;
      this.#again = true;
      const hurry = anySignal(this.#signal);
      if (published) this.#hurry = hurry;
      await delay(wait * (0.5 + Math.random() / 2), hurry.signal).catch(() => undefined);
      hurry.clear();
      this.#hurry = undefined;
      wait = hurry.signal.aborted ? FIRST_WAIT : Math.min(wait * 2, LONGEST_WAIT);
    }
    this.#running = undefined;
  }
}
