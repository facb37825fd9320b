// How far a copy is, as it is told: counts that add up, and what another copy need not do again.

import { expect, test } from "vitest";
import type { MirrorProgress } from "../../src/index.ts";
import { CopyProgress } from "../../src/mirror/copy-progress.ts";
import { MissingRanges } from "../../src/mirror/missing-entries.ts";
import type { TreeCopy } from "../../src/mirror/tree-copy.ts";

const SIZE = 100;
const bytes = Uint8Array.of(1, 2, 3);

function progressOf({ unchanged = true, reach = 0 } = {}) {
  const missing = new MissingRanges();
  const told: MirrorProgress[] = [];
  const copy = {
    views: [{ head: { bytes }, size: SIZE }],
    known: { reach },
    unchanged,
    onProgress: (progress: MirrorProgress) => void told.push(progress),
  } as unknown as TreeCopy;
  return { progress: new CopyProgress(copy, missing), missing, told };
}

test("each count is added to those before, and told", () => {
  const { progress, told } = progressOf({ unchanged: false });
  progress.advance({ entries: 4, contents: 1, bytes: 10 }, 0);
  progress.advance({ pages: 2, nodes: 3, bytes: 5 }, 4);
  const counts = { size: SIZE, entries: 4, contents: 1, pages: 2, nodes: 3, bytes: 15 };
  expect(told).toEqual([{ ...counts, pages: 0, nodes: 0, bytes: 10 }, counts]);
  expect(progress.counts).toEqual(counts);
});

test("of a copy of one tree as it is, what is done is known to the next: the head, and what comes after the front", () => {
  const { progress, told } = progressOf();
  progress.advance({}, 0);
  progress.advance({}, 1);
  progress.advance({}, 40);
  expect(told.map(({ soFar }) => soFar?.missing)).toEqual([
    undefined,
    [{ from: 1, to: SIZE }],
    [{ from: 40, to: SIZE }],
  ]);
  expect(told[2]!.soFar!.known).toEqual(bytes);
  // Nobody can change the head by it.
  expect(told[2]!.soFar!.known).not.toBe(bytes);
});

test("while the front stands, the same is told, and not made again", () => {
  const { progress, told } = progressOf();
  progress.advance({}, 40);
  progress.advance({}, 40);
  progress.advance({}, 44);
  expect(told[1]!.soFar).toBe(told[0]!.soFar);
  expect(told[2]!.soFar).not.toBe(told[0]!.soFar);
});

test("what could not be got before the front stays missing, and what comes after it is missing in one", () => {
  const { progress, missing, told } = progressOf();
  missing.add(3, 5, undefined);
  missing.add(30, 50, undefined);
  missing.add(60, 62, undefined);
  progress.advance({}, 40);
  progress.advance({}, 60);
  expect(told.map(({ soFar }) => soFar!.missing)).toEqual([
    [
      { from: 3, to: 5 },
      { from: 30, to: 40 },
      { from: 40, to: SIZE },
    ],
    [
      { from: 3, to: 5 },
      { from: 30, to: 50 },
      { from: 60, to: SIZE },
    ],
  ]);
});

test("nothing is said of parts that an earlier copy had, nor if the copy is merged of several trees", () => {
  const { progress, told } = progressOf({ reach: 40 });
  for (const front of [39, 40, 41]) progress.advance({}, front);
  expect(told.map(({ soFar }) => soFar?.missing[0]?.from)).toEqual([undefined, undefined, 41]);
  const merged = progressOf({ unchanged: false });
  merged.progress.advance({}, 40);
  expect(merged.told).toEqual([expect.not.objectContaining({ soFar: expect.anything() })]);
});
