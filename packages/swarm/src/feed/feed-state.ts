import { Semaphore } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import type { FeedName } from "./feed-name.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import type { ParsedRevision } from "./revision.ts";

/** After so many resolves that found nothing new, one looks beyond the end. */
const QUIET_RESOLVES = 15;

/** What is remembered of a feed, for as long as the resolver lives. */
export class FeedState {
  readonly feed: FeedName;
  /** One update at a time: two of them would not see each other. */
  readonly turns: Semaphore = new Semaphore(1);
  #highest: ParsedRevision | undefined;
  #quiet = 0;

  constructor(feed: FeedName) {
    this.feed = feed;
  }

  /** The highest update that a node has shown so far, as it was seen last. */
  get highest(): ParsedRevision | undefined {
    return this.#highest;
  }

  /** Takes note of an update whose signature was checked. */
  saw(index: bigint, { wrapped }: OwnerChunk): void {
    if (this.#highest !== undefined && index < this.#highest.index) return;
    this.#highest = { index, chunk: toHex(wrapped.address) };
  }

  /** Whether it is time to look beyond the end. */
  get isQuiet(): boolean {
    return this.#quiet >= QUIET_RESOLVES;
  }

  /** Takes note of a resolve, and of whether it looked beyond the end. */
  resolved(lookedBeyond: boolean): void {
    this.#quiet = lookedBeyond ? 0 : this.#quiet + 1;
  }
}
