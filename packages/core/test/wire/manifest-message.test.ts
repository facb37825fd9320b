// The message Manifest: against a second library, at each of its limits, and with each field that is not as it should be.

import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { decodeManifest, encodeManifest, type WireManifest } from "../../src/wire/manifest-message.ts";
import { decodeStoredObject, encodeStoredObject } from "../../src/wire/stored-object-message.ts";
import { fieldBytes, pack } from "./messages.ts";

const { root } = protobuf.parse(
  `syntax = "proto3"; package vac.cas;
   message Manifest {
     uint64 version = 1; bytes previous = 2; repeated bytes succession = 3; repeated Epoch epoch = 4;
     repeated Removal removed = 5; uint64 firstKept = 6; uint64 snapshot = 7; bytes remotes = 8;
   }
   message Epoch { uint64 first = 1; bytes keyId = 2; bytes keyring = 3; }
   message Removal { uint64 first = 1; uint64 count = 2; }`,
  { keepCase: true },
);
const Manifest = root.lookupType("vac.cas.Manifest");

const bytes = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value);
const none = bytes(0);
const epoch = (first: number, more: object = {}) => ({ first, keyId: bytes(16), keyring: none, ...more });
const MOST_SAFE = Number.MAX_SAFE_INTEGER;

/** The least that a manifest has, and whatever a test says besides. */
const manifest = (more: Partial<WireManifest> = {}): WireManifest => ({
  ...{ version: 1, previous: none, successions: [], epochs: [], removed: [], firstKept: 0, snapshot: 0 },
  ...{ remotes: none, ...more },
});

/** One with every field. */
const full = manifest({
  version: 3,
  previous: bytes(32, 1),
  successions: [bytes(200, 2), bytes(1, 3)],
  epochs: [epoch(0), epoch(5, { keyId: bytes(16, 4), keyring: bytes(32, 5) }), epoch(5)],
  removed: [
    { first: 0, count: 2 },
    { first: 3, count: 1 },
  ],
  firstKept: 300,
  snapshot: 70_000,
  remotes: bytes(40, 6),
});

test("what it writes a second library reads, and the other way round", () => {
  for (const each of [manifest(), full]) {
    const { successions, epochs, ...others } = each;
    const plain = { ...others, succession: successions, epoch: epochs };
    const theirs = new Uint8Array(Manifest.encode(Manifest.fromObject(plain)).finish());
    expect(decodeManifest(theirs)).toEqual(each);
    const seen = Manifest.toObject(Manifest.decode(encodeManifest(each)), {
      longs: Number,
      bytes: Array,
      defaults: true,
    });
    for (const [name, value] of Object.entries(plain)) expect(seen[name]).toEqual(plainly(value));
    expect(decodeManifest(encodeManifest(each))).toEqual(each);
  }
});

/** With arrays of numbers for bytes, as the second library says it. */
function plainly(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plainly);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainly(part)]));
}

const times = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));

describe("a manifest at its limits is read", () => {
  test.each<[string, Partial<WireManifest>]>([
    ["the last version", { version: 65_536, previous: bytes(32) }],
    ["255 successions", { successions: times(255, () => bytes(1)) }],
    ["a succession of 1,024 bytes", { successions: [bytes(1024)] }],
    ["1,024 epochs, all of them over before they had an entry", { epochs: times(1024, () => epoch(0)) }],
    ["8,192 removals, one entry between two", { removed: times(8192, (i) => ({ first: 2 * i, count: 1 })) }],
    ["entries up to the greatest number removed", { removed: [{ first: 0, count: MOST_SAFE - 1 }] }],
    ["remotes of 32,768 bytes", { remotes: bytes(32_768) }],
    ["65,536 bytes in all", { successions: [...times(63, () => bytes(1024)), bytes(830)] }],
  ])("%s", (_what, more) => {
    const encoded = encodeManifest(manifest(more));
    expect(Buffer.compare(encodeManifest(decodeManifest(encoded)), encoded)).toBe(0);
  });
});

describe("neither written nor read is", () => {
  test.each<[string, Partial<WireManifest>, string]>([
    ["version 0", { version: 0 }, "field version of message Manifest is 0, not 1 to 65536"],
    ["version 65,537", { version: 65_537, previous: bytes(32) }, "field version"],
    [
      "a first version with one before it",
      { previous: bytes(32) },
      "field previous of message Manifest has 32 bytes in version 1, not 0",
    ],
    ["a second version without one before it", { version: 2 }, "has 0 bytes in version 2, not 32"],
    ["a hash of 31 bytes", { version: 2, previous: bytes(31) }, "field previous"],
    [
      "an empty succession",
      { successions: [none] },
      "field succession of message Manifest has 0 bytes, not 1 to 1024",
    ],
    ["a succession of 1,025 bytes", { successions: [bytes(1025)] }, "has 1025 bytes"],
    ["256 successions", { successions: times(256, () => bytes(1)) }, "succession"],
    [
      "a first epoch that begins later",
      { epochs: [epoch(1)] },
      "field first of message Epoch is 1 in epoch 0",
    ],
    ["an epoch before the one before", { epochs: [epoch(0), epoch(9), epoch(8)] }, "is 8 in epoch 2"],
    [
      "a key id of 15 bytes",
      { epochs: [epoch(0, { keyId: bytes(15) })] },
      "field keyId of message Epoch has 15 bytes, not 16",
    ],
    [
      "a keyring's hash of 31 bytes",
      { epochs: [epoch(0, { keyring: bytes(31) })] },
      "field keyring of message Epoch has 31 bytes, not 32 or none",
    ],
    ["1,025 epochs", { epochs: times(1025, () => epoch(0)) }, "epoch"],
    [
      "a removal of nothing",
      { removed: [{ first: 3, count: 0 }] },
      "field count of message Removal is missing",
    ],
    [
      "a removal that adjoins the one before",
      {
        removed: [
          { first: 0, count: 2 },
          { first: 2, count: 1 },
        ],
      },
      "field first of message Removal is 2",
    ],
    [
      "a removal within the one before",
      {
        removed: [
          { first: 0, count: 9 },
          { first: 4, count: 1 },
        ],
      },
      "is 4, and what was removed before",
    ],
    [
      "a removal beyond what a log can have",
      { removed: [{ first: 1, count: MOST_SAFE - 1 }] },
      "field count of message Removal is",
    ],
    ["8,193 removals", { removed: times(8193, (i) => ({ first: 2 * i, count: 1 })) }, "removed"],
    [
      "remotes of 32,769 bytes",
      { remotes: bytes(32_769) },
      "field remotes of message Manifest has 32769 bytes, and at most 32768 may be",
    ],
  ])("%s", (_what, more, words) => {
    const each = manifest(more);
    const refused = (code: string, operation: string) =>
      expect.objectContaining({ code, operation, message: expect.stringContaining(words) });
    expect(() => encodeManifest(each)).toThrow(refused("ERR_INVALID_INPUT", "wire.encode"));
    const { successions, epochs, ...others } = each;
    const plain = { ...others, succession: successions, epoch: epochs };
    const theirs = new Uint8Array(Manifest.encode(Manifest.fromObject(plain)).finish());
    expect(() => decodeManifest(theirs)).toThrow(refused("ERR_MALFORMED", "wire.decode"));
  });

  test("65,537 bytes in all", () => {
    const large = manifest({ successions: [...times(63, () => bytes(1024)), bytes(831)] });
    expect(() => encodeManifest(large)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_INPUT",
        message: expect.stringMatching(/has 65537 bytes.*at most 65536/),
      }),
    );
    const padded = pack([encodeManifest(manifest()), fieldBytes(32, bytes(65_536))]);
    expect(() => decodeManifest(padded)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
  });
});

test("an unknown field up to 31 has to be understood, and one from 32 on is skipped", () => {
  const sound = encodeManifest(full);
  for (const field of [9, 31]) {
    expect(() => decodeManifest(pack([sound, fieldBytes(field, bytes(3))]))).toThrow(
      expect.objectContaining({
        code: "ERR_UNSUPPORTED",
        operation: "wire.decode",
        message: expect.stringContaining(`a field ${field} that is not known here`),
      }),
    );
  }
  expect(decodeManifest(pack([sound, fieldBytes(32, bytes(3))]))).toEqual(full);
  // Of an epoch and of a removal, whatever a later release adds.
  const later = fieldBytes(9, none);
  const inside = pack([
    encodeManifest(manifest()),
    fieldBytes(4, pack([fieldBytes(2, bytes(16)), later])),
    fieldBytes(5, pack([Uint8Array.of(0x10, 3), later])),
  ]);
  expect(decodeManifest(inside)).toEqual(manifest({ epochs: [epoch(0)], removed: [{ first: 0, count: 3 }] }));
});

test.each([1, 2, 6, 7, 8])("field %i of a manifest comes once", (field) => {
  const again = fieldBytes(field, none);
  const isNumber = [1, 6, 7].includes(field);
  const twice = isNumber ? Uint8Array.of(8 * field, 1) : again;
  expect(() => decodeManifest(pack([encodeManifest(full), twice]))).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED" }),
  );
});

test("where an object is that a manifest names: its hash has 32 bytes", () => {
  const object = { hash: bytes(32), address: bytes(36, 1) };
  expect(decodeStoredObject(encodeStoredObject(object))).toEqual(object);
  expect(encodeStoredObject(object)).toEqual(
    pack([fieldBytes(1, object.hash), fieldBytes(2, object.address)]),
  );
  const nowhere = { hash: bytes(32), address: none };
  expect(decodeStoredObject(encodeStoredObject(nowhere))).toEqual(nowhere);
  expect(decodeStoredObject(pack([encodeStoredObject(object), fieldBytes(3, none)]))).toEqual(object);
  for (const [wrong, words] of [
    [
      encodeStoredObject({ ...object, hash: bytes(31) }),
      "field hash of message StoredObject has 31 bytes, not 32",
    ],
    [fieldBytes(2, object.address), "field hash of message StoredObject has 0 bytes, not 32"],
    [pack([encodeStoredObject(object), fieldBytes(1, object.hash)]), "field hash of message StoredObject"],
    [pack([encodeStoredObject(object), fieldBytes(2, none)]), "field address of message StoredObject"],
    [pack([encodeStoredObject(object), fieldBytes(3, bytes(1000))]), "at most 1024 are accepted"],
  ] as const) {
    expect(() => decodeStoredObject(wrong)).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED", message: expect.stringContaining(words) }),
    );
  }
});
