// The name moves in steps through a long backlog.

import { runs, sample } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { UnreachableError } from "../../src/index.ts";
import type { JournalEntry } from "../../src/journal/journal.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { planSteps } from "../../src/writer/publish-steps.ts";
import { nameSystems } from "./crashing-device.ts";
import { type InterruptedOptions, publishInterrupted } from "./interrupted-publish.ts";

const signal = new AbortController().signal;

interface Log {
  readonly entries: readonly JournalEntry[];
  readonly from: CompactRange;
  readonly to: CompactRange;
}

/** A log of which `published` entries are published, as far as a plan looks at it. */
function logOf(count: number, published: number, bytes: number): Log {
  const stored = new Uint8Array(bytes);
  const entries = Array.from({ length: count }, (_, sequence): JournalEntry => {
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(0, sequence);
    return { sequence, content: stored, stored, id: hash, localHash: hash, contentHash: hash };
  });
  return { entries, from: treeOf(entries.slice(0, published)), to: treeOf(entries) };
}

function treeOf(entries: readonly JournalEntry[]): CompactRange {
  const tree = CompactRange.empty();
  for (const { localHash, contentHash } of entries) tree.appendLeaf(leafHashOf(localHash, contentHash));
  return tree;
}

function plan(
  { entries, from, to }: Log,
  settings: { readonly leafSize: number; readonly fanOut: number },
): Promise<CompactRange[]> {
  async function* rest(): AsyncGenerator<JournalEntry> {
    yield* entries.slice(from.size);
  }
  return planSteps({ from, to, entries: rest(), settings, largestEmbedded: 1024 }, signal);
}

test("steps end one entry after a full page, are beginnings of the log, and are at least 1,024 objects apart", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        count: fc.integer({ min: 300, max: 6000 }),
        published: fc.integer({ min: 0, max: 3000 }),
        bytes: fc.constantFrom(10, 1100),
        leafSize: fc.constantFrom(1, 16, 64, 1024),
        fanOut: fc.constantFrom(2, 64, 128),
      }),
      async ({ count, published, bytes, leafSize, fanOut }) => {
        const log = logOf(count, Math.min(published, count), bytes);
        let before = log.from.size;
        for (const step of await plan(log, { leafSize, fanOut })) {
          expect(step.size % leafSize).toBe(leafSize === 1 ? 0 : 1);
          expect(step.root()).toEqual(treeOf(log.entries.slice(0, step.size)).root());
          const pages = (step.size - before) / leafSize;
          const page = 1 + 1 / (fanOut - 1);
          const objects = (step.size - before) * (bytes > 1024 ? 1 : 0) + pages * page;
          // Of the first page, a part was published before: it counts as a whole object, and here as its share.
          expect(objects + ((step.size - before) * bytes) / 65_536).toBeGreaterThanOrEqual(1024 - page);
          before = step.size;
        }
        expect(log.to.size).toBeGreaterThanOrEqual(before);
      },
    ),
    { numRuns: runs(3, 60) },
  );
});

test("steps double, and the first comes early", async () => {
  const steps = await plan(logOf(20_000, 0, 1100), { leafSize: 16, fanOut: 128 });
  const sizes = steps.map(({ size }) => size);
  expect(sizes[0]).toBeLessThan(1300);
  expect(sizes).toHaveLength(4);
  expect(await plan(logOf(1200, 0, 1100), { leafSize: 16, fanOut: 128 })).toEqual([]);
});

test("a journal whose entries are not those that were appended gives no step: ERR_JOURNAL_CORRUPT", async () => {
  const log = logOf(3000, 0, 1100);
  const entries = [...log.entries];
  // The last one: every step before it is right by itself.
  entries[2999] = entries[0]!;
  await expect(plan({ ...log, entries }, { leafSize: 16, fanOut: 128 })).rejects.toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
  });
});

// Some three objects for each entry, so that a short log has a step.
const short: InterruptedOptions = {
  entries: 450,
  bytes: 20,
  settings: { leafSize: 1, fanOut: 2 },
  largestEmbedded: 10,
};

test.each(Object.keys(nameSystems))(
  "a name that can't be moved on the way moves once, in the end (%s)",
  async (system) => {
    const updateFailure = (before: number) =>
      before < 6 ? new UnreachableError("No answer.", { operation: "test" }) : undefined;
    const names = nameSystems[system]!;
    const { sizes, failures } = await publishInterrupted({ ...short, names, updateFailure });
    expect(failures).toBe(0);
    // The step was sent 6 times. What was signed for it is sent first in the end: its outcome is unknown.
    expect(sizes).toHaveLength(2);
    expect(sizes[1]).toBe(450);
  },
);

test.each(Object.keys(nameSystems))("a process may end at any moment around a step (%s)", async (system) => {
  const names = nameSystems[system]!;
  const whole = await publishInterrupted({ ...short, names });
  expect(whole.sizes).toHaveLength(2);
  const [first, last] = whole.updatesAt as [number, number];
  const moments = [first, last].flatMap((at) => Array.from({ length: 10 }, (_, i) => at - 5 + i));
  for (const crash of sample(system, moments, 2)) {
    const { uploads, objects, sizes } = await publishInterrupted({ ...short, names, crashes: [crash] });
    expect(uploads - objects).toBeLessThanOrEqual(16 + 31);
    expect(new Set(sizes)).toEqual(new Set(whole.sizes));
  }
});
