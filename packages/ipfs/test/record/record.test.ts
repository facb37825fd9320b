import { publicKeyToProtobuf } from "@libp2p/crypto/keys";
import { bytesEqual } from "@remote-log/core/adapter";
import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { marshalIPNSRecord, unmarshalIPNSRecord } from "ipns";
import { expect, test } from "vitest";
import { compareRecords, expiredFor, LARGEST_RECORD, saysTheSame } from "../../src/record/ipns-record.ts";
import { HEAD_FIELD, readRecord } from "../../src/record/read-record.ts";
import { addressFor, foreignRecord, HOUR, keyOf, record, signedFields } from "../records.ts";

const alice = await keyOf(1);
const bob = await keyOf(2);
const head = bytes("a head");

/** The largest head that a record carries, where everything else in it is as short as here. */
const LARGEST_HEAD = 9_999;

test("a record says what was signed, whatever it is", async () => {
  const sequences = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 63n - 1n));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 255 }),
      fc.oneof(fc.nat(300), fc.nat(12_000), fc.integer({ min: 9_950, max: 10_050 })),
      sequences,
      fc.integer({ min: 1000, max: 100 * 365 * 24 * HOUR }),
      fc.integer({ min: 0, max: 24 * HOUR }),
      async (seed, size, sequence, lifetimeMilliseconds, ttlMilliseconds) => {
        const content = new Uint8Array(size).fill(seed);
        const key = await keyOf(seed);
        const before = Date.now();
        const sent = await record(key, content, { sequence, lifetimeMilliseconds, ttlMilliseconds });
        const read = await readRecord(sent, key.name);
        const address = await addressFor(content);
        expect(read).toMatchObject({ value: `/ipfs/${address}`, sequence, ttlMilliseconds });
        expect(bytesEqual(read.bytes, sent)).toBe(true);
        expect(read.name.equals(key.name) && read.address?.equals(address)).toBe(true);
        expect(read.expires).toBeGreaterThanOrEqual(before + lifetimeMilliseconds);
        expect(read.expires).toBeLessThanOrEqual(Date.now() + lifetimeMilliseconds);
        expect(sent.length).toBeLessThanOrEqual(LARGEST_RECORD);
        if (size < LARGEST_HEAD - 50) expect(read.head && bytesEqual(read.head, content)).toBe(true);
        if (size > LARGEST_HEAD + 50) expect(read.head).toBeUndefined();
      },
    ),
    { numRuns: 60 },
  );
});

test("a head rides in the record as long as that has at most 10 KiB, to the byte", async () => {
  const [fits, tooLong] = [randomBytes(LARGEST_HEAD), randomBytes(LARGEST_HEAD + 1)];
  const full = await record(alice, fits);
  expect(full.length).toBe(LARGEST_RECORD);
  expect((await readRecord(full, alice.name)).head).toEqual(fits);
  const bare = await record(alice, tooLong);
  expect(bare.length).toBe(221);
  expect((await readRecord(bare, alice.name)).head).toBeUndefined();
});

test("whichever bit of a record is flipped, it is refused as not signed; what counts for nothing is put right", async () => {
  const good = await record(alice, head);
  const ofNoAccount = new Set<number>();
  for (let at = 0; at < good.length * 8; at++) {
    const bad = Uint8Array.from(good);
    bad[at >> 3]! ^= 1 << (at & 7);
    const outcome = await readRecord(bad, alice.name).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome, `bit ${at}`).toMatchObject({ code: "ERR_INTEGRITY" });
    else {
      expect((outcome as { bytes: Uint8Array }).bytes, `bit ${at}`).toEqual(good);
      ofNoAccount.add(at >> 3);
    }
  }
  // The types of the two fields, which the decoder does not look at.
  expect([...ofNoAccount]).toEqual([0, 66]);
});

test("wherever a record is cut short, it is refused as not signed", async () => {
  const good = await record(alice, head);
  for (let length = 0; length < good.length; length++) {
    const error = await failure(readRecord(good.subarray(0, length), alice.name));
    expect(error, `${length} bytes`).toMatchObject({ code: "ERR_INTEGRITY" });
  }
});

test("however a record with both signatures is changed, it is refused or says the same", async () => {
  const value = `/ipfs/${await addressFor(head)}`;
  const good = await foreignRecord(alice, value, { sequence: 7n });
  const meant = await readRecord(good, alice.name);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length - 1),
      fc.nat(255),
      fc.uint8Array({ maxLength: 20 }),
      async (at, byte, behind) => {
        const bad = Uint8Array.from([...good, ...behind]);
        bad[at] = byte;
        const read = await readRecord(bad, alice.name).catch((error: unknown) => {
          expect(error).toMatchObject({ code: "ERR_INTEGRITY" });
        });
        if (!read) return;
        expect(saysTheSame(read, meant) && read.expires === meant.expires).toBe(true);
        // The older signature is passed on as it came, or not at all.
        expect([good.length, 221]).toContain(read.bytes.length);
      },
    ),
    {
      numRuns: 500,
      // The older signature is made empty, by a field behind the record that replaces it.
      examples: [[69, 0, Uint8Array.from([16, 0])]],
    },
  );
});

test("bytes that are no record are refused, whatever they are, and never with another error", async () => {
  const nested = Uint8Array.from([
    0x42,
    0x40,
    ...new Uint8Array(64),
    0x4a,
    0x90,
    0x4e,
    ...new Uint8Array(10_000).fill(0x81),
  ]);
  expect(await failure(readRecord(nested, alice.name))).toMatchObject({ code: "ERR_INTEGRITY" });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
      expect(await failure(readRecord(noise, alice.name))).toMatchObject({ code: "ERR_INTEGRITY" });
    }),
  );
});

test("the record of another name is refused, however well it is signed", async () => {
  const error = await failure(readRecord(await record(bob, head), alice.name));
  expect(error).toMatchObject({ code: "ERR_INTEGRITY", retry: "never" });
  expect(error.message).toContain(alice.name.text);
});

test("a record over 10 KiB is refused before it is read", async () => {
  const padded = new Uint8Array(LARGEST_RECORD + 1);
  padded.set(await record(alice, head));
  expect(await failure(readRecord(padded, alice.name))).toMatchObject({
    code: "ERR_TOO_LARGE",
    limit: LARGEST_RECORD,
  });
});

test("an expired record is read, and tells for how long it has expired", async () => {
  const old = await readRecord(await record(alice, head, { lifetimeMilliseconds: -HOUR }), alice.name);
  expect(expiredFor(old)).toBeGreaterThanOrEqual(HOUR);
  expect(expiredFor(old)).toBeLessThan(2 * HOUR);
  expect(expiredFor(old, old.expires)).toBeUndefined();
  expect(expiredFor(old, old.expires + 1)).toBe(1);
  const forged = Uint8Array.from(old.bytes);
  forged[forged.length - 1]! ^= 1;
  expect(await failure(readRecord(forged, alice.name))).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("records that others have signed are read, of version 2 alone and of both", async () => {
  const value = `/ipfs/${await addressFor(head)}`;
  for (const v1Compatible of [true, false]) {
    const read = await readRecord(
      await foreignRecord(alice, value, { sequence: 3n, v1Compatible }),
      alice.name,
    );
    expect(read).toMatchObject({ value, sequence: 3n, ttlMilliseconds: 300_000, head: undefined });
    expect(`${read.address}`).toBe(value.slice("/ipfs/".length));
  }
});

test("sequence numbers are whole up to 2^64 - 1", async () => {
  for (const sequence of [0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const read = await readRecord(await foreignRecord(alice, "/ipfs/bafy", { sequence }), alice.name);
    expect(read.sequence).toBe(sequence);
  }
});

test.each([
  "/ipns/example.org",
  "/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
  "/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
  "/ipfs/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy/",
  "/ipfs/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy/a",
  "/ipfs/BAFKREIGH2AKISCAILDCQABSYG3DFR6CHU3FGPREGIYMSCK7E7AQA4S52ZY",
  "/x",
])("the value %s is that of a record, and no address of a head", async (value) => {
  const read = await readRecord(await foreignRecord(alice, value), alice.name);
  expect(read).toMatchObject({ value, address: undefined, head: undefined });
});

test("a head in the record counts only if it is the content of the address", async () => {
  const good = await readRecord(await signedFields(alice, head, { [HEAD_FIELD]: head }), alice.name);
  expect(good.head).toEqual(head);
  for (const other of [bytes("another head"), new Uint8Array(0), "a head", 7, null, [head], { head }]) {
    const read = await readRecord(await signedFields(alice, head, { [HEAD_FIELD]: other }), alice.name);
    expect(read.head).toBeUndefined();
  }
});

test("other fields that somebody has signed along are passed over", async () => {
  const read = await readRecord(await signedFields(alice, head, { _note: "for people" }), alice.name);
  expect(read).toMatchObject({ sequence: 0n, head: undefined });
});

test("signed nonsense is malformed", async () => {
  for (const Validity of ["", "tomorrow", "2026-13-45T00:00:00Z", "2026-01-01", "+12026-01-01T00:00:00Z"]) {
    const bad = await signedFields(alice, head, { Validity: bytes(Validity) });
    expect((await failure(readRecord(bad, alice.name))).name, Validity).toMatch(
      /^(Malformed|Integrity)Error$/,
    );
  }
  const bad = await signedFields(alice, head, { Sequence: -1 });
  expect(await failure(readRecord(bad, alice.name))).toMatchObject({ code: "ERR_MALFORMED" });
});

test("a time of any precision and zone is read", async () => {
  const expected = Date.UTC(2031, 0, 2, 3, 4, 5, 678);
  for (const text of ["2031-01-02T03:04:05.678999999Z", "2031-01-02T05:04:05.678+02:00"]) {
    const read = await readRecord(await signedFields(alice, head, { Validity: bytes(text) }), alice.name);
    expect(read.expires).toBe(expected);
  }
});

test("what is done to the bytes afterwards changes no record", async () => {
  const sent = await record(alice, head);
  const copy = Uint8Array.from(sent);
  const reading = readRecord(sent, alice.name);
  sent.fill(0);
  expect((await reading).bytes).toEqual(copy);
});

test("what is neither signed nor read is not passed on", async () => {
  const good = await record(alice, head);
  for (const extra of [
    [0x7a, 0x01, 0x00],
    [0x32, 0x00],
    [0x12, 0x01, 0x01],
  ]) {
    for (const swollen of [Uint8Array.from([...good, ...extra]), Uint8Array.from([...extra, ...good])]) {
      expect((await readRecord(swollen, alice.name)).bytes).toEqual(good);
    }
  }
});

test("a public key that somebody has put beside what is signed is not passed on: nodes refuse it", async () => {
  const good = await record(alice, head);
  const own = publicKeyToProtobuf(alice.key.publicKey);
  const others = publicKeyToProtobuf((await keyOf(2)).key.publicKey);
  for (const pubKey of [own, others, new Uint8Array(4000)]) {
    const swollen = marshalIPNSRecord({ ...unmarshalIPNSRecord(good), pubKey });
    expect(swollen.length).toBeGreaterThan(good.length);
    expect((await readRecord(swollen, alice.name)).bytes).toEqual(good);
  }
});

test("the higher sequence number stands above, then the later expiry", async () => {
  const read = async (rest: Parameters<typeof record>[2]) =>
    readRecord(await record(alice, head, rest), alice.name);
  const low = await read({ sequence: 1n, lifetimeMilliseconds: 9 * HOUR });
  const high = await read({ sequence: 2n });
  const longer = await read({ sequence: 2n, lifetimeMilliseconds: 2 * HOUR });
  expect([longer, low, high].toSorted(compareRecords)).toEqual([low, high, longer]);
  expect(saysTheSame(high, longer)).toBe(true);
  expect(saysTheSame(low, high)).toBe(false);
});
