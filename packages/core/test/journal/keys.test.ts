// The keys of the journal: what is on a user's disk has to be found again by every later version.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  asideKey,
  entryKey,
  genesisKey,
  recoveriesKey,
  recoveryKey,
  refKey,
  remoteKey,
  remoteKeys,
  remoteRefKeys,
  signedKey,
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

test("a range holds all keys of its kind, and no others", () => {
  const keys = {
    remote: ["tree", "state", "intent", "content", "doubt"].map((part) => remoteKey("z~", part as "tree")),
    refs: [refKey("", 0, 0), refKey("~~~", 9, 2 ** 40)],
    uploads: [uploadsKey("a", 0), uploadsKey("zz", 2 ** 32 - 1)],
    other: [genesisKey, treeKey, signedKey, recoveryKey, recoveriesKey, entryKey(0), asideKey(2 ** 50)],
  };
  const ranges = { remote: remoteKeys, refs: remoteRefKeys, uploads: uploadKeys };
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
