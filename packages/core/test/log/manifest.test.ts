// What a log says of itself, as bytes and back; and what is said the same way twice.

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { LARGEST_IN_HEAD, LEAVES_FROM } from "../../src/log/head-manifest.ts";
import {
  encodeManifest,
  LARGEST_MANIFEST_OBJECT,
  type Manifest,
  type ManifestContent,
  manifestHash,
  manifestLeafHash,
  namedObjects,
  nothingSaid,
  readManifest,
  saysSame,
} from "../../src/log/manifest.ts";
import { encodeManifest as encodeWire } from "../../src/wire/manifest-message.ts";

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const none = new Uint8Array(0);

const full: Manifest = {
  version: 2,
  previous: bytes(32, 1),
  successions: ["a note", "größer"],
  epochs: [
    { first: 0, keyId: bytes(16, 2) },
    { first: 7, keyId: bytes(16, 3), keyring: bytes(32, 4) },
  ],
  removed: [{ first: 3, count: 2 }],
  firstKept: 1,
  snapshot: 0,
  remotes: bytes(9, 5),
};

test("a manifest is read as it was written, and what it does not say is absent", () => {
  expect(readManifest(encodeManifest(full))).toEqual(full);
  const least: Manifest = { version: 1, ...nothingSaid };
  const read = readManifest(encodeManifest(least));
  expect(read).toEqual(least);
  expect(Object.keys(read).sort()).toEqual(Object.keys(least).sort());
  expect(read.firstKept).toBe(0);
  expect(readManifest(encodeManifest({ ...least, remotes: bytes(1, 7) })).remotes).toEqual(bytes(1, 7));
  // Entry 0 is a snapshot like any other.
  expect(readManifest(encodeManifest({ ...least, snapshot: 0 })).snapshot).toBe(0);
  expect(readManifest(encodeManifest({ ...least, snapshot: 41 })).snapshot).toBe(41);
});

test("a succession that is no text is refused", () => {
  const wire = { ...{ version: 1, previous: none, epochs: [], removed: [], firstKept: 0 }, snapshot: 0 };
  const wrong = encodeWire({ ...wire, successions: [Uint8Array.of(0xff)], remotes: none });
  expect(() => readManifest(wrong)).toThrow(
    expect.objectContaining({ code: "ERR_MALFORMED", operation: "manifest.decode" }),
  );
});

test("a version is named by the SHA-256 of its bytes, and its leaf has the prefix of RFC 9162", () => {
  const version = encodeManifest(full);
  const sha256 = (...parts: Uint8Array[]) =>
    new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
  expect(manifestHash(version)).toEqual(sha256(version));
  expect(manifestLeafHash(version)).toEqual(sha256(Uint8Array.of(0), version));
});

test.each<[string, Partial<ManifestContent>]>([
  ["a succession", { successions: ["a note"] }],
  ["a keyring", { epochs: [full.epochs[0]!, { first: 7, keyId: bytes(16, 3) }] }],
  ["an epoch", { epochs: [] }],
  ["a removal", { removed: [] }],
  ["what is kept", { firstKept: 0 }],
  ["the snapshot", { snapshot: 1 }],
  ["the remotes", { remotes: bytes(9, 6) }],
])("two manifests that differ in %s do not say the same", (_what, change) => {
  expect(saysSame(full, { ...full, ...change })).toBe(false);
});

test("what is said is the same whatever the version, and however it is absent", () => {
  const { version: _, previous: __, ...content } = full;
  expect(saysSame(full, { ...content, epochs: [...content.epochs] })).toBe(true);
  const { snapshot, remotes, ...less } = content;
  expect(saysSame(less, { ...less, ...{ snapshot: undefined, remotes: undefined } } as never)).toBe(true);
  expect(saysSame(less, { ...less, snapshot: snapshot! })).toBe(false);
  expect(saysSame({ ...less, remotes: remotes! }, less)).toBe(false);
});

test("every implementation has the same limits", () => {
  expect([LARGEST_IN_HEAD, LEAVES_FROM, LARGEST_MANIFEST_OBJECT]).toEqual([1024, 3, 1_048_576]);
});

test("the objects that it names are the keyrings of its epochs", () => {
  expect(namedObjects(full)).toEqual([bytes(32, 4)]);
  expect(namedObjects(nothingSaid)).toEqual([]);
});
