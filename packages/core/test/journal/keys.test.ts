// The keys of the journal: what is on a user's disk has to be found again by every later version.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  allOldObjectsKeys,
  asideKey,
  asideRemovedKey,
  entryKey,
  genesisKey,
  isRemovedKey,
  keysOfRemote,
  manifestKey,
  manifestLeafKey,
  manifestLeafKeys,
  manifestObjectKey,
  manifestSignedKey,
  oldObjectsKey,
  oldObjectsKeys,
  readersKey,
  recoveriesKey,
  recoveryKey,
  refKey,
  remoteKey,
  remoteKeys,
  remoteRefKeys,
  removedKey,
  removedRangesKey,
  sequenceIn,
  signedKey,
  timeKey,
  timeKeys,
  treeKey,
  uploadKeys,
  uploadsKey,
  uploadsKeys,
} from "../../src/journal/keys.ts";

const letters = (key: Uint8Array): string => String.fromCharCode(...key);
const isIn = (key: Uint8Array, { gte, lt }: { readonly gte: Uint8Array; readonly lt: Uint8Array }): boolean =>
  Buffer.compare(gte, key) <= 0 && Buffer.compare(key, lt) < 0;

test("the keys are those of the journals that are on disks already", () => {
  const single = [genesisKey, treeKey, signedKey, recoveryKey, recoveriesKey];
  expect(single.map(letters)).toEqual(["g", "t", "s", "v", "w"]);
  expect(letters(entryKey(0))).toBe("e\0\0\0\0\0\0\0\0");
  expect(letters(entryKey(0x01_02_03_04))).toBe("e\0\0\0\0\x01\x02\x03\x04");
  expect(letters(entryKey(2 ** 32 - 1))).toBe("e\0\0\0\0\xff\xff\xff\xff");
  expect(letters(entryKey(2 ** 32 * 3 + 7))).toBe("e\0\0\0\x03\0\0\0\x07");
  expect(letters(entryKey(Number.MAX_SAFE_INTEGER))).toBe("e\0\x1f\xff\xff\xff\xff\xff\xff");
  expect(letters(asideKey(258))).toBe("a\0\0\0\0\0\0\x01\x02");
  expect(letters(remoteKey("one", "intent"))).toBe("rone\0intent");
  expect(letters(refKey("one", 2, 5))).toBe("none\0\x02\0\0\0\0\0\0\0\x05");
  expect(letters(uploadsKey("one", 9))).toBe("uone\0\0\0\0\0\0\0\0\x09");
  expect([manifestKey, manifestSignedKey, readersKey, removedRangesKey].map(letters)).toEqual([
    "m",
    "c",
    "p",
    "d",
  ]);
  expect(letters(manifestLeafKey(1))).toBe("l\0\0\0\0\0\0\0\x01");
  expect(letters(manifestObjectKey(Uint8Array.of(1, 2)))).toBe("b\x01\x02");
  expect(letters(timeKey(3))).toBe("h\0\0\0\0\0\0\0\x03");
  expect(letters(removedKey(4))).toBe("e\0\0\0\0\0\0\0\x04\0");
  expect(letters(asideRemovedKey(4))).toBe("a\0\0\0\0\0\0\0\x04\0");
  expect(letters(oldObjectsKey("one", 9))).toBe("xone\0\0\0\0\0\0\0\0\x09");
});

test("the order of the keys is the order of the numbers", () => {
  const number = fc.maxSafeNat();
  fc.assert(
    fc.property(number, number, (a, b) => {
      for (const key of [entryKey, asideKey, (n: number) => refKey("x", 1, n)])
        expect(Buffer.compare(key(a), key(b))).toBe(Math.sign(a - b));
    }),
    { numRuns: 50 },
  );
});

test("the number of an entry is read from its key, in its place or aside, also inside a larger buffer", () => {
  for (const sequence of [0, 7, 2 ** 32 - 1, 2 ** 32 * 3 + 7, Number.MAX_SAFE_INTEGER]) {
    for (const [keyOf, isRemoved] of [
      [entryKey, false],
      [removedKey, true],
      [asideKey, false],
      [asideRemovedKey, true],
    ] as const) {
      const key = keyOf(sequence);
      const inside = new Uint8Array(key.length + 3).fill(9);
      inside.set(key, 3);
      expect([sequenceIn(key), sequenceIn(inside.subarray(3)), isRemovedKey(key)]).toEqual([
        sequence,
        sequence,
        isRemoved,
      ]);
    }
  }
});

test("a range holds all keys of its kind, and no others", () => {
  const keys = {
    remote: ["tree", "state", "intent", "content", "doubt"].map((part) => remoteKey("z~", part as "tree")),
    refs: [refKey("", 0, 0), refKey("~~~", 9, 2 ** 40)],
    uploads: [uploadsKey("a", 0), uploadsKey("zz", 2 ** 32 - 1)],
    leaves: [manifestLeafKey(1), manifestLeafKey(2 ** 40)],
    times: [timeKey(0), timeKey(2 ** 40)],
    old: [oldObjectsKey("", 0), oldObjectsKey("~~~", 2 ** 32 - 1)],
    other: [
      manifestKey,
      manifestSignedKey,
      readersKey,
      removedRangesKey,
      manifestObjectKey(treeKey),
      genesisKey,
      treeKey,
      signedKey,
      recoveryKey,
      recoveriesKey,
      entryKey(0),
      asideKey(2 ** 50),
    ],
  };
  const ranges = {
    ...{ remote: remoteKeys, refs: remoteRefKeys, uploads: uploadKeys },
    ...{ leaves: manifestLeafKeys, times: timeKeys, old: allOldObjectsKeys },
  };
  for (const [name, range] of Object.entries(ranges)) {
    for (const [kind, some] of Object.entries(keys))
      for (const key of some) expect([kind, isIn(key, range)]).toEqual([kind, kind === name]);
  }
});

test("a remote's range of uploads holds no upload of a remote with a similar label", () => {
  for (const number of [0, 1, 2 ** 32 - 1]) {
    expect(isIn(uploadsKey("one", number), uploadsKeys("one"))).toBe(true);
    for (const label of ["on", "one2", "onf", "", "one\x01"])
      expect(isIn(uploadsKey(label, number), uploadsKeys("one"))).toBe(false);
  }
});

test("the ranges of one remote hold all that is known of it, and nothing of a remote with a similar label", () => {
  const keysOf = (label: string): Uint8Array[] => [
    remoteKey(label, "state"),
    remoteKey(label, "tree"),
    refKey(label, 9, 2 ** 40),
    uploadsKey(label, 2 ** 32 - 1),
    oldObjectsKey(label, 7),
  ];
  const isKnown = (key: Uint8Array): boolean => keysOfRemote("one").some((range) => isIn(key, range));
  expect(keysOf("one").map(isKnown)).toEqual([true, true, true, true, true]);
  for (const label of ["on", "one2", "onf", "", "one\x01"])
    expect(keysOf(label).map(isKnown)).toEqual([false, false, false, false, false]);
  for (const [range, key] of [[oldObjectsKeys("one"), oldObjectsKey("one", 2)]] as const)
    expect([isIn(key, range), keysOf("on").some((other) => isIn(other, range))]).toEqual([true, false]);
});
