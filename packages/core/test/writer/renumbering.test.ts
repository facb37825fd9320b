// Which numbers entries have after a recovery, and what a manifest says of them then.

import { expect, test } from "vitest";
import { type ManifestContent, nothingSaid } from "../../src/log/manifest.ts";
import { mergeEpochs, mergeManifests, renumbered, within } from "../../src/writer/merge-manifests.ts";
import { Renumbering } from "../../src/writer/renumbering.ts";

/** Entries 0 to 9 stay; 10 to 12 become 15 to 17, 13 is gone, 14 to 16 become 18 to 20. */
function moved(): Renumbering {
  const renumbering = new Renumbering(10);
  for (const [from, to] of [
    [10, 15],
    [11, 16],
    [12, 17],
    [14, 18],
    [15, 19],
    [16, 20],
  ] as const)
    renumbering.note(from, to);
  return renumbering;
}

test("an entry has its number, another one, or none", () => {
  const renumbering = moved();
  expect([0, 9, 10, 12, 13, 14, 16, 17].map((sequence) => renumbering.of(sequence))).toEqual([
    0,
    9,
    15,
    17,
    undefined,
    18,
    20,
    undefined,
  ]);
  expect(new Renumbering(3).of(2)).toBe(2);
  expect(new Renumbering(3).of(3)).toBeUndefined();
});

test("so does each of a range", () => {
  const renumbering = moved();
  const of = (first: number, count: number) =>
    renumbering.ofRange({ first, count }).map((range) => [range.first, range.count]);
  expect(of(2, 3)).toEqual([[2, 3]]);
  expect(of(8, 4)).toEqual([
    [8, 2],
    [15, 2],
  ]);
  expect(of(11, 4)).toEqual([
    [16, 2],
    [18, 1],
  ]);
  expect(of(10, 1)).toEqual([[15, 1]]);
  expect(of(13, 1)).toEqual([]);
  expect(of(16, 2 ** 40)).toEqual([[20, 1]]);
  expect(of(0, 2 ** 40)).toEqual([
    [0, 10],
    [15, 3],
    [18, 3],
  ]);
});

test("what begins with an entry begins with the first that is left", () => {
  const renumbering = moved();
  expect([3, 10, 12, 13, 16, 17, 30].map((sequence) => renumbering.firstFrom(sequence, 21))).toEqual([
    3, 15, 17, 18, 20, 21, 21,
  ]);
});

test("entries that followed each other need not do so afterwards, and those between them may be gone", () => {
  const apart = new Renumbering(0);
  for (const [from, to] of [
    [0, 5],
    [1, 7],
    [3, 8],
  ] as const)
    apart.note(from, to);
  expect([0, 1, 2, 3].map((sequence) => apart.of(sequence))).toEqual([5, 7, undefined, 8]);
  expect(new Set([0, 1].map((sequence) => apart.firstFrom(sequence, 9)))).toEqual(new Set([5, 7]));
  const gap = new Renumbering(0);
  gap.note(0, 5);
  gap.note(2, 9);
  expect(gap.firstFrom(1, 10)).toBe(9);
});

test("entries that stay in their places are below all others", () => {
  expect(moved().unmoved).toBe(10);
  const kept = new Renumbering(2);
  kept.note(2, 2);
  kept.note(3, 3);
  expect(kept.unmoved).toBe(4);
  kept.note(5, 4);
  expect(kept.unmoved).toBe(4);
  const shifted = new Renumbering(2);
  shifted.note(2, 3);
  shifted.note(3, 4);
  expect(shifted.unmoved).toBe(2);
});

const keyId = new Uint8Array(16);
const said = (more: Partial<ManifestContent>): ManifestContent => ({ ...nothingSaid, ...more });

test("what this device says is said of the numbers that its entries have now", () => {
  const numbers = { renumbering: moved(), size: 21 };
  const ours = said({
    successions: ["one"],
    remotes: Uint8Array.of(7),
    snapshot: 14,
    firstKept: 12,
    removed: [
      { first: 3, count: 2 },
      { first: 9, count: 5 },
    ],
    epochs: [0, 4, 12, 13, 17].map((first) => ({ first, keyId })),
  });
  expect(renumbered(ours, nothingSaid, numbers)).toEqual({
    successions: ["one"],
    remotes: Uint8Array.of(7),
    snapshot: 18,
    firstKept: 10,
    removed: [
      { first: 3, count: 2 },
      { first: 9, count: 1 },
      { first: 15, count: 3 },
    ],
    epochs: [0, 4, 17, 18, 21].map((first) => ({ first, keyId })),
  });
  expect(renumbered(said({ snapshot: 13 }), nothingSaid, numbers)).toEqual(nothingSaid);
});

test("what the remote says too is of the numbers there, which stay", () => {
  const numbers = { renumbering: moved(), size: 21 };
  const theirs = said({
    snapshot: 12,
    firstKept: 11,
    removed: [{ first: 10, count: 3 }],
    epochs: [0, 13].map((first) => ({ first, keyId })),
  });
  expect(renumbered(theirs, theirs, numbers)).toEqual(theirs);
  const ours = said({
    ...theirs,
    removed: [
      { first: 9, count: 3 },
      { first: 13, count: 2 },
    ],
    epochs: [...theirs.epochs, { first: 10, keyId }],
  });
  expect(renumbered(ours, theirs, numbers)).toMatchObject({
    removed: [
      { first: 9, count: 1 },
      { first: 15, count: 2 },
      { first: 18, count: 1 },
    ],
    // No epoch begins before the one before it.
    epochs: [0, 13, 15].map((first) => ({ first, keyId })),
  });
});

test("the first epoch begins with the log, whatever comes before the entries of this device", () => {
  const renumbering = new Renumbering(0);
  renumbering.note(0, 5);
  const ours = said({ epochs: [0, 0, 1].map((first) => ({ first, keyId })) });
  expect(renumbered(ours, nothingSaid, { renumbering, size: 6 }).epochs.map(({ first }) => first)).toEqual([
    0, 5, 6,
  ]);
});

test("nothing that either device took out comes back, and the newest of everything else counts", () => {
  const one = said({
    firstKept: 2,
    snapshot: 4,
    removed: [
      { first: 3, count: 2 },
      { first: 9, count: 1 },
    ],
    epochs: [{ first: 0, keyId }],
  });
  const other = said({
    firstKept: 1,
    removed: [
      { first: 5, count: 1 },
      { first: 7, count: 1 },
    ],
    successions: ["one"],
    remotes: Uint8Array.of(1),
  });
  const both = {
    firstKept: 2,
    snapshot: 4,
    removed: [
      { first: 3, count: 3 },
      { first: 7, count: 1 },
      { first: 9, count: 1 },
    ],
    epochs: one.epochs,
    successions: ["one"],
    remotes: Uint8Array.of(1),
  };
  expect(mergeManifests(one, other)).toEqual(both);
  expect(mergeManifests(other, one)).toEqual(both);
  expect(mergeManifests(said({ remotes: Uint8Array.of(2) }), other).remotes).toEqual(Uint8Array.of(2));
  expect(mergeManifests(nothingSaid, nothingSaid)).toEqual(nothingSaid);
  const inside = said({ removed: [{ first: 0, count: 9 }] });
  // Entry 0 is a snapshot like any other.
  expect(mergeManifests(said({ snapshot: 0 }), nothingSaid)).toEqual(said({ snapshot: 0 }));
  // Of as many keys and epochs, those of the remote count.
  const [theirs, ours] = [1, 2].map((number) =>
    said({ successions: [`${number}`], epochs: [{ first: 0, keyId: new Uint8Array(16).fill(number) }] }),
  );
  expect(mergeManifests(theirs!, ours!)).toEqual(theirs);
  expect(mergeManifests(inside, one).removed).toEqual([{ first: 0, count: 10 }]);
});

test("the first epoch of this device stays the first if a remote knows of none, and the others begin behind its entries", () => {
  const epochs = [0, 3, 8].map((first) => ({ first, keyId }));
  const firsts = (theirs: number) =>
    mergeEpochs(epochs.slice(0, theirs), epochs, 5).map(({ first }) => first);
  expect([0, 1, 2, 3].map(firsts)).toEqual([
    [0, 5, 8],
    [0, 5, 8],
    [0, 3, 8],
    [0, 3, 8],
  ]);
  const theirs = [{ first: 0, keyId, keyring: new Uint8Array(32) }];
  expect(mergeEpochs(theirs, epochs, 5)[0]).toEqual(theirs[0]);
});

test("nothing is said of entries that there are not", () => {
  const content = said({
    snapshot: 8,
    firstKept: 9,
    removed: [
      { first: 2, count: 1 },
      { first: 6, count: 4 },
      { first: 20, count: 1 },
    ],
    epochs: [0, 6, 12].map((first) => ({ first, keyId })),
  });
  expect(within(content, 8)).toEqual({
    ...nothingSaid,
    firstKept: 8,
    removed: [
      { first: 2, count: 1 },
      { first: 6, count: 2 },
    ],
    epochs: [0, 6, 8].map((first) => ({ first, keyId })),
  });
  expect(within(said({ removed: [{ first: 8, count: 2 }] }), 8).removed).toEqual([]);
  expect(within(content, 9)).toMatchObject({ snapshot: 8, firstKept: 9 });
  expect(within(content, 30)).toEqual(content);
});
