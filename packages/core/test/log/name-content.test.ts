import { expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import {
  encodeHeadPointer,
  headAddressIn,
  REMOTE_ID_FIELD_BYTES,
  readNameContent,
  remoteIdIn,
  showsHead,
  withRemoteId,
} from "../../src/log/head.ts";
import { decodePage, encodePage } from "../../src/log/page.ts";
import { type Pair, pairFromWire, pairLeafHash, pairToWire } from "../../src/log/pair.ts";
import { NO_MANIFEST } from "../../src/wire/head-manifest-message.ts";
import { decodeRemoteLog, encodeRemoteLog, type WireRemoteLog } from "../../src/wire/remote-log-message.ts";

const none = new Uint8Array(0);
const some = Uint8Array.of(1);
const id = new Uint8Array(16).fill(9);
const pointer = encodeHeadPointer(await addressOf(some, rawSha256));
const head = encodeRemoteLog({ ...decodeRemoteLog(pointer), head: none, genesis: some });

test("a head that points at another has nothing else: every further field is refused with ERR_MALFORMED", () => {
  expect(readNameContent(pointer).kind).toBe("pointer");
  const wire = decodeRemoteLog(pointer);
  const pair = { remoteHash: none, localHash: new Uint8Array(32), data: some, contentHash: undefined };
  const level = { node: none, peaks: none, addresses: [some], hashes: new Uint8Array(32) };
  const further: Partial<WireRemoteLog>[] = [
    { pairs: [pair] },
    { tail: some },
    { genesis: some },
    { checkpoint: some },
    { levels: [level] },
    { snapshotContent: some },
    { manifest: { ...NO_MANIFEST, bytes: some } },
  ];
  for (const fields of further) {
    const read = () => readNameContent(encodeRemoteLog({ ...wire, ...fields }));
    expect(read, Object.keys(fields)[0]).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
  }
});

test("the id of a remote is beside a head or the address of one, and no part of the head", () => {
  for (const content of [pointer, head]) {
    const identified = withRemoteId(content, id);
    expect(identified).toEqual(encodeRemoteLog({ ...decodeRemoteLog(content), remoteId: id }));
    expect(identified.length).toBe(content.length + REMOTE_ID_FIELD_BYTES);
    expect(remoteIdIn(identified)).toEqual(id);
    expect(remoteIdIn(content)).toBeUndefined();
  }
  expect(readNameContent(withRemoteId(pointer, id))).toEqual(readNameContent(pointer));
  expect(readNameContent(withRemoteId(head, id))).toMatchObject({ kind: "head", bytes: head });
  expect(remoteIdIn(some)).toBeUndefined();
});

test("the address of the head is in a name's content if that is one", async () => {
  const address = await addressOf(some, rawSha256);
  for (const content of [pointer, withRemoteId(pointer, id)])
    expect(headAddressIn(content)?.equals(address)).toBe(true);
  for (const content of [head, none, some, encodeRemoteLog({ ...decodeRemoteLog(pointer), head: some })])
    expect(headAddressIn(content)).toBeUndefined();
});

test("a page has pairs and a tail alone: every field of a head is refused with ERR_MALFORMED", async () => {
  const address = await addressOf(some, rawSha256);
  const hash = address.digest;
  const pair: Pair = { localHash: hash, contentHash: hash, place: { kind: "embedded", stored: some } };
  const page = encodePage([pair], address);
  expect(decodePage(page, 1, pairLeafHash(pair)).pairs).toEqual([pair]);
  const level = { node: none, peaks: none, addresses: [some], hashes: new Uint8Array(32) };
  const further: Partial<WireRemoteLog>[] = [
    { genesis: some },
    { checkpoint: some },
    { levels: [level] },
    { head: address.bytes },
  ];
  for (const fields of further) {
    const bytes = encodeRemoteLog({ ...decodeRemoteLog(page), ...fields });
    const read = () => decodePage(bytes, 1, pairLeafHash(pair));
    expect(read, Object.keys(fields)[0]).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
  }
});

test("a pair without an identifier is refused with ERR_MALFORMED", () => {
  const pair: Pair = { localHash: none, contentHash: none, place: { kind: "embedded", stored: some } };
  expect(() => pairFromWire(pairToWire(pair))).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
});

test("an id that another field follows is left where it is: what is before it is no head by itself", () => {
  // Field 109, of a later version: a message without content.
  const later = Uint8Array.of(...withRemoteId(head, id), 0xea, 0x06, 0);
  expect(remoteIdIn(later)).toEqual(id);
  expect(readNameContent(later)).toMatchObject({ kind: "head", bytes: later });
  expect(showsHead(later, head)).toBe(false);
});

test("a name shows a head with the id of a remote beside it, and without, and shows no other", () => {
  const identified = withRemoteId(head, id);
  expect(showsHead(head, head)).toBe(true);
  expect(showsHead(identified, head)).toBe(true);
  expect(showsHead(head, identified)).toBe(false);
  expect(showsHead(identified, head.subarray(1))).toBe(false);
  expect(showsHead(withRemoteId(pointer, id), head)).toBe(false);
  // What is no message is compared as it is.
  expect(showsHead(Uint8Array.of(0xff), Uint8Array.of(0xff))).toBe(true);
  expect(showsHead(Uint8Array.of(0xff), head)).toBe(false);
});
