// What a manifest may be at most, and which fields of it are refused or skipped.

import { describe, expect, test } from "vitest";
import {
  decodeManifest,
  EARLIER_BYTES,
  encodeManifest,
  type WireManifest,
} from "../../src/wire/manifest-message.ts";
import { decodeStoredObject, encodeStoredObject } from "../../src/wire/stored-object-message.ts";
import { varintBytes } from "../../src/wire/varint.ts";
import { codeOf, inDocument, manifestProto } from "./manifest-document.ts";
import { fieldBytes, pack } from "./messages.ts";

const none = new Uint8Array(0);
const first: WireManifest = {
  version: 1,
  previous: none,
  successions: [],
  epochs: [],
  removed: [],
  firstKept: 0,
  snapshot: 0,
  remotes: none,
};

const epoch = (from: number): WireManifest["epochs"][number] => ({
  first: from,
  keyId: new Uint8Array(16),
  keyring: none,
});
const removed = (...ranges: readonly (readonly [number, number])[]): WireManifest["removed"] =>
  ranges.map(([from, count]) => ({ first: from, count }));
const second: WireManifest = { ...first, version: 2, previous: new Uint8Array(32) };
const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const atLimit: Record<string, Partial<WireManifest>> = {
  "the last version": { ...second, version: 65_536 },
  "as many successions as can be": { successions: many(255, () => new Uint8Array(1)) },
  "a succession of the greatest length": { successions: [new Uint8Array(1024)] },
  "as many epochs as can be": { epochs: many(1024, (i) => epoch(i)) },
  "epochs without entries": { epochs: [epoch(0), epoch(0), epoch(7), epoch(7)] },
  "as many removals as can be": { removed: many(8192, (i) => ({ first: 2 * i, count: 1 })) },
  "one entry between two ranges": { removed: removed([0, 2], [3, 1]) },
  "the largest range": { removed: removed([0, Number.MAX_SAFE_INTEGER - 1]) },
  "remotes of the greatest length": { remotes: new Uint8Array(32_768) },
  "the largest numbers": { firstKept: Number.MAX_SAFE_INTEGER, snapshot: Number.MAX_SAFE_INTEGER },
};

const pastLimit: Record<string, Partial<WireManifest>> = {
  "version 0": { version: 0 },
  "a version too many": { ...second, version: 65_537 },
  "a first version that names another": { previous: new Uint8Array(32) },
  "a second version that names none": { version: 2 },
  "a hash that is too short": { ...second, previous: new Uint8Array(31) },
  "a hash that is too long": { ...second, previous: new Uint8Array(33) },
  "a succession too many": { successions: many(256, () => new Uint8Array(1)) },
  "an empty succession": { successions: [new Uint8Array(1), none] },
  "a succession that is too long": { successions: [new Uint8Array(1025)] },
  "an epoch too many": { epochs: many(1025, (i) => epoch(i)) },
  "a first epoch that does not begin with the log": { epochs: [epoch(1)] },
  "an epoch that begins before the one before it": { epochs: [epoch(0), epoch(5), epoch(4)] },
  "an id of a key that is too short": { epochs: [{ ...epoch(0), keyId: new Uint8Array(15) }] },
  "an id of a key that is too long": { epochs: [{ ...epoch(0), keyId: new Uint8Array(17) }] },
  "no id of a key": { epochs: [{ ...epoch(0), keyId: none }] },
  "a keyring whose hash is too short": { epochs: [{ ...epoch(0), keyring: new Uint8Array(31) }] },
  "a keyring whose hash is too long": { epochs: [{ ...epoch(0), keyring: new Uint8Array(33) }] },
  "a removal too many": { removed: many(8193, (i) => ({ first: 2 * i, count: 1 })) },
  "an empty range": { removed: removed([3, 0]) },
  "ranges that are turned round": { removed: removed([5, 1], [0, 1]) },
  "ranges that overlap": { removed: removed([0, 3], [2, 3]) },
  "ranges that touch": { removed: removed([0, 3], [3, 1]) },
  "the same range twice": { removed: removed([4, 1], [4, 1]) },
  "a range past all numbers": { removed: removed([1, Number.MAX_SAFE_INTEGER - 1]) },
  "remotes that are too long": { remotes: new Uint8Array(32_769) },
};

/** Encodes without any check: as the second library does. */
function unchecked(value: WireManifest): Uint8Array {
  const Manifest = manifestProto.lookupType("Manifest");
  return new Uint8Array(Manifest.encode(Manifest.fromObject(inDocument(value))).finish());
}

describe("limits", () => {
  test.each(Object.entries(atLimit))("%s: is written and read", (_, part) => {
    const value = { ...first, ...part };
    expect(decodeManifest(encodeManifest(value))).toEqual(value);
  });

  test.each(Object.entries(pastLimit))("%s: is neither written nor read", (_, part) => {
    const value = { ...first, ...part };
    expect(codeOf(() => encodeManifest(value))).toBe("ERR_INVALID_INPUT");
    expect(codeOf(() => decodeManifest(unchecked(value)))).toBe("ERR_MALFORMED");
  });

  test("64 KiB are written and read, and not a byte more", () => {
    const notes = many(32, () => new Uint8Array(1024));
    const empty = encodeManifest({ ...first, successions: notes, remotes: new Uint8Array(32_000) });
    const left = 65_536 - empty.length - 3;
    const full = { ...first, remotes: new Uint8Array(32_000), successions: [...notes, new Uint8Array(left)] };
    expect(encodeManifest(full)).toHaveLength(65_536);
    expect(decodeManifest(encodeManifest(full))).toEqual(full);
    const over = { ...full, remotes: new Uint8Array(32_001) };
    expect(codeOf(() => encodeManifest(over))).toBe("ERR_INVALID_INPUT");
    expect(codeOf(() => decodeManifest(unchecked(over)))).toBe("ERR_MALFORMED");
  });

  test("a million successions are refused before they are read", () => {
    const bytes = pack([encodeManifest(first), new Uint8Array(0)]);
    const huge = new Uint8Array(bytes.length + 3_000_000);
    huge.set(bytes);
    for (let at = bytes.length; at < huge.length; at += 3) huge.set([0x1a, 1, 0x61], at);
    expect(codeOf(() => decodeManifest(huge))).toBe("ERR_MALFORMED");
    expect(codeOf(() => decodeManifest(huge.subarray(0, 60_002)))).toBe("ERR_MALFORMED");
  });

  test("where an object is has a hash of 32 bytes, and at most 1,024 in all", () => {
    for (const length of [0, 31, 33]) {
      const value = { hash: new Uint8Array(length), address: none };
      expect(codeOf(() => decodeStoredObject(encodeStoredObject(value)))).toBe("ERR_MALFORMED");
    }
    expect(codeOf(() => decodeStoredObject(none))).toBe("ERR_MALFORMED");
    const of32 = { hash: new Uint8Array(32), address: new Uint8Array(1024 - 34 - 3) };
    expect(decodeStoredObject(encodeStoredObject(of32))).toEqual(of32);
    const over = { ...of32, address: new Uint8Array(of32.address.length + 1) };
    expect(codeOf(() => decodeStoredObject(encodeStoredObject(over)))).toBe("ERR_MALFORMED");
  });
});

describe("fields that are not known", () => {
  const known = encodeManifest(first);
  test("up to 31 they are refused as those of a newer release, from 32 on skipped", () => {
    for (let field = 9; field <= 31; field++) {
      for (const unknown of [fieldBytes(field, none), pack([varintBytes(field * 8), Uint8Array.of(0)])])
        expect(codeOf(() => decodeManifest(pack([known, unknown])))).toBe("ERR_UNSUPPORTED");
    }
    for (const field of [32, 33, 104, 2 ** 29 - 1])
      expect(decodeManifest(pack([known, fieldBytes(field, Uint8Array.of(1))]))).toEqual(first);
  });

  test("in epochs, ranges and addresses they are skipped", () => {
    const unknown = fieldBytes(9, Uint8Array.of(1));
    const inEpoch = fieldBytes(4, pack([fieldBytes(2, new Uint8Array(16)), unknown]));
    const inRange = fieldBytes(5, pack([Uint8Array.of(0x10, 1), unknown]));
    expect(decodeManifest(pack([known, inEpoch, inRange]))).toEqual({
      ...first,
      epochs: [epoch(0)],
      removed: removed([0, 1]),
    });
    const object = encodeStoredObject({ hash: new Uint8Array(32), address: Uint8Array.of(1) });
    expect(decodeStoredObject(pack([object, unknown]))).toEqual(decodeStoredObject(object));
  });

  test("a singular field that is there twice, or of another type, is refused", () => {
    const fields: Record<number, Uint8Array> = {
      1: Uint8Array.of(8, 1),
      2: fieldBytes(2, new Uint8Array(32)),
      6: Uint8Array.of(0x30, 1),
      7: Uint8Array.of(0x38, 1),
      8: fieldBytes(8, Uint8Array.of(1)),
    };
    for (const [field, bytes] of Object.entries(fields)) {
      const base = field === "2" ? pack([Uint8Array.of(8, 2), bytes]) : pack([Uint8Array.of(8, 1)]);
      expect(codeOf(() => decodeManifest(pack([base, ...(field === "1" ? [] : [bytes]), bytes])))).toBe(
        "ERR_MALFORMED",
      );
    }
    for (const field of [1, 6, 7])
      expect(codeOf(() => decodeManifest(fieldBytes(field, Uint8Array.of(1))))).toBe("ERR_MALFORMED");
    for (const field of [2, 3, 4, 5, 8])
      expect(codeOf(() => decodeManifest(pack([varintBytes(field * 8), Uint8Array.of(1)])))).toBe(
        "ERR_MALFORMED",
      );
    for (const [part, inner] of [
      [4, pack([fieldBytes(2, new Uint8Array(16)), fieldBytes(2, new Uint8Array(16))])],
      [4, Uint8Array.of(8, 0, 8, 0)],
      [4, pack([fieldBytes(3, new Uint8Array(32)), fieldBytes(3, new Uint8Array(32))])],
      [5, Uint8Array.of(8, 0, 8, 0, 0x10, 1)],
      [5, Uint8Array.of(0x10, 1, 0x10, 1)],
    ] as const)
      expect(codeOf(() => decodeManifest(pack([known, fieldBytes(part, inner)])))).toBe("ERR_MALFORMED");
    const object = encodeStoredObject({ hash: new Uint8Array(32), address: Uint8Array.of(1) });
    expect(codeOf(() => decodeStoredObject(pack([object, object])))).toBe("ERR_MALFORMED");
    const address = fieldBytes(2, Uint8Array.of(1));
    expect(codeOf(() => decodeStoredObject(pack([object, address])))).toBe("ERR_MALFORMED");
  });
});

test("the key of the epoch before is 32 bytes and a tag of 16; a refusal names what there is too much of", () => {
  expect(EARLIER_BYTES).toBe(48);
  const epochs = [epoch(0), { ...epoch(1), earlier: new Uint8Array(48) }];
  expect(decodeManifest(encodeManifest({ ...first, epochs }))).toMatchObject({ epochs });
  expect(() => encodeManifest({ ...first, ...pastLimit["an epoch too many"] })).toThrow(
    "The field epoch of message Manifest",
  );
});
