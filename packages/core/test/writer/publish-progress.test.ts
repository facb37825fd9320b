// A backlog on a network that comes and goes: what was uploaded is not uploaded again, and the name moves on the way.

import { runs } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Outcome, publishInterrupted } from "./interrupted-publish.ts";

/** The promise of docs/how-it-works.md: uploads per object, for 500 uploads per process life, or 1 % failures. */
const BOUND = 1.2;

// What a kill loses at most: uploads under way, and acknowledged ones that the journal has not noted yet.
const LOST_IN_A_LIFE = 16 + 31;
// The same of a storage that takes several at once.
const LOST_TOGETHER = 32 + 31;

const together = { contents: 16, bytes: 2 ** 20 };

// Enough for the name to move on the way; all of it is 3,000 entries of 2 kB.
const backlog = { entries: runs(1450, 3000), bytes: runs(1100, 2000) };

function endless(uploads: number): number[] {
  return Array.from({ length: 100 }, () => uploads);
}

function expectBound({ uploads, objects }: Outcome): void {
  expect(uploads).toBeGreaterThanOrEqual(objects);
  expect(uploads / objects).toBeLessThanOrEqual(BOUND);
}

test(`${backlog.entries} entries with 500 uploads per process life: published, with at most 1.2 uploads an object`, async () => {
  const outcome = await publishInterrupted({ ...backlog, lives: endless(500) });
  expectBound(outcome);
  expect(outcome.lives).toBe(Math.ceil(outcome.uploads / 500));
  expect(outcome.failures).toBe(0);
  // The name moves on the way, and not often.
  expect(outcome.sizes).toHaveLength(runs(2, 3));
  expect(outcome.sizes[0]).toBeLessThan(1300);
  expect(outcome.sizes.at(-1)).toBe(backlog.entries);
});

test.each([0.002, 0.01])(
  "a backlog with %d of all uploads failing: one publish, at most 1.2 uploads an object",
  async (failing) => {
    const outcome = await publishInterrupted({ ...backlog, failing });
    expectBound(outcome);
    expect(outcome).toMatchObject({ lives: 1, failures: 0 });
    expect(outcome.sizes).toHaveLength(2);
  },
);

test("the same of a storage that takes sixteen objects at once: in 500 uploads per process life, and with 1 % failing", async () => {
  const killed = await publishInterrupted({ ...backlog, together, lives: endless(500) });
  expectBound(killed);
  expect(killed.lives).toBeGreaterThan(1);
  const failing = await publishInterrupted({ ...backlog, together, failing: 0.01 });
  expectBound(failing);
  expect(failing).toMatchObject({ lives: 1, failures: 0 });
});

test("a storage that takes sixteen objects at once, and loses every tenth answer: at most 1.2 uploads an object", async () => {
  const outcome = await publishInterrupted({ ...backlog, together, lostAnswers: 10 });
  expectBound(outcome);
  expect(outcome.uploads).toBeGreaterThan(outcome.objects);
  expect(outcome).toMatchObject({ lives: 1, failures: 0 });
});

test("kills and failures together, and entries that come meanwhile, on two remotes", async () => {
  const lives = endless(500);
  const labels = ["one", "two"];
  const outcome = await publishInterrupted({
    entries: 600,
    bytes: 1100,
    failing: 0.01,
    more: 40,
    lives,
    labels,
  });
  expectBound(outcome);
  expect(outcome.lives).toBeGreaterThan(1);
});

test("a kill loses the few last uploads alone, for any settings, sizes and lives", async () => {
  const life = fc.integer({ min: 30, max: 120 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        entries: fc.integer({ min: 1, max: 150 }),
        bytes: fc.constantFrom(20, 40),
        settings: fc.record({
          leafSize: fc.constantFrom(1, 2, 8, 64),
          fanOut: fc.constantFrom(2, 4, 64),
        }),
        largestEmbedded: fc.constantFrom(0, 30),
        lives: fc.array(life, { maxLength: 12 }),
        failing: fc.constantFrom(0, 0.01, 0.2),
        more: fc.constantFrom(0, 1, 9),
        together: fc.constantFrom(undefined, { contents: 3, bytes: 100 }, together),
      }),
      async (options) => {
        const { lives, uploads, objects } = await publishInterrupted(options);
        const lost = options.together === undefined ? LOST_IN_A_LIFE : LOST_TOGETHER;
        expect(uploads - objects).toBeLessThanOrEqual((lives - 1) * lost);
      },
    ),
    { numRuns: runs(6, 300) },
  );
});

test("noting the progress costs one write to the journal for 32 uploads, after the first ones, and no durable one", async () => {
  const outcome = await publishInterrupted(backlog);
  expect(outcome.uploads).toBe(outcome.objects);
  expect(outcome.journalWrites).toBeLessThanOrEqual(outcome.uploads / 32 + 30);
  // Each signed head is durable before it leaves the process.
  expect(outcome.durableWrites).toBe(outcome.sizes.length);
});
