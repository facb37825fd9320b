// Successions of signing keys, worked out by hand from docs/protocol.md, "Key rotation", in the words of Node.

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { nextRecoveryKeyHash, signingKeyAfter, verifySuccessions } from "../../src/log/signing-keys.ts";
import {
  type Succession,
  signSuccession,
  successionOrigin,
  verifySuccession,
} from "../../src/log/succession.ts";

const DER = Buffer.from("302e020100300506032b657004220420", "hex");
const seed = (value: number): Uint8Array => new Uint8Array(32).fill(value);
const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

function keysOf(value: number) {
  const key = createPrivateKey({ key: Buffer.concat([DER, seed(value)]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return { key, publicKey };
}

/** The hash of a recovery key, as a log names it. */
const named = (value: number): Uint8Array => new Uint8Array(sha256(keysOf(value).publicKey));

const genesis = createGenesis({ ...defaultSettings, signingKey: bytes(9), recoveryKeyHash: named(1) });
const { logId } = genesis;
const origin = `remote-log/v1/${logId}/succession`;

interface Lines {
  readonly index?: number | string;
  readonly size?: number | string;
  readonly versions?: number | string;
  readonly root?: string;
  readonly first?: string;
  readonly recovery?: number;
  readonly next?: number;
  readonly signingKey?: number;
  readonly extra?: string;
}

const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");

/** A signed note, by hand. */
function noteOf(lines: Lines = {}, signer: number = lines.recovery ?? 1): string {
  const { index = 1, size = 5, versions = 2, recovery = 1, next = 2, extra = "", signingKey = 5 } = lines;
  const { root = base64(bytes(3)), first = origin } = lines;
  const text =
    `${first}\n${index}\n${size}\n${root}\n${versions}\n${base64(bytes(4))}\n${base64(bytes(signingKey))}\n` +
    `${base64(named(next))}\n${base64(keysOf(recovery).publicKey)}\n${extra}`;
  const { key, publicKey } = keysOf(signer);
  const hash = sha256(Buffer.from(`${first}\n`), Buffer.of(1), publicKey).subarray(0, 4);
  const signature = base64(Buffer.concat([hash, sign(null, Buffer.from(text), key)]));
  return `${text}\n\u2014 ${first} ${signature}\n`;
}

const expected = { logId, index: 1, recoveryKeyHash: named(1) };
const succession: Succession = {
  index: 1,
  ...{ size: 5, root: bytes(3), versions: 2, manifestRoot: bytes(4) },
  signingKey: bytes(5),
  nextRecoveryKeyHash: named(2),
};

test("a succession is the note that the document says, and is read back", async () => {
  const note = await signSuccession(logId, succession, await signingKeyFromSeed(seed(1)));
  expect(note).toBe(noteOf());
  expect(successionOrigin(logId)).toBe(origin);
  expect(await verifySuccession(note, expected)).toEqual({ ...succession, note });
});

test("whatever is not a succession of nine lines is malformed", async () => {
  for (const lines of [
    { index: "01" },
    { index: "x" },
    { size: "-5" },
    { size: "" },
    { versions: "2.5" },
    { versions: `${2 ** 53}` },
    { root: base64(new Uint8Array(31)) },
    { root: base64(new Uint8Array(33)) },
    { root: "?" },
    { extra: "more\n" },
  ] satisfies Lines[]) {
    const error = await failure(verifySuccession(noteOf(lines), expected));
    expect(error, JSON.stringify(lines)).toMatchObject({
      code: "ERR_MALFORMED",
      operation: "succession.read",
    });
  }
  const named = await failure(verifySuccession(noteOf({ root: "?" }), expected));
  expect(named.message).toContain("line 4 is not 32 bytes");
  expect(await failure(verifySuccession("no note", expected))).toMatchObject({ code: "ERR_MALFORMED" });
  const short = noteOf().replace(`${base64(bytes(5))}\n`, "");
  expect(await failure(verifySuccession(short, expected))).toMatchObject({
    code: "ERR_MALFORMED",
    message: expect.stringContaining("nine lines"),
  });
});

test("one of another log, of another number, or by another key is refused", async () => {
  const other = `remote-log/v1/${"0".repeat(64)}/succession`;
  for (const [note, why] of [
    [noteOf({ first: other }), "is not of log"],
    [noteOf({ index: 2 }), "has number 2, and 1 is expected"],
    [noteOf({ recovery: 6 }), "another recovery key"],
  ] as const) {
    const error = await failure(verifySuccession(note, expected));
    expect(error).toMatchObject({ code: "ERR_INTEGRITY", operation: "succession.verify" });
    expect(error.message).toContain(why);
  }
  // The right key is shown, and another one has signed.
  expect(await failure(verifySuccession(noteOf({}, 6), expected))).toMatchObject({ code: "ERR_INTEGRITY" });
  const forged = noteOf().replace("\n5\n", "\n6\n");
  expect(await failure(verifySuccession(forged, expected))).toMatchObject({ code: "ERR_INTEGRITY" });
});

const second = (more: Lines = {}): string =>
  noteOf({ index: 2, recovery: 2, next: 3, size: 5, versions: 3, signingKey: 6, ...more });

test("successions follow each other, and each names the key that signs and the recovery key after it", async () => {
  const notes = [noteOf(), second()];
  const verified = await verifySuccessions(genesis, notes);
  expect(verified.map(({ index, note }) => [index, note])).toEqual([
    [1, notes[0]],
    [2, notes[1]],
  ]);
  expect(await verifySuccessions(genesis, [])).toEqual([]);
  expect(signingKeyAfter(genesis, [])).toEqual(bytes(9));
  expect(signingKeyAfter(genesis, verified)).toEqual(bytes(6));
  expect(signingKeyAfter(genesis, verified, 1)).toEqual(bytes(5));
  expect(signingKeyAfter(genesis, verified, 0)).toEqual(bytes(9));
  expect(nextRecoveryKeyHash(genesis, [])).toEqual(named(1));
  expect(nextRecoveryKeyHash(genesis, verified)).toEqual(named(3));
  expect(nextRecoveryKeyHash(genesis, verified.slice(0, 1))).toEqual(named(2));
});

test("what goes back behind the one before, leaves one out, or has no recovery key to come from, is refused", async () => {
  for (const [notes, why] of [
    [[noteOf(), second({ size: 4 })], "goes back"],
    [[noteOf(), second({ versions: 2 })], "goes back"],
    [[second()], "has number 2"],
    [[noteOf(), noteOf()], "has number 1, and 2 is expected"],
    [[noteOf(), second({ recovery: 1 })], "another recovery key"],
  ] as const) {
    const error = await failure(verifySuccessions(genesis, notes));
    expect(error.code, why).toBe("ERR_INTEGRITY");
    expect(error.message).toContain(why);
  }
  expect(await verifySuccessions(genesis, [noteOf(), second({ size: 5, versions: 3 })])).toHaveLength(2);
  const without = createGenesis({ ...defaultSettings, signingKey: bytes(9) });
  const none = await failure(verifySuccessions(without, [noteOf()]));
  expect(none).toMatchObject({ code: "ERR_INTEGRITY", operation: "succession.verify" });
  expect(none.message).toContain("names no recovery key");
  expect(nextRecoveryKeyHash(without, [])).toBeUndefined();
});

test("what was verified last is not verified again, and what failed is", async () => {
  const of = (next: number): readonly string[] => [noteOf({ next: 100 + next })];
  const kept = verifySuccessions(genesis, of(0));
  expect(verifySuccessions(genesis, of(0))).toBe(kept);
  for (const other of [1, 2, 3]) await verifySuccessions(genesis, of(other));
  // It was asked for since: another one is the oldest.
  expect(verifySuccessions(genesis, of(0))).toBe(kept);
  const one = verifySuccessions(genesis, of(1));
  await verifySuccessions(genesis, of(4));
  expect(verifySuccessions(genesis, of(0))).toBe(kept);
  await verifySuccessions(genesis, of(5));
  await verifySuccessions(genesis, of(6));
  expect(verifySuccessions(genesis, of(1))).not.toBe(one);
  const elsewhere = createGenesis({ ...defaultSettings, signingKey: bytes(8), recoveryKeyHash: named(1) });
  expect(await failure(verifySuccessions(elsewhere, of(0)))).toMatchObject({ code: "ERR_INTEGRITY" });
  const wrong = verifySuccessions(genesis, [second()]);
  await failure(wrong);
  const again = verifySuccessions(genesis, [second()]);
  expect(again).not.toBe(wrong);
  await failure(again);
});
