import { Address, rawSha256 } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { compareRecords, type IpnsRecord } from "../../src/record/ipns-record.ts";
import { NameKeys } from "../../src/record/name-keys.ts";
import { HEAD_FIELD, readRecord } from "../../src/record/read-record.ts";
import { remoteName } from "../../src/record/remote-name.ts";
import { formatRevision, headAddress, parseRevision, sequenceAfter } from "../../src/record/revision.ts";
import { addressFor, foreignRecord, keyOf, signedFields } from "../records.ts";

const alice = await keyOf(1);
const bob = await keyOf(2);
const head = bytes("a head");
const address = await addressFor(head);
const context = { operation: "names.update", action: "updating a name" };

test("a remote has the name that was given, or that of its key", async () => {
  expect((await remoteName({ name: bob.name.text })).equals(bob.name)).toBe(true);
  expect((await remoteName({ nameKey: alice.seed })).equals(alice.name)).toBe(true);
  expect((await remoteName({ nameKey: alice.seed, name: `/ipns/${alice.name}` })).equals(alice.name)).toBe(
    true,
  );
});

test.each([
  ["neither a name nor a key", {}],
  ["a name that is not that of its key", { nameKey: alice.seed, name: bob.name.text }],
])("a remote with %s is refused", async (_, options) => {
  const refused = { code: "ERR_INVALID_INPUT", operation: "ipfs.open" };
  expect(await failure(remoteName(options))).toMatchObject(refused);
});

test("the key of a name is derived once", async () => {
  const keys = new NameKeys(alice.seed);
  expect(await keys.own()).toBe(await keys.own());
  expect(await new NameKeys(undefined).own()).toBeUndefined();
});

test("only what begins like an IPNS name is meant as one", async () => {
  const keys = new NameKeys(alice.seed);
  for (const text of ["/ipns/x", "ipns:x", "k51qzi5uqu5x!", "12D3Koo!"]) {
    expect(await failure(keys.find(text))).toMatchObject({
      code: "ERR_INVALID_INPUT",
      operation: "ipns.name",
    });
    expect((await keys.find(`my ${text}`)).key).toBeDefined();
  }
});

test.each([
  [2n, 0, 1n, 9, 1],
  [1n, 9, 2n, 0, -1],
  [1n, 9, 1n, 0, 1],
  [1n, 0, 1n, 9, -1],
  [1n, 5, 1n, 5, 0],
])(
  "a record %d that expires at %d against %d that expires at %d",
  (sequence, expires, ...[other, later, sign]) => {
    const one = { sequence, expires } as IpnsRecord;
    expect(Math.sign(compareRecords(one, { sequence: other, expires: later } as IpnsRecord))).toBe(sign);
  },
);

test.each([
  ["another path to the same block", `/ipns/${address}`],
  ["a block of another codec", `/ipfs/${Address.create(0x70, rawSha256.hash, address.digest)}`],
  ["a block of another hash", `/ipfs/${Address.create(rawSha256.codec, 0x1e, address.digest)}`],
  [
    "a block of half a hash",
    `/ipfs/${Address.create(rawSha256.codec, rawSha256.hash, address.digest.subarray(0, 16))}`,
  ],
  ["a file in a block", `/ipfs/${address}/file`],
  ["no address", "/ipfs/bnone"],
])("a record that points at %s has no head", async (_, value) => {
  const read = await readRecord(await foreignRecord(alice, value), alice.name);
  expect([read.address, read.head]).toEqual([undefined, undefined]);
  const refused = expect.objectContaining({ code: "ERR_MALFORMED", operation: "names.update" });
  expect(() => headAddress(read, context)).toThrow(refused);
});

test("a record that points at a raw block has its address, and its head only if it is there", async () => {
  const read = await readRecord(await foreignRecord(alice, `/ipfs/${address}`), alice.name);
  expect(read.head).toBeUndefined();
  expect(headAddress(read, context).equals(address)).toBe(true);
  const carries = await readRecord(await signedFields(alice, head, { [HEAD_FIELD]: head }), alice.name);
  expect(carries.head).toEqual(head);
});

test("a head that is signed beside another path is none", async () => {
  const sent = await signedFields(alice, head, { Value: bytes("/ipns/example.org"), [HEAD_FIELD]: head });
  expect(await readRecord(sent, alice.name)).toMatchObject({ value: "/ipns/example.org", head: undefined });
});

test("a time to live is whole milliseconds, from 0 up", async () => {
  const ttlOf = async (TTL: unknown) =>
    (await readRecord(await signedFields(alice, head, { TTL }), alice.name)).ttlMilliseconds;
  expect(await ttlOf(0)).toBe(0);
  expect(await ttlOf(60_000_000_000)).toBe(60_000);
  expect(await ttlOf(1_999_999)).toBe(1);
  expect(await ttlOf(-5_000_000)).toBeUndefined();
});

test.each(["x2030-01-01T00:00:00Z", "2030-01-01T00:00:00Zx", "2030-01-01", "", "tomorrow"])(
  "the time %j is none",
  async (time) => {
    const sent = await signedFields(alice, head, { Validity: bytes(time) });
    expect((await failure(readRecord(sent, alice.name))).code).toMatch(/^ERR_(MALFORMED|INTEGRITY)$/);
  },
);

const LAST = 2n ** 63n - 1n;

test.each([0n, 9n, 10n, LAST, 2n ** 64n - 1n])(
  "the revision of record %d is read as it was written",
  (sequence) => {
    const revision = formatRevision({ sequence, address });
    expect(revision).toBe(`${sequence}-${address}`);
    expect(parseRevision(revision)).toEqual({ sequence, address });
  },
);

test.each([
  undefined,
  null,
  "",
  `x5-${address}`,
  `05-${address}`,
  `5-${address}!`,
  `5-${address} `,
  "5-b2",
  "5-",
  `-${address}`,
])("%j is no revision", (text) => expect(parseRevision(text)).toBeUndefined());

test("a record follows the one that was expected, up to the last number that nodes take", () => {
  expect(sequenceAfter(null, context)).toBe(0n);
  expect(sequenceAfter(`0-${address}`, context)).toBe(1n);
  expect(sequenceAfter(`${LAST - 1n}-${address}`, context)).toBe(LAST);
  expect(sequenceAfter("another", context)).toBeUndefined();
  const full = expect.objectContaining({ code: "ERR_UNSUPPORTED", operation: "names.update" });
  expect(() => sequenceAfter(`${LAST}-${address}`, context)).toThrow(full);
});

test("a key of a name has 32 bytes", () => {
  for (const length of [0, 31, 33]) {
    const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "ipns.open" });
    expect(() => new NameKeys(new Uint8Array(length))).toThrow(refused);
  }
});
