import { type Ask, FeedSearch, NOTHING } from "./feed-search.ts";
import type { OwnerChunk } from "../chunk/owner-chunk.ts";

/** Where a search begins that has seen the feed before. */
export interface FloorSearch {
  readonly ask: Ask;
  /** An index that was seen: nothing below it is looked at. */
  readonly floor: bigint;
  /** Whether the update at the floor is needed, too, where nothing is above it. */
  readonly readFloor: boolean;
  /** Whether to look beyond the end although nothing new is there. */
  readonly lookBeyond: boolean;
}

/** Where a search begins that knows nothing of the feed. */
export interface ColdSearch {
  readonly ask: Ask;
  /** An index from which somebody else would begin; any number, or `undefined`. Rejects never. */
  readonly hint: Promise<bigint | undefined>;
}

/** The end of a feed. */
export interface Newest {
  /** The highest index; `undefined` where there is none. */
  readonly index: bigint | undefined;
  /** The update there; `undefined` where it is the floor's, which was not needed, or is not shown any more. */
  readonly update: OwnerChunk | undefined;
  /** Whether it is known that nothing follows at some distance, either. */
  readonly lookedBeyond: boolean;
}

/** What a search that knows nothing asks for first: index 0, and the first steps from there. */
const FIRST: readonly bigint[] = [0n, 1n, 2n, 4n, 8n, 16n, 32n, 64n, 128n];

/** What is asked for around a hint, up from there. */
const AROUND: readonly bigint[] = [0n, 1n, 2n, 4n, 8n, 16n];

/** How many steps the first round above a floor has that something new was found above: most often it is all there is. */
const FIRST_STEPS = 4;

/**
 * Finds the newest update from an index upwards. Where there is nothing new, that is one request.
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
  const top = FIRST.at(-1) as bigint;
  await search.ask(FIRST);
  // A node's own look-up may take long, and helps only where the end is far away.
  const start = search.newest === top ? await hint : undefined;
  if (start !== undefined && start > search.newest) {
    await search.ask(AROUND.map((step) => start + step));
    const last = AROUND.at(-1) as bigint;
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
