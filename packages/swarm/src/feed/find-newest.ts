// Finding the newest update of a feed, with or without knowing where to begin.

import { lastOf } from "@remote-log/core/adapter";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";
import { type Ask, FeedSearch, NOTHING } from "./feed-search.ts";

/** A search in a feed that was seen before. */
export interface FloorSearch {
  readonly ask: Ask;
  /** An index that was seen: nothing below it is looked at. */
  readonly floor: bigint;
  /** Whether the update at the floor is needed as well, if nothing is above it. */
  readonly readFloor: boolean;
  /** Whether to look past the end even if nothing new is there. */
  readonly lookBeyond: boolean;
}

/** A search in a feed of which nothing is known. */
export interface ColdSearch {
  readonly ask: Ask;
  /** An index where the search may begin; any number, or `undefined`. It never rejects. */
  readonly hint: Promise<bigint | undefined>;
}

/** The end of a feed. */
export interface Newest {
  /** The highest index; `undefined` if there is none. */
  readonly index: bigint | undefined;
  /** The update there; `undefined` if it is the floor's and was not needed, or is no longer shown. */
  readonly update: OwnerChunk | undefined;
  /** Whether it is known that nothing follows after a gap, either. */
  readonly lookedBeyond: boolean;
}

/** What a search that knows nothing asks for first: index 0, and steps from there that double. */
export const FIRST: readonly bigint[] = [0n, 1n, 2n, 4n, 8n, 16n, 32n, 64n, 128n];

/** What is asked for around a hint, up from there. */
const AROUND: readonly bigint[] = [0n, 1n, 2n, 4n, 8n, 16n];

/** Steps of the first round after something new was found above a floor: most often there is no more. */
const FIRST_STEPS = 4;

/**
 * Finds the newest update from an index upwards. If there is nothing new, that takes one request.
 *
 * @throws the error of a probe on which the end depends
 */
export async function findNewestAbove({ ask, floor, readFloor, lookBeyond }: FloorSearch): Promise<Newest> {
  const search = new FeedSearch(ask, floor);
  await search.ask(readFloor ? [floor + 1n, floor] : [floor + 1n]);
  const isNew = search.newest > floor;
  if (isNew) await search.climb(floor + 1n, 1n, FIRST_STEPS);
  const lost = readFloor && search.answer(floor)?.status === "missing";
  await search.finish(isNew || lookBeyond || lost);
  const atFloor = search.answer(floor);
  if (search.newest === floor && atFloor?.status === "unknown") throw atFloor.error;
  return { index: search.newest, update: search.update, lookedBeyond: search.isClearBeyond };
}

/**
 * Finds the newest update of a feed of which nothing is known.
 *
 * @throws the error of a probe on which the end depends; that there is nothing depends on all of them
 */
export async function findNewest({ ask, hint }: ColdSearch): Promise<Newest> {
  const search = new FeedSearch(ask, NOTHING);
  const top = lastOf(FIRST) as bigint;
  await search.ask(FIRST);
  // A node's own look-up may take long, and helps only if the end is far away.
  const start = search.newest === top ? await hint : undefined;
  if (start !== undefined && start > search.newest) {
    await search.ask(AROUND.map((step) => start + step));
    const last = lastOf(AROUND) as bigint;
    if (search.answer(start + last)?.status === "found") await search.climb(start, last * 2n);
  }
  if (search.newest === top) await search.climb(0n, top * 2n);
  const unclear = search.newest === NOTHING && FIRST.map((index) => search.answer(index)).find(isUnknown);
  if (isUnknown(unclear)) throw unclear.error;
  await search.finish(true);
  const isThere = search.newest !== NOTHING;
  return {
    index: isThere ? search.newest : undefined,
    update: search.update,
    lookedBeyond: search.isClearBeyond,
  };
}

function isUnknown<T extends { readonly status: string }>(
  answer: T | false | undefined,
): answer is Extract<T, { readonly status: "unknown" }> {
  return answer !== false && answer?.status === "unknown";
}
