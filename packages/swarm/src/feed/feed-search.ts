// The search for the newest update of a feed: what is known in its course, and where it ends.

import { lastOf } from "@remote-log/core/adapter";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { LAST_INDEX } from "./feed-update.ts";
import type { Probe } from "./probe.ts";

/** Asks for the update at an index; rejects on an abort alone. */
export type Ask = (index: bigint) => Promise<Probe>;

/** The index before every update. */
export const NOTHING = -1n;

/** Requests at once. */
const WIDTH = 8;

/** How far past the end the search looks: one missing update must not hide those after it. */
const BEYOND: readonly bigint[] = [2n, 4n, 8n, 16n];

/** This many missing updates within `NEAR` past the end mean that it is the end, and not a gap. */
const ENOUGH_MISSING = 3;
const NEAR = 32n;

/** After this many rounds the search is content with what was found. Only a feed that is full of gaps needs more. */
const MOST_ROUNDS = 64;

/**
 * What is known of a feed in the course of one search: answers to probes, and the highest index that is there.
 *
 * Only an update that was shown and verified counts as there, and only a clear answer counts as missing. Whatever else
 * came may hide one: if the end depends on it, the search ends with its error.
 */
export class FeedSearch {
  readonly #ask: Ask;
  readonly #answers = new Map<bigint, Probe>();
  #newest: bigint;
  #update: OwnerChunk | undefined;
  #rounds = 0;

  /** @param newest - an index that is known to be there, or {@link NOTHING} */
  constructor(ask: Ask, newest: bigint) {
    this.#ask = ask;
    this.#newest = newest;
  }

  /** The highest index that is there. */
  get newest(): bigint {
    return this.#newest;
  }

  /** The update at the newest index; `undefined` if it was not asked for, or not shown. */
  get update(): OwnerChunk | undefined {
    return this.#update;
  }

  /**
   * Whether enough is known to be missing just past the end, besides the next index: above all the one after that, which
   * is there if one update is missing and others follow.
   */
  get isClearBeyond(): boolean {
    const end = this.#newest;
    if (end + NEAR > LAST_INDEX) return true;
    if (this.#answers.get(end + 2n)?.status !== "missing") return false;
    const isNear = (index: bigint): boolean => index > end + 1n && index <= end + NEAR;
    const missing = [...this.#answers].filter(([index, { status }]) => status === "missing" && isNear(index));
    return missing.length >= ENOUGH_MISSING;
  }

  /** What came for an index; `undefined` if it was not asked for. */
  answer(index: bigint): Probe | undefined {
    return this.#answers.get(index);
  }

  /** Asks for several indexes side by side. None is asked for twice. */
  async ask(indexes: readonly bigint[]): Promise<void> {
    const fresh = [...new Set(indexes)].filter((index) => index <= LAST_INDEX && !this.#answers.has(index));
    if (fresh.length === 0) return;
    this.#rounds++;
    const answers = await Promise.all(fresh.map((index) => this.#ask(index)));
    for (const [at, answer] of answers.entries()) {
      const index = fresh[at] as bigint;
      this.#answers.set(index, answer);
      if (answer.status !== "found" || index < this.#newest) continue;
      this.#newest = index;
      this.#update = answer.update;
    }
  }

  /**
   * Asks upwards from an index in steps that double, until the highest of a round is not there.
   *
   * @param step - the first step
   * @param width - how many steps the first round has; later ones have 8
   */
  async climb(from: bigint, step: bigint, width: number = WIDTH): Promise<void> {
    const steps = Array.from({ length: width }, (_, at) => from + (step << BigInt(at)));
    await this.ask(steps);
    const top = lastOf(steps) as bigint;
    if (this.#answers.get(top)?.status === "found") await this.climb(from, (top - from) * 2n);
  }

  /**
   * Finds the end: narrows the span between the newest index and the next one that is missing, until the one right after
   * the newest is known to be missing; then looks past it, if too little is known there.
   *
   * @param looks - whether it looks past the end at all
   * @throws the error of the probe that hides the end
   */
  async finish(looks: boolean): Promise<void> {
    for (;;) {
      await this.#narrow();
      this.#checkEnd();
      if (!looks || this.isClearBeyond || this.#rounds >= MOST_ROUNDS) return;
      const end = this.#newest;
      await this.ask(BEYOND.map((step) => end + step));
      if (this.#newest === end) return;
      await this.climb(this.#newest, 1n);
    }
  }

  /** Asks between the newest index and the next one that is missing, until nothing is left to ask for. */
  async #narrow(): Promise<void> {
    for (;;) {
      const low = this.#newest;
      const high = this.#lowestAbove("missing") ?? this.#lowestAbove("unknown") ?? LAST_INDEX + 1n;
      const asked = this.#answers.size;
      await this.ask(between(low, high));
      // Indexes in between whose answers say nothing are asked for once.
      if (this.#answers.size === asked) return;
    }
  }

  /** @throws the error of the probe that hides the end, if one does */
  #checkEnd(): void {
    const end = this.#newest;
    if (end === LAST_INDEX || this.#answers.get(end + 1n)?.status === "missing") return;
    const hiding = this.#answers.get(this.#lowestAbove("unknown") ?? NOTHING);
    if (hiding?.status === "unknown") throw hiding.error;
  }

  #lowestAbove(wanted: Probe["status"]): bigint | undefined {
    let lowest: bigint | undefined;
    for (const [index, { status }] of this.#answers) {
      if (status !== wanted || index <= this.#newest) continue;
      if (lowest === undefined || index < lowest) lowest = index;
    }
    return lowest;
  }
}

/** Indexes between two others: all of them, or some at equal distances. */
function between(low: bigint, high: bigint): bigint[] {
  const inside = high - low - 1n;
  const count = inside < WIDTH ? Number(inside) : WIDTH;
  return Array.from({ length: count }, (_, at) => low + ((high - low) * BigInt(at + 1)) / BigInt(count + 1));
}
