// What `append` returns: where to wait for each stage.

import { checkCallOptions } from "./check-writer-options.ts";
import type { Progress, Stage, StageOptions } from "./progress.ts";

/**
 * What `append` returns once an entry is durable on this device: here an application waits for the stages that follow.
 *
 * A stage rejects with the signal's reason, with the failure of a remote that does not pass by itself, and with
 * `ClosedError` if the writer is closed first; the entry stays in the log. If nobody publishes (no remotes, or
 * `publish: "manual"`), it waits.
 */
export class Receipt {
  /** Place of the entry in the log. */
  readonly sequence: number;
  /** The entry's own identifier, 32 bytes. */
  readonly id: Uint8Array;
  readonly #progress: Progress;

  /** @internal Made by the writer. */
  constructor(sequence: number, id: Uint8Array, progress: Progress) {
    this.sequence = sequence;
    this.id = id;
    this.#progress = progress;
  }

  /** Resolves when a remote (or each one, see {@link StageOptions}) holds the entry. No reader can find it yet. */
  stored(options: StageOptions = {}): Promise<void> {
    return this.#reached("stored", options);
  }

  /** Resolves when readers can find the entry by the log's name. */
  published(options: StageOptions = {}): Promise<void> {
    return this.#reached("published", options);
  }

  /** Resolves when the name was read back and showed the head that was sent. */
  confirmed(options: StageOptions = {}): Promise<void> {
    return this.#reached("confirmed", options);
  }

  async #reached(stage: Stage, options: StageOptions): Promise<void> {
    checkCallOptions(options, stage);
    return this.#progress.reached(stage, this.sequence + 1, options);
  }
}
