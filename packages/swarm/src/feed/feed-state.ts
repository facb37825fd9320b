// What a resolver remembers of a feed.

import { Semaphore } from "@remote-log/core/adapter";
import { toHex } from "../chunk/hex.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import type { FeedName } from "./feed-name.ts";
import type { ParsedRevision } from "./revision.ts";

/** After this many resolves that found nothing new, the next one looks past the end. */
const QUIET_RESOLVES = 15;

/** What is remembered of a feed while the resolver is open. */
export class FeedState {
  readonly feed: FeedName;
  /** One update at a time: two of them would not see each other. */
  readonly turns: Semaphore = new Semaphore(1);
  #highest: ParsedRevision | undefined;
  #newest: OwnerChunk | undefined;
  #quiet = 0;
  #unanswered = 0;

  constructor(feed: FeedName) {
    this.feed = feed;
  }

  /** The highest update that a node has shown so far, as it was last seen. */
  get highest(): ParsedRevision | undefined {
    return this.#highest;
  }

  /** That update itself. */
  get newest(): OwnerChunk | undefined {
    return this.#newest;
  }

  /** The least index that is believed: what the caller knows, and what was seen before. `undefined` if neither is there. */
  floor(known: ParsedRevision | undefined): bigint | undefined {
    const highest = this.#highest;
    if (highest === undefined || (known !== undefined && known.index > highest.index)) return known?.index;
    return highest.index;
  }

  /** Whether nothing else was seen than what the caller knows: it may know more, or something else. */
  isLastSeen(known: ParsedRevision): boolean {
    const highest = this.#highest;
    return highest === undefined || (known.index === highest.index && known.chunk === highest.chunk);
  }

  /** Notes an update whose signature was checked. */
  saw(index: bigint, update: OwnerChunk): void {
    if (this.#highest !== undefined && index < this.#highest.index) return;
    this.#highest = { index, chunk: toHex(update.wrapped.address) };
    this.#newest = update;
  }

  /** Whether it is time to look past the end. */
  get isQuiet(): boolean {
    return this.#quiet >= QUIET_RESOLVES;
  }

  /** How many searches in a row got no clear answer at all. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Notes whether a search got any clear answer. */
  asked(isAnswered: boolean): void {
    this.#unanswered = isAnswered ? 0 : this.#unanswered + 1;
  }

  /** Notes a resolve, and whether it looked past the end. */
  resolved(lookedBeyond: boolean): void {
    this.#quiet = lookedBeyond ? 0 : this.#quiet + 1;
  }
}
