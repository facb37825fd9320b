import fc from "fast-check";
import { expect, test } from "vitest";
import { contentChunk } from "../../src/chunk/content-chunk.ts";
import type { OwnerChunk } from "../../src/chunk/owner-chunk.ts";
import { findNewest, findNewestAbove } from "../../src/feed/find-newest.ts";
import type { Probe } from "../../src/feed/probe.ts";

// The search alone, over a feed that is made of a rule: which indexes are there.

const update = { wrapped: contentChunk(new Uint8Array(1)) } as OwnerChunk;
const found: Probe = { status: "found", update };
const missing: Probe = { status: "missing" };
const failed = new Error("500");
const unknown: Probe = { status: "unknown", error: failed };

/** Answers by a rule, and counts; all that is asked together is one round. */
function feed(rule: (index: bigint) => Probe) {
  const asked: bigint[] = [];
  let rounds = 0;
  let open = false;
  const ask = async (index: bigint): Promise<Probe> => {
    asked.push(index);
    if (!open) {
      open = true;
      rounds++;
      setImmediate(() => (open = false));
    }
    await new Promise((answer) => setImmediate(answer));
    return rule(index);
  };
  return { ask, asked, rounds: () => rounds };
}

/** A feed of a number of updates without holes. */
const ofLength = (length: bigint) => feed((index) => (index < length ? found : missing));

const noHint = Promise.resolve(undefined);
const hintOf = (index: bigint): Promise<bigint> => Promise.resolve(index);
const above = { readFloor: false, lookBeyond: false };

// Requests, and rounds of those that wait for one another. The hint itself is one request more, in the first round.
test.each([
  { length: 0n, cold: [9, 1], hinted: [9, 1] },
  { length: 1n, cold: [9, 1], hinted: [9, 1] },
  { length: 2n, cold: [13, 2], hinted: [13, 2] },
  { length: 10n, cold: [16, 2], hinted: [16, 2] },
  { length: 1000n, cold: [39, 5], hinted: [15, 2] },
  { length: 1_000_000n, cold: [73, 9], hinted: [15, 2] },
])(
  "the first search in a feed of $length updates costs $cold requests and rounds, and $hinted with a hint",
  async ({ length, cold, hinted }) => {
    const index = length === 0n ? undefined : length - 1n;
    const without = ofLength(length);
    expect(await findNewest({ ask: without.ask, hint: noHint })).toMatchObject({ index });
    expect([without.asked.length, without.rounds()]).toEqual(cold);
    const withHint = ofLength(length);
    const hint = index === undefined ? noHint : hintOf(index);
    expect(await findNewest({ ask: withHint.ask, hint })).toMatchObject({ index });
    expect([withHint.asked.length, withHint.rounds()]).toEqual(hinted);
  },
);

test.each([
  { news: 0n, costs: [1, 1] },
  { news: 1n, costs: [5, 2] },
  { news: 2n, costs: [9, 3] },
  { news: 10n, costs: [20, 4] },
  { news: 1000n, costs: [35, 6] },
])("catching up $news updates costs $costs requests and rounds", async ({ news, costs }) => {
  const floor = 123_456n;
  const one = ofLength(floor + news + 1n);
  expect(await findNewestAbove({ ask: one.ask, floor, ...above })).toMatchObject({ index: floor + news });
  expect([one.asked.length, one.rounds()]).toEqual(costs);
});

test("the end of a feed without holes is found wherever it is, whatever the hint", async () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 64n });
  const index = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const small = fc.bigInt({ min: 0n, max: 300n });
  await fc.assert(
    fc.asyncProperty(fc.oneof(small, number), fc.option(fc.oneof(small, index)), async (length, hint) => {
      const one = ofLength(length);
      const newest = await findNewest({ ask: one.ask, hint: hint === null ? noHint : hintOf(hint) });
      expect(newest.index).toBe(length === 0n ? undefined : length - 1n);
      expect(one.asked.length).toBeLessThan(300);
      expect(new Set(one.asked).size).toBe(one.asked.length);
      expect(one.asked.every((asked) => asked >= 0n && asked < 2n ** 64n)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("from any floor the end is found, and nothing below the floor is asked for", async () => {
  const floors = fc.bigInt({ min: 0n, max: 2n ** 63n });
  const steps = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.bigInt({ min: 0n, max: 2n ** 62n }));
  await fc.assert(
    fc.asyncProperty(floors, steps, fc.boolean(), async (floor, news, readFloor) => {
      const one = ofLength(floor + news + 1n);
      const newest = await findNewestAbove({ ask: one.ask, floor, readFloor, lookBeyond: false });
      expect(newest.index).toBe(floor + news);
      expect(newest.update !== undefined).toBe(readFloor || news > 0n);
      expect(one.asked.every((asked) => asked >= floor + (readFloor ? 0n : 1n))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("one missing update hides nothing that follows it, wherever both are", async () => {
  const lengths = fc.bigInt({ min: 3n, max: 5000n });
  await fc.assert(
    fc.asyncProperty(lengths, fc.double({ min: 0, max: 1, noNaN: true }), async (length, part) => {
      const hole = BigInt(Math.floor(part * Number(length - 2n)));
      const one = feed((index) => (index < length && index !== hole ? found : missing));
      const { index } = await findNewest({ ask: one.ask, hint: noHint });
      expect(index).toBe(length - 1n);
    }),
    { numRuns: 300 },
  );
});

test("an answer on which the end depends, and which says nothing, is the end of the search", async () => {
  for (const end of [1n, 5n, 64n, 100n, 1000n]) {
    const one = feed((index) => (index < end ? found : index === end ? unknown : missing));
    await expect(findNewest({ ask: one.ask, hint: noHint }), `${end}`).rejects.toBe(failed);
    await expect(findNewest({ ask: one.ask, hint: hintOf(end - 1n) }), `${end}`).rejects.toBe(failed);
    const floor = { ask: one.ask, floor: end - 1n, ...above };
    await expect(findNewestAbove(floor), `${end}`).rejects.toBe(failed);
  }
});

test("that there is nothing depends on every answer", async () => {
  for (const index of [0n, 1n, 2n, 64n, 128n]) {
    const one = feed((asked) => (asked === index ? unknown : missing));
    await expect(findNewest({ ask: one.ask, hint: noHint }), `${index}`).rejects.toBe(failed);
  }
});

test("an answer that says nothing about an index below the end is of no account", async () => {
  for (const silent of [0n, 4n, 64n]) {
    const one = feed((index) => (index === silent ? unknown : index < 100n ? found : missing));
    expect(await findNewest({ ask: one.ask, hint: noHint })).toMatchObject({ index: 99n });
  }
});

test("a feed that its owner made of holes ends the search all the same", async () => {
  const one = feed((index) => (index % 16n === 0n && index < 2n ** 60n ? found : missing));
  const { index } = await findNewest({ ask: one.ask, hint: noHint });
  expect(index! % 16n).toBe(0n);
  expect(one.asked.length).toBeLessThan(1500);
});
