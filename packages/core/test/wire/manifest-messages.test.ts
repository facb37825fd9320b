// The manifest on the wire: what it may be, byte by byte, what a second library makes of it, and what is refused.

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeManifest, encodeManifest, type WireManifest } from "../../src/wire/manifest-message.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";
import { decodeStoredObject, encodeStoredObject } from "../../src/wire/stored-object-message.ts";
import { varintBytes } from "../../src/wire/varint.ts";
import { fromHex, toHex } from "./hex.ts";
import { codeOf, inDocument, manifestProto, plain } from "./manifest-document.ts";
import { fieldBytes, headManifest, manifest, pack, storedObject } from "./messages.ts";

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

const of = (byte: number, length: number): string => byte.toString(16).padStart(2, "0").repeat(length);

const vectors: readonly { readonly name: string; readonly hex: string; readonly value: WireManifest }[] = [
  { name: "the shortest", hex: "0801", value: first },
  {
    name: "all fields",
    hex: [
      "08c720", // version 4167
      `1220${of(0xaa, 32)}`, // previous
      "1a0161", // a succession: "a"
      "1a026263", // another: "bc"
      `2212${"1210"}${of(0x01, 16)}`, // epoch 0: first 0 is left out
      `2237${"08ac02"}${"1210"}${of(0x02, 16)}${"1a20"}${of(0xbb, 32)}`, // epoch 1: from 300, with a keyring
      "2a021001", // removed: 0, 1 entry
      "2a0408021003", // removed: 2, 3 entries
      "3005", // first kept
      "380a", // snapshot: 9
      "4203010203", // remotes
    ].join(""),
    value: {
      version: 4167,
      previous: fromHex(of(0xaa, 32)),
      successions: [fromHex("61"), fromHex("6263")],
      epochs: [
        { first: 0, keyId: fromHex(of(1, 16)), keyring: none },
        { first: 300, keyId: fromHex(of(2, 16)), keyring: fromHex(of(0xbb, 32)) },
      ],
      removed: [
        { first: 0, count: 1 },
        { first: 2, count: 3 },
      ],
      firstKept: 5,
      snapshot: 10,
      remotes: fromHex("010203"),
    },
  },
];

test.each(vectors)("$name: byte for byte", ({ hex, value }) => {
  expect(toHex(encodeManifest(value))).toBe(hex);
  expect(decodeManifest(fromHex(hex))).toEqual(value);
});

test("where an object is: byte for byte", () => {
  const hex = `0a20${of(0xcc, 32)}${"1203010203"}`;
  const value = { hash: fromHex(of(0xcc, 32)), address: fromHex("010203") };
  expect(toHex(encodeStoredObject(value))).toBe(hex);
  expect(decodeStoredObject(fromHex(hex))).toEqual(value);
  expect(decodeStoredObject(fromHex(`0a20${of(0xcc, 32)}`))).toEqual({ ...value, address: none });
});

const emptyHead: WireRemoteLog = {
  pairs: [],
  tail: none,
  genesis: none,
  checkpoint: none,
  levels: [],
  head: none,
};

test("the fields of a head: byte for byte", () => {
  const hex = [
    "c206020801", // 104: the manifest
    "ca060111", // 105: its address
    "d206026e6f", // 106: its checkpoint
    `da0620${of(0xdd, 32)}`, // 107: the path
    "ea060122", // 109: the address of the leaf hashes
    `f20622${"0a20"}${of(0xcc, 32)}`, // 110: where an object is
    "f206020a00", // another
    "fa0603414243", // 111: where the content of the newest snapshot is
    `e20610${of(0xee, 16)}`, // 108: the id of the remote comes last
  ].join("");
  const value = {
    ...emptyHead,
    manifest: {
      bytes: fromHex("0801"),
      address: fromHex("11"),
      checkpoint: fromHex("6e6f"),
      path: fromHex(of(0xdd, 32)),
      leaves: fromHex("22"),
      objects: [fromHex(`0a20${of(0xcc, 32)}`), fromHex("0a00")],
    },
    snapshotContent: fromHex("414243"),
    remoteId: fromHex(of(0xee, 16)),
  };
  expect(toHex(encodeRemoteLog(value))).toBe(hex);
  expect(decodeRemoteLog(fromHex(hex))).toEqual(value);
});

test("a head that says anything of the manifest has all of its fields, empty if they are not there", () => {
  const nothing = { bytes: none, address: none, checkpoint: none, path: none, leaves: none, objects: [] };
  expect(decodeRemoteLog(none).manifest).toBeUndefined();
  for (const [field, name] of [
    [104, "bytes"],
    [105, "address"],
    [106, "checkpoint"],
    [107, "path"],
    [109, "leaves"],
  ] as const) {
    const one = fieldBytes(field, Uint8Array.of(7));
    expect(decodeRemoteLog(one).manifest).toEqual({ ...nothing, [name]: Uint8Array.of(7) });
    expect(codeOf(() => decodeRemoteLog(pack([one, one])))).toBe("ERR_MALFORMED");
    expect(codeOf(() => decodeRemoteLog(pack([varintBytes(field * 8), Uint8Array.of(1)])))).toBe(
      "ERR_MALFORMED",
    );
  }
  const object = fieldBytes(110, Uint8Array.of(7));
  expect(decodeRemoteLog(pack([object, object])).manifest).toEqual({
    ...nothing,
    objects: [Uint8Array.of(7), Uint8Array.of(7)],
  });
  expect(decodeRemoteLog(fieldBytes(112, none)).manifest).toBeUndefined();
  expect(decodeRemoteLog(encodeRemoteLog(emptyHead))).toEqual(emptyHead);
});

test("where the content of the newest snapshot is says nothing of the manifest, and is there at most once", () => {
  const one = fieldBytes(111, Uint8Array.of(7));
  expect(decodeRemoteLog(one)).toEqual({ ...emptyHead, snapshotContent: Uint8Array.of(7) });
  expect(decodeRemoteLog(fieldBytes(111, none))).toEqual(emptyHead);
  for (const wrong of [pack([one, one]), pack([varintBytes(111 * 8), Uint8Array.of(1)])])
    expect(codeOf(() => decodeRemoteLog(wrong))).toBe("ERR_MALFORMED");
  // It is a hint: what it says is no fault of the head.
  expect(decodeRemoteLog(fieldBytes(111, new Uint8Array(200))).snapshotContent?.length).toBe(200);
});

test("a head decodes to what was encoded", () => {
  fc.assert(
    fc.property(headManifest, (said) => {
      expect(decodeRemoteLog(encodeRemoteLog({ ...emptyHead, manifest: said })).manifest).toEqual(said);
    }),
  );
});

test("a second library reads what we write, and writes it in the same bytes", () => {
  const Manifest = manifestProto.lookupType("Manifest");
  fc.assert(
    fc.property(manifest, (value) => {
      const bytes = encodeManifest(value);
      const seen = Manifest.toObject(Manifest.decode(bytes), { longs: Number });
      expect(plain(seen)).toEqual(inDocument(value));
      expect(new Uint8Array(Manifest.encode(Manifest.fromObject(inDocument(value))).finish())).toEqual(bytes);
    }),
  );
  const StoredObject = manifestProto.lookupType("StoredObject");
  fc.assert(
    fc.property(storedObject, (value) => {
      const bytes = encodeStoredObject(value);
      expect(plain(StoredObject.toObject(StoredObject.decode(bytes)))).toEqual(plain(value));
      expect(new Uint8Array(StoredObject.encode(StoredObject.fromObject(plain(value))).finish())).toEqual(
        bytes,
      );
    }),
  );
});
