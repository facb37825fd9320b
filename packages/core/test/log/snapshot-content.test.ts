// Where the content of the newest snapshot is, beside a head: encoded like any field, and only if there is room.

import { expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { LARGEST_PAGE } from "../../src/log/log-limits.ts";
import { addressIfAny, withSnapshotContent } from "../../src/log/snapshot-content.ts";
import { decodeRemoteLog, encodeRemoteLog } from "../../src/wire/remote-log-message.ts";

const none = new Uint8Array(0);
const address = await addressOf(Uint8Array.of(1), rawSha256);
/** Tag, length and address. */
const ADDED = 2 + 1 + address.bytes.length;
const headOf = (checkpoint: number): Uint8Array =>
  encodeRemoteLog({
    pairs: [],
    tail: none,
    genesis: none,
    checkpoint: new Uint8Array(checkpoint).fill(7),
    levels: [],
    head: none,
  });
const head = headOf(100);
const endless = Number.POSITIVE_INFINITY;

test("it is the field that encoding the whole gives", () => {
  const hinted = withSnapshotContent(head, address, { name: endless, object: 0 });
  expect(hinted.length).toBe(head.length + ADDED);
  expect(hinted).toEqual(encodeRemoteLog({ ...decodeRemoteLog(head), snapshotContent: address.bytes }));
});

test.each([
  ["fits the name with it", ADDED, 0, true],
  ["fits the name without it alone", ADDED - 1, endless, false],
  ["just fits the name", 0, endless, false],
  ["is an object that has room for it", -1, ADDED, true],
  ["is an object that has no room for it", -1, ADDED - 1, false],
])("a head that %s", (_, name, object, has) => {
  const room = { name: head.length + name, object: head.length + object };
  expect(withSnapshotContent(head, address, room).length).toBe(head.length + (has ? ADDED : 0));
});

test("no head becomes larger by it than readers accept", () => {
  const large = headOf(LARGEST_PAGE - ADDED - headOf(LARGEST_PAGE - 100).length + LARGEST_PAGE - 100);
  expect(large.length).toBe(LARGEST_PAGE - ADDED);
  for (const room of [
    { name: endless, object: 0 },
    { name: 0, object: endless },
  ]) {
    expect(withSnapshotContent(large, address, room).length).toBe(LARGEST_PAGE);
    const larger = headOf(
      LARGEST_PAGE - ADDED - (large.length - decodeRemoteLog(large).checkpoint.length) + 1,
    );
    expect(larger.length).toBe(LARGEST_PAGE - ADDED + 1);
    expect(withSnapshotContent(larger, address, room)).toBe(larger);
  }
});

test("what is no address is none", () => {
  expect(addressIfAny(address.bytes)?.equals(address)).toBe(true);
  for (const bytes of [none, Uint8Array.of(1), address.bytes.subarray(1), new Uint8Array(200).fill(1)])
    expect(addressIfAny(bytes)).toBeUndefined();
});
