// The records of entries, whole and without their contents: what each key and value is read as, and what is damaged.

import { expect, test, vi } from "vitest";
import {
  leftOperation,
  readEntry,
  readLeafHash,
  readRecord,
  readRemoved,
} from "../../src/journal/entry-record.ts";
import { entryKey, removedKey } from "../../src/journal/keys.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { contentOf, entriesOf, sealing } from "./small-log.ts";

const [entry] = entriesOf(7, 8) as [ReturnType<typeof entriesOf>[number]];
const { localHash, contentHash } = entry;
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const whole = joined(localHash, contentOf(7));
const left = joined(localHash, contentHash);
const corrupt = expect.objectContaining({ code: "ERR_JOURNAL_CORRUPT" });

/** Hashes of which no two parts are the same. */
const hashes = Uint8Array.from({ length: 64 }, (_, i) => i);

test("an entry is read from its own key, and what is left of it from the one behind", () => {
  expect(readRecord(7, entryKey(7), whole, sealing)).toEqual(entry);
  expect(readRecord(7, removedKey(7), left, sealing)).toEqual({
    ...{ sequence: 7, removed: true, localHash, contentHash },
  });
  for (const key of [entryKey(8), removedKey(6)]) {
    expect(readRecord(7, key, whole, sealing)).toBeUndefined();
    expect(readLeafHash(7, key, whole, sealing)).toBeUndefined();
  }
  for (const [key, value] of [
    [entryKey(7), whole],
    [removedKey(7), left],
  ] as const)
    expect(readLeafHash(7, key, value, sealing)).toEqual(leafHashOf(localHash, contentHash));
});

test("what is left of an entry is its two hashes, and nothing less or more", () => {
  const parts = { localHash: hashes.slice(0, 32), contentHash: hashes.slice(32) };
  expect(leftOperation({ sequence: 7, ...parts })).toEqual({
    type: "put",
    key: removedKey(7),
    value: hashes,
  });
  expect(readRemoved(7, hashes)).toEqual({ sequence: 7, removed: true, ...parts });
  for (const length of [0, 32, 63, 65, 96])
    expect(() => readRemoved(7, new Uint8Array(length))).toThrow(corrupt);
});

test("a content that is not that of its hash is damaged, and one that is sealed is found by that hash", () => {
  const other = joined(localHash, contentOf(8));
  const cut = whole.with(31, whole[31]! ^ 1);
  for (const damaged of [other, cut, whole.with(0, whole[0]! ^ 1)]) {
    expect(() => readEntry(7, damaged, sealing)).toThrow(corrupt);
    expect(() => readLeafHash(7, entryKey(7), damaged, sealing)).toThrow(corrupt);
  }
  const seal = vi.fn<typeof sealing.seal>((...all) => sealing.seal(...all));
  const identify = vi.fn<typeof sealing.identify>((...all) => sealing.identify(...all));
  readEntry(7, whole, { ...sealing, seal });
  readLeafHash(7, entryKey(7), whole, { ...sealing, identify });
  for (const given of [seal, identify]) expect(given).toHaveBeenCalledWith(7, contentOf(7), localHash);
});
