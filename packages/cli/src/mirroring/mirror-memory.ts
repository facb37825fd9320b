// How far a log was mirrored to each target, kept in the reader's state.

import { createHash } from "node:crypto";
import type { ReaderState } from "../reading/reader-state.ts";

/** How far a log was mirrored to one target. */
export interface Mirrored {
  /** The head that was mirrored last. */
  readonly head: Uint8Array;
  /** The entries below it that no source could show. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
}

/** Remembers, in the reader's state, how far the log was mirrored to one target. */
export class MirrorMemory {
  readonly #state: ReaderState | undefined;
  readonly #key: string;
  #mirrored: Mirrored | undefined;

  /**
   * @param state - `undefined` to remember only until the process ends
   * @param targetUri - identifies the target
   */
  constructor(state: ReaderState | undefined, targetUri: string) {
    this.#state = state;
    this.#key = `mirror/${createHash("sha256").update(targetUri).digest("hex")}`;
  }

  /** Whether something is kept between runs. */
  get isKept(): boolean {
    return this.#state !== undefined;
  }

  /** How far the last mirroring came. */
  async load(): Promise<Mirrored | undefined> {
    this.#mirrored ??= await this.#loadKept();
    return this.#mirrored;
  }

  /** Saves how far a mirroring came: both in one value, so that a gap is never forgotten. */
  async save({ head, missing }: Mirrored): Promise<void> {
    this.#mirrored = { head, missing: missing.map(({ from, to }) => ({ from, to })) };
    const value = { head: Buffer.from(head).toString("base64"), missing: this.#mirrored.missing };
    await this.#state?.put(`${this.#key}/state`, new TextEncoder().encode(JSON.stringify(value)));
  }

  async #loadKept(): Promise<Mirrored | undefined> {
    const value = await this.#state?.get(`${this.#key}/state`);
    if (value !== undefined) {
      const kept = JSON.parse(new TextDecoder().decode(value)) as Mirrored & { readonly head: string };
      return { head: new Uint8Array(Buffer.from(kept.head, "base64")), missing: kept.missing };
    }
    // An earlier version kept the head alone: what it left there was complete.
    const head = await this.#state?.get(this.#key);
    return head && { head, missing: [] };
  }
}
