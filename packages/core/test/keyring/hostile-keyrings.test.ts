// Keyrings that are none: damaged, those of strangers, within each other, empty, too large. Each is a typed error, soon.

import { hexToBytes } from "@noble/hashes/utils.js";
import { failure, runs } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { encryptFor, encryptWithPassphrase } from "../../src/age/age-file.ts";
import {
  generateIdentity,
  LARGEST_KEYRING,
  ReaderIdentity,
  recipientOf,
  sealKeyring,
} from "../../src/keyring/index.ts";
import { epochKeyOf } from "../../src/log/epoch-keys.ts";
import { ReadKey } from "../../src/log/read-key.ts";
import { decodeKeyring, encodeKeyring } from "../../src/wire/keyring-message.ts";

const logId = "cd".repeat(32);
const log = hexToBytes(logId);
const key = new Uint8Array(32).fill(7);
const readKey = new ReadKey(key);
const place = { logId, epoch: 1 };
let bob: string;
let recipient: string;
let keyring: Uint8Array;

beforeAll(async () => {
  bob = await generateIdentity();
  recipient = await recipientOf(bob);
  keyring = await sealKeyring({ ...place, readKey, readers: [{ recipient, withHistory: true }] });
});

const refused = (bytes: Uint8Array): Promise<Error & { code?: string }> =>
  failure(new ReaderIdentity(bob).open(bytes, place));

test("what is no age file, or was cut or changed, is malformed", async () => {
  const text = new TextEncoder().encode("age-encryption.org/v1\n");
  const other = new TextEncoder().encode("age-encryption.org/v2\n-> X25519 a\nb\n--- c\n");
  for (const bytes of [
    new Uint8Array(0),
    text,
    other,
    new Uint8Array(2000).fill(10),
    new Uint8Array(LARGEST_KEYRING),
  ])
    expect(await refused(bytes)).toMatchObject({ code: "ERR_MALFORMED", operation: "keyring.open" });
  for (const end of [30, 200, keyring.length - 1])
    expect((await refused(keyring.subarray(0, end))).code).toBe("ERR_MALFORMED");
  const longer = new Uint8Array(keyring.length + 1);
  longer.set(keyring);
  expect((await refused(longer)).code).toBe("ERR_MALFORMED");
});

test("no changed byte gives another key", async () => {
  // Bytes of the stanzas of others may change, until the checksum of the header is compared.
  const count = runs(6, 60);
  const places = Array.from({ length: count }, (_, i) => Math.floor((i * keyring.length) / count) + (i % 7));
  for (const at of places) {
    const changed = keyring.slice();
    changed[at]! ^= 1;
    expect((await refused(changed)).code).toMatch(/^ERR_(MALFORMED|NO_KEY)$/);
  }
});

test("one that is too large is not looked at", async () => {
  expect(await refused(new Uint8Array(LARGEST_KEYRING + 1))).toMatchObject({
    code: "ERR_MALFORMED",
    message: expect.stringContaining("at most 1048576"),
  });
});

test("one with more than 256 recipients, or behind a passphrase, costs nothing", async () => {
  const [begin, stanza, ...rest] = new TextDecoder("latin1").decode(keyring).split("-> X25519");
  const others = rest.map((one) => `-> X25519${one}`);
  const tried = async (count: number): Promise<string | undefined> => {
    const many = `${begin}${`-> X25519${stanza}`.repeat(count - others.length)}${others.join("")}`;
    // Somebody who is not named tries them all.
    const carol = new ReaderIdentity(await generateIdentity());
    return (await failure(carol.open(Buffer.from(many, "latin1"), place))).code;
  };
  expect(await tried(256)).toBe("ERR_NO_KEY");
  expect(await tried(257)).toBe("ERR_MALFORMED");
  expect(await tried(5000)).toBe("ERR_MALFORMED");
  const behind = await encryptWithPassphrase("secret", key, 1);
  const bytes = Buffer.from(behind.split("\n").slice(1, -2).join(""), "base64");
  expect((await refused(bytes)).code).toBe("ERR_NO_KEY");
  const heavy = bytes.toString("latin1").replace(/ 1\n/, " 30\n");
  expect((await refused(Buffer.from(heavy, "latin1"))).code).toBe("ERR_MALFORMED");
});

const made = (message: Parameters<typeof encodeKeyring>[0]): Promise<Uint8Array> =>
  encryptFor([recipient], encodeKeyring(message));

test("that of a stranger, or of another epoch, is refused as the wrong one", async () => {
  const none = new Uint8Array(0);
  const epochKey = epochKeyOf(key, place);
  const wrapped = (log: Uint8Array, epoch: number, other = {}): Promise<Uint8Array> =>
    made({ log, epoch, key: epochKey, history: none, ...other });
  const history = await made({ log, epoch: 1, key, history: none });
  const good = await wrapped(log, 1, { history });
  expect((await new ReaderIdentity(bob).open(good, place)).withHistory).toBe(true);
  const stranger = new Uint8Array(32);
  const wrong = [
    await wrapped(stranger, 1, { history }),
    await wrapped(log, 2, { history }),
    await wrapped(log, 1, { history: await made({ log: stranger, epoch: 1, key, history: none }) }),
    await wrapped(log, 1, { history: await made({ log, epoch: 0, key, history: none }) }),
    // A history that belongs to another key, and a keyring in the place of its own history.
    await wrapped(log, 1, { history, key: stranger }),
    await wrapped(log, 1, { history: good }),
    // A history within the history.
    await wrapped(log, 1, { history: await made({ log, epoch: 1, key, history }) }),
  ];
  for (const bytes of wrong)
    expect(await refused(bytes)).toMatchObject({ code: "ERR_INTEGRITY", operation: "keyring.open" });
  expect((await refused(await wrapped(log, 1))).code).toBe("ERR_MALFORMED");
});

test("what is in it has to be exactly one message", async () => {
  const good = encodeKeyring({ log, epoch: 1, key, history: new Uint8Array(0) });
  expect(decodeKeyring(good)).toEqual({ log, epoch: 1, key, history: new Uint8Array(0) });
  for (const plaintext of [
    new Uint8Array(0),
    good.subarray(0, 40),
    Buffer.concat([good, good]),
    encodeKeyring({ log: log.subarray(1), epoch: 1, key, history: key }),
    encodeKeyring({ log, epoch: 1, key: key.subarray(1), history: key }),
  ])
    expect((await refused(await encryptFor([recipient], plaintext))).code).toBe("ERR_MALFORMED");
});
