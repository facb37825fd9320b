// Tells when what this device has appended is published.

/** What is waited for: the log of messages, which may be opened anew meanwhile. */
interface PublishedLog {
  published(signal: AbortSignal): Promise<void>;
}

/** Waits for all entries of a log at once: when the newest is published, so are those before it. */
export class PublishNews {
  readonly #log: PublishedLog;
  readonly #tell: () => void;
  readonly #signal: AbortSignal;
  #more = false;
  #waits = false;

  /**
   * @param tell - called when entries were published, or will not be
   * @param signal - ends the waiting
   */
  constructor(log: PublishedLog, tell: () => void, signal: AbortSignal) {
    this.#log = log;
    this.#tell = tell;
    this.#signal = signal;
  }

  /** Tells when everything is published that the log has now. */
  expect(): void {
    this.#more = true;
    if (!this.#waits) void this.#wait();
  }

  async #wait(): Promise<void> {
    this.#waits = true;
    while (this.#more && !this.#signal.aborted) {
      this.#more = false;
      await this.#log.published(this.#signal).catch(() => undefined);
      this.#tell();
    }
    this.#waits = false;
  }
}
