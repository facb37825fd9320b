import { createHash } from "node:crypto";
import type { ReaderState } from "./reader-state.ts";

/** Keeps, in the reader's state, how far the log was mirrored to each target. */
export class MirrorMemory {
  readonly #state: ReaderState | undefined;
  readonly #key: string;
  #head: Uint8Array | undefined;

  /** @param state - `undefined`: it is forgotten with the process */
  constructor(state: ReaderState | undefined, targetUri: string) {
    this.#state = state;
    this.#key = `mirror/${createHash("sha256").update(targetUri).digest("hex")}`;
  }

  /** The head that was mirrored last. */
  async load(): Promise<Uint8Array | undefined> {
    this.#head ??= await this.#state?.get(this.#key);
    return this.#head;
  }

  /** Keeps the head that was mirrored, with all that lies below it. */
  async save(head: Uint8Array): Promise<void> {
    this.#head = head;
    await this.#state?.put(this.#key, head);
  }
}
