// How far a log was mirrored to each target, kept in the reader's state.

import { createHash } from "node:crypto";
import type { MirrorPart } from "@remote-log/core";
import type { ReaderState } from "../reading/reader-state.ts";

/** How far a log was mirrored to one target. */
export interface Mirrored {
  /** The head that was mirrored last. */
  readonly head: Uint8Array;
  /** The entries below it that no source could show. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
  /** Whether everything below the head was read back from the target. */
  readonly readBack?: boolean;
}

/** Remembers, in the reader's state, how far the log was mirrored to one target. */
export class MirrorMemory {
  readonly #state: ReaderState | undefined;
  readonly #key: string;
  #mirrored: Mirrored | undefined;
  #part: MirrorPart | undefined;
  // The newest part that is still to be saved, and the saving of one.
  #unsaved: MirrorPart | undefined;
  #saving: Promise<void> | undefined;

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
  async save({ head, missing, readBack = false }: Mirrored): Promise<void> {
    const ranges = missing.map(({ from, to }) => ({ from, to }));
    this.#mirrored = { head, missing: ranges, ...(readBack && { readBack }) };
    await this.#put("state", this.#mirrored);
    await this.#forgetPart();
  }

  /** What the target has of a mirroring that did not finish; `undefined` if the last one did. */
  async loadPart(): Promise<MirrorPart | undefined> {
    const kept = this.#part === undefined ? await this.#get("part") : undefined;
    if (kept !== undefined) this.#part = { known: kept.head, missing: kept.missing };
    return this.#part;
  }

  /** Notes what the target has by now. It is saved soon: while one part is saved, only the newest of further ones waits. */
  notePart(part: MirrorPart): void {
    if (part === this.#part) return;
    this.#part = part;
    this.#unsaved = part;
    this.#saving ??= this.#savePart().finally(() => (this.#saving = undefined));
  }

  /** Waits until the newest part is saved. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  // A part that is not saved costs uploads, and no more.
  async #savePart(): Promise<void> {
    for (let part = this.#unsaved; part !== undefined; part = this.#unsaved) {
      this.#unsaved = undefined;
      const { known: head, missing } = part;
      await this.#put("part", { head, missing }).catch(() => undefined);
    }
  }

  async #forgetPart(): Promise<void> {
    this.#unsaved = undefined;
    await this.#saving;
    if ((await this.loadPart()) === undefined) return;
    this.#part = undefined;
    // An empty value is none.
    await this.#state?.put(`${this.#key}/part`, new Uint8Array(0));
  }

  async #put(name: "state" | "part", { head, ...rest }: Mirrored): Promise<void> {
    const value = { head: Buffer.from(head).toString("base64"), ...rest };
    await this.#state?.put(`${this.#key}/${name}`, new TextEncoder().encode(JSON.stringify(value)));
  }

  async #get(name: "state" | "part"): Promise<Mirrored | undefined> {
    const value = await this.#state?.get(`${this.#key}/${name}`);
    if (value === undefined || value.length === 0) return undefined;
    const kept = JSON.parse(new TextDecoder().decode(value)) as Mirrored & { readonly head: string };
    const { missing, readBack } = kept;
    return {
      head: new Uint8Array(Buffer.from(kept.head, "base64")),
      missing,
      ...(readBack === true && { readBack }),
    };
  }

  async #loadKept(): Promise<Mirrored | undefined> {
    const kept = await this.#get("state");
    if (kept !== undefined) return kept;
    // An earlier version kept the head alone: what it left there was complete.
    const head = await this.#state?.get(this.#key);
    return head && { head, missing: [] };
  }
}
