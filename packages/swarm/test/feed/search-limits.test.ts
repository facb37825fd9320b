import { expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import type { OwnerChunk } from "../../src/chunk/owner-chunk.ts";
import { FeedSearch } from "../../src/feed/feed-search.ts";
import { LAST_INDEX } from "../../src/feed/feed-update.ts";
import { findNewest, findNewestAbove } from "../../src/feed/find-newest.ts";
import type { Probe } from "../../src/feed/probe.ts";

// What a search asks for, index by index, and when it knows enough.

const found: Probe = { status: "found", update: { wrapped: contentChunk(new Uint8Array(1)) } as OwnerChunk };
const missing: Probe = { status: "missing" };
const failed = new Error("500");
const unknown: Probe = { status: "unknown", error: failed };

function feedOf(rule: (index: bigint) => Probe) {
  const asked: bigint[] = [];
  const ask = async (index: bigint): Promise<Probe> => {
    asked.push(index);
    return rule(index);
  };
  return { asked, ask };
}

const noHint = Promise.resolve(undefined);

async function searchThatAsked(
  newest: bigint,
  indexes: readonly bigint[],
  answer = missing,
): Promise<FeedSearch> {
  const search = new FeedSearch(async () => answer, newest);
  await search.ask(indexes);
  return search;
}

test.each([
  ["three that are missing, the farthest 32 past it", [102n, 103n, 132n], missing, true],
  ["two of them", [102n, 132n], missing, false],
  ["one that is 33 past it", [102n, 103n, 133n], missing, false],
  ["the next one, which counts for nothing", [101n, 102n, 103n], missing, false],
  ["three without the one after the next", [103n, 104n, 105n], missing, false],
  ["some below it", [98n, 99n, 102n, 103n], missing, false],
  ["answers that say nothing", [102n, 103n, 104n], unknown, false],
])("the end at 100 is known to be no gap by %s", async (_, indexes, answer, isClear) => {
  expect((await searchThatAsked(100n, indexes, answer)).isClearBeyond).toBe(isClear);
});

test("answers that say nothing do not count among those that are missing", async () => {
  const search = new FeedSearch(async (index) => (index === 103n ? unknown : missing), 100n);
  await search.ask([102n, 103n, 104n]);
  expect(search.isClearBeyond).toBe(false);
});

test("so near to the last index there is no room past the end", async () => {
  expect((await searchThatAsked(LAST_INDEX - 31n, [])).isClearBeyond).toBe(true);
  expect((await searchThatAsked(LAST_INDEX - 32n, [])).isClearBeyond).toBe(false);
});

test("nothing is asked for twice, nor above the last index", async () => {
  const { asked, ask } = feedOf(() => missing);
  const search = new FeedSearch(ask, LAST_INDEX - 1n);
  await search.ask([LAST_INDEX, LAST_INDEX, LAST_INDEX + 1n]);
  await search.ask([LAST_INDEX]);
  expect(asked).toEqual([LAST_INDEX]);
});

test("the newest index is told with its update, and lower ones change neither", async () => {
  const search = await searchThatAsked(5n, [4n, 6n, 5n], found);
  expect([search.newest, search.update]).toEqual([6n, found.status === "found" && found.update]);
  expect((await searchThatAsked(5n, [4n], found)).update).toBeUndefined();
  expect((await searchThatAsked(5n, [5n], found)).update).toBeDefined();
});

const above = (floor: bigint) => ({ floor, readFloor: false, lookBeyond: false });

test("above a floor, the next index is asked for, and past the end if that is wanted", async () => {
  const quiet = feedOf((index) => (index <= 100n ? found : missing));
  const newest = await findNewestAbove({ ask: quiet.ask, ...above(100n) });
  expect(newest).toEqual({ index: 100n, update: undefined, lookedBeyond: false });
  expect(quiet.asked).toEqual([101n]);
  const beyond = feedOf((index) => (index <= 100n ? found : missing));
  const looked = await findNewestAbove({ ask: beyond.ask, ...above(100n), lookBeyond: true });
  expect(looked).toEqual({ index: 100n, update: undefined, lookedBeyond: true });
  expect(beyond.asked).toEqual([101n, 102n, 104n, 108n, 116n]);
});

test("a floor that is read and there needs no look past the end; one that is gone does", async () => {
  const there = feedOf((index) => (index <= 100n ? found : missing));
  await findNewestAbove({ ask: there.ask, ...above(100n), readFloor: true });
  expect(there.asked).toEqual([101n, 100n]);
  const gone = feedOf(() => missing);
  const newest = await findNewestAbove({ ask: gone.ask, ...above(100n), readFloor: true });
  expect(newest).toEqual({ index: 100n, update: undefined, lookedBeyond: true });
  expect(gone.asked).toEqual([101n, 100n, 102n, 104n, 108n, 116n]);
});

test("a floor that can't be read is an error, unless something newer is there", async () => {
  const rule = (length: bigint) =>
    feedOf((index) => (index === 100n ? unknown : index < length ? found : missing)).ask;
  const reading = { ...above(100n), readFloor: true };
  await expect(findNewestAbove({ ask: rule(101n), ...reading })).rejects.toBe(failed);
  expect(await findNewestAbove({ ask: rule(103n), ...reading })).toMatchObject({ index: 102n });
});

test("one missing update above a floor hides nothing that follows", async () => {
  const { ask, asked } = feedOf((index) => (index <= 110n && index !== 102n ? found : missing));
  expect(await findNewestAbove({ ask, ...above(100n) })).toMatchObject({ index: 110n, lookedBeyond: true });
  expect(asked.slice(0, 5)).toEqual([101n, 102n, 103n, 105n, 109n]);
});

const FIRST = [0n, 1n, 2n, 4n, 8n, 16n, 32n, 64n, 128n];

test("the first search begins at 0 with steps that double, and a hint is of no use near the beginning", async () => {
  const { ask, asked } = feedOf((index) => (index < 1n ? found : missing));
  expect(await findNewest({ ask, hint: new Promise(() => undefined) })).toMatchObject({
    index: 0n,
    lookedBeyond: true,
  });
  expect(asked).toEqual(FIRST);
});

test("a search for nothing ends where it began", async () => {
  const { ask, asked } = feedOf(() => missing);
  const nothing = { index: undefined, update: undefined, lookedBeyond: true };
  expect(await findNewest({ ask, hint: noHint })).toEqual(nothing);
  expect(asked).toEqual(FIRST);
});

test.each([
  ["just past the hint", 1001n, 1000n, [1000n, 1001n, 1002n, 1004n, 1008n, 1016n]],
  ["no further than the hint", 129n, 128n, [256n, 512n, 1024n, 2048n, 4096n, 8192n, 16384n, 32768n]],
  ["where a hint below says nothing", 129n, 5n, [256n, 512n, 1024n, 2048n, 4096n, 8192n, 16384n, 32768n]],
  ["far past the hint", 1_000_000n, 1000n, [1000n, 1001n, 1002n, 1004n, 1008n, 1016n, 1032n, 1064n]],
])("if the end is %s, the next indexes follow from it", async (_, length, hint, next) => {
  const { ask, asked } = feedOf((index) => (index < length ? found : missing));
  expect(await findNewest({ ask, hint: Promise.resolve(hint) })).toMatchObject({ index: length - 1n });
  expect(asked.slice(FIRST.length, FIRST.length + next.length)).toEqual(next);
});

test("far past the hint the steps continue from it and double", async () => {
  const { ask, asked } = feedOf((index) => (index < 1_000_000n ? found : missing));
  await findNewest({ ask, hint: Promise.resolve(1000n) });
  const climbed = asked.slice(FIRST.length + 6, FIRST.length + 6 + 8).map((index) => index - 1000n);
  expect(climbed).toEqual([32n, 64n, 128n, 256n, 512n, 1024n, 2048n, 4096n]);
});

test("past the hint eight steps are asked for side by side, so that the way to the end has few rounds", async () => {
  const { ask, asked } = feedOf((index) => (index < 1000n + 3000n ? found : missing));
  expect(await findNewest({ ask, hint: Promise.resolve(1000n) })).toMatchObject({ index: 3999n });
  // The highest of the first round is past the end, so that no further one climbs.
  expect(asked).toContain(1000n + 4096n);
  expect(asked).not.toContain(1000n + 8192n);
});

test("the end is narrowed below the lowest index that is missing, or else that says nothing", async () => {
  const { ask, asked } = feedOf((index) => (index <= 105n ? found : unknown));
  const search = new FeedSearch(ask, 100n);
  await search.ask([110n, 120n]);
  await expect(search.finish(false)).rejects.toBe(failed);
  expect(asked.filter((index) => index > 110n)).toEqual([120n]);
  expect(asked).toContain(106n);
});

test("an index that says nothing below a missing one hides the end; above it, it hides nothing", async () => {
  const rule = (silent: bigint) => (index: bigint) =>
    index === silent ? unknown : index <= 105n ? found : missing;
  const hidden = new FeedSearch(feedOf(rule(106n)).ask, 100n);
  await hidden.ask([110n]);
  await expect(hidden.finish(false)).rejects.toBe(failed);
  const shown = new FeedSearch(feedOf(rule(108n)).ask, 100n);
  await shown.ask([110n, 108n]);
  await shown.finish(false);
  expect(shown.newest).toBe(105n);
});

test("the last index of all is an end", async () => {
  const { ask } = feedOf(() => found);
  const search = new FeedSearch(ask, LAST_INDEX - 3n);
  await search.finish(true);
  expect(search.newest).toBe(LAST_INDEX);
  expect(search.answer(LAST_INDEX)?.status).toBe("found");
});

test.each([
  [63, true],
  [64, false],
])("a search that took %d rounds looks past the end: %s", async (rounds, looks) => {
  const { ask, asked } = feedOf(() => missing);
  const search = new FeedSearch(ask, 100n);
  for (let round = 0; round < rounds; round++)
    await search.ask([round === 0 ? 101n : 10_000n + BigInt(round)]);
  await search.finish(true);
  expect(asked.length).toBe(looks ? rounds + 4 : rounds);
});
