// How far a log was mirrored to each target, kept in the reader's state.

import { createHash } from "node:crypto";
import type { ReaderState } from "../reading/reader-state.ts";

/** Remembers, in the reader's state, how far the log was mirrored to one target. */
export class MirrorMemory {
  readonly #state: ReaderState | undefined;
  readonly #key: string;
  #head: Uint8Array | undefined;

  /**
   * @param state - `undefined` to remember only until the process ends
   * @param targetUri - identifies the target
   */
  constructor(state: ReaderState | undefined, targetUri: string) {
    this.#state = state;
    this.#key = `mirror/${createHash("sha256").update(targetUri).digest("hex")}`;
  }

  /** The head that was mirrored last. */
  async load(): Promise<Uint8Array | undefined> {
    this.#head ??= await this.#state?.get(this.#key);
    return this.#head;
  }

  /** Saves the head that was mirrored, together with everything below it. */
  async save(head: Uint8Array): Promise<void> {
    this.#head = head;
    await this.#state?.put(this.#key, head);
  }
}
