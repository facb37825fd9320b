// Direct uploads: the node answers when the network has a chunk.

import { InvalidInputError, QuotaExhaustedError, TimeoutError } from "@remote-log/core";
import { type Call, delay, HttpFailure, monotonicNow, raceSignal } from "@remote-log/core/adapter";
import type { ChunkWrite } from "./chunk-write.ts";

/** How direct uploads are made. */
export interface DirectOptions {
  /** How long the network may take to show a chunk that was in doubt, in milliseconds. */
  readonly milliseconds: number;
  /** Sends a chunk. */
  send(write: ChunkWrite, call: Call): Promise<void>;
  /** Whether the network shows a chunk. */
  shows(write: ChunkWrite, call: Call): Promise<boolean>;
}

/** The most chunks in doubt that are remembered. */
const MOST_DOUBTS = 4096;

/** Between two tries of a chunk in doubt, in milliseconds: first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;

/**
 * Uploads that are answered when the network has the chunk. While a node is pushing a chunk, it answers any other upload of
 * it with "stored" at once; and it continues to push after its client has left. So a chunk is never sent twice at a time,
 * and after an upload whose end nobody saw, "stored" is believed only once the network shows the chunk.
 */
export class DirectUploads {
  readonly #options: DirectOptions;
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #doubts = new Set<string>();

  constructor(options: DirectOptions) {
    this.#options = options;
  }

  /**
   * Uploads a chunk. If it is being uploaded already, waits for that.
   *
   * @throws TimeoutError `ERR_TIMEOUT` if a chunk in doubt is not shown in time
   * @throws what sending or reading throws
   */
  async upload(write: ChunkWrite, call: Call): Promise<void> {
    const { reference } = write;
    for (;;) {
      const other = this.#underWay.get(reference);
      if (other === undefined) break;
      if (await raceSignal(other, call.signal)) return;
    }
    const sending = this.#send(write, call);
    const ended = sending.then(
      () => true,
      () => false,
    );
    this.#underWay.set(reference, ended);
    try {
      await sending;
    } finally {
      this.#underWay.delete(reference);
    }
  }

  async #send(write: ChunkWrite, call: Call): Promise<void> {
    const until = monotonicNow() + this.#options.milliseconds;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        await this.#options.send(write, call);
      } catch (error) {
        if (!isRefusal(error)) this.#doubt(write);
        throw error;
      }
      if (!this.#doubts.has(write.reference)) return;
      if (await this.#options.shows(write, call)) {
        this.#doubts.delete(write.reference);
        return;
      }
      if (monotonicNow() + pause > until) throw this.#notShown(write, call);
      await delay(pause, call.signal);
    }
  }

  #doubt({ reference }: ChunkWrite): void {
    const [oldest] = this.#doubts;
    if (this.#doubts.size >= MOST_DOUBTS && oldest !== undefined) this.#doubts.delete(oldest);
    this.#doubts.add(reference);
  }

  #notShown({ reference }: ChunkWrite, { context }: Call): TimeoutError {
    return new TimeoutError(
      `While ${context.action}: an earlier upload of the chunk ${reference} had no known end. Now the node says that it is stored, ` +
        `but the network did not show it within ${this.#options.milliseconds} ms. Try again.`,
      { operation: context.operation },
    );
  }
}

/** Whether the node accepted nothing. What answers 5xx may be a proxy, behind which the node is at work. */
function isRefusal(error: unknown): boolean {
  return (
    (error instanceof HttpFailure && error.status < 500) ||
    error instanceof QuotaExhaustedError ||
    error instanceof InvalidInputError
  );
}
