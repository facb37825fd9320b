// The keys of epochs, worked out by hand from docs/protocol.md, "Keyrings" and "Epochs", in the words of Node.

import { createCipheriv, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { deriveKeys, WriterKeys } from "../../src/crypto/index.ts";
import { epochAt, epochKeyOf, epochKeys, keyIdOf, sealEarlierKey } from "../../src/log/epoch-keys.ts";
import { epochOpening, openingOf } from "../../src/log/epoch-opening.ts";
import { EpochSealing, MOST_EPOCHS } from "../../src/log/epoch-sealing.ts";
import { EpochSecrets } from "../../src/log/epoch-secrets.ts";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import type { Epoch } from "../../src/log/manifest.ts";
import { readKeyOf } from "../../src/log/read-key.ts";
import type { Sealing } from "../../src/log/sealing.ts";
import { hchacha20 } from "./hchacha20.ts";

const seed = new Uint8Array(32).fill(1);
const secret = deriveKeys(seed).read;
const { genesis, logId } = createGenesis({ ...defaultSettings, signingKey: seed });
const secrets = new EpochSecrets(new WriterKeys(seed), logId);
const id = Buffer.from(logId, "hex");

const hkdf = (key: Uint8Array, salt: Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, 32));
const none = Buffer.alloc(0);
const readKey = (epoch: number): Buffer =>
  hkdf(hkdf(seed, none, "remote-log/v1/read"), none, `remote-log/v1/epoch/${epoch}`);
const epochKey = (epoch: number): Buffer =>
  epoch === 0 ? readKey(0) : hkdf(readKey(epoch), id, "remote-log/v1/epoch-key");
const keyId = (epoch: number): Buffer => hkdf(epochKey(epoch), id, "remote-log/v1/key-id").subarray(0, 16);

/** The read key of the epoch before, as an epoch has it. */
function earlier(epoch: number): Buffer {
  const nonce = Buffer.alloc(24);
  const key = hchacha20(hkdf(readKey(epoch), id, "remote-log/v1/earlier"), nonce.subarray(0, 16));
  const cipher = createCipheriv("chacha20-poly1305", key, Buffer.alloc(12), { authTagLength: 16 });
  return Buffer.concat([cipher.update(readKey(epoch - 1)), cipher.final(), cipher.getAuthTag()]);
}

const epochs: readonly Epoch[] = [0, 4, 4, 9].map((first, epoch) => ({
  first,
  keyId: keyId(epoch),
  ...(epoch > 0 && { earlier: earlier(epoch) }),
}));

const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

test("the keys of every epoch follow from the seed as the document says", () => {
  for (const epoch of [0, 1, 2, 77]) {
    const key = readKeyOf(secret, epoch).toBytes();
    expect(key).toEqual(plain(readKey(epoch)));
    expect(plain(epochKeyOf(key, { logId, epoch }))).toEqual(plain(epochKey(epoch)));
    expect(plain(keyIdOf(epochKey(epoch), logId))).toEqual(plain(keyId(epoch)));
    if (epoch > 0)
      expect(plain(sealEarlierKey(key, readKey(epoch - 1), logId))).toEqual(plain(earlier(epoch)));
  }
});

test("an entry belongs to the last epoch that has begun with it or before", () => {
  expect([0, 3, 4, 8, 9, 1000].map((sequence) => epochAt(epochs, sequence))).toEqual([0, 0, 2, 2, 3, 3]);
  expect(epochAt([], 7)).toBe(0);
});

test("a read key leads to its epoch and those before; the key of an epoch to that one; others to none", () => {
  const known = (key: Uint8Array, of = epochs): [number, Uint8Array][] =>
    [...epochKeys(key, logId, of)]
      .map(([epoch, one]): [number, Uint8Array] => [epoch, plain(one)])
      .sort(([a], [b]) => a - b);
  const expected = (...numbers: number[]): [number, Uint8Array][] =>
    numbers.map((epoch) => [epoch, plain(epochKey(epoch))]);
  for (const epoch of [0, 1, 2, 3])
    expect(known(readKey(epoch))).toEqual(expected(...[0, 1, 2, 3].slice(0, epoch + 1)));
  for (const epoch of [1, 2, 3]) expect(known(epochKey(epoch))).toEqual(expected(epoch));
  expect(known(readKey(4))).toEqual([]);
  expect(known(new Uint8Array(32))).toEqual([]);
  // A key that is sealed wrongly ends the chain, and opens nothing else.
  const broken = epochs.map((one, i) => (i === 2 ? { ...one, earlier: new Uint8Array(48) } : one));
  expect(known(readKey(3), broken)).toEqual(expected(2, 3));
  const short = { ...epochs[3]!, earlier: sealEarlierKey(readKey(3), new Uint8Array(16), logId) };
  expect(known(readKey(3), [...epochs.slice(0, 3), short])).toEqual(expected(3));
});

test("before the first epoch there is none, and its entries are sealed with the read key itself", () => {
  const odd = { ...epochs[0]!, earlier: sealEarlierKey(readKey(0), readKey(1), logId) };
  expect([...epochKeys(readKey(0), logId, [odd]).keys()]).toEqual([0]);
  expect(epochKeys(readKey(1), logId, [{ first: 0, keyId: keyId(1) }]).size).toBe(0);
});

test("each entry is sealed with the key of its epoch, and is ERR_NO_KEY to whoever has another", () => {
  const sealing = new EpochSealing(secrets, { genesis, logId }, () => epochs);
  const content = new TextEncoder().encode("hello");
  const opening = openingOf(readKey(2), { genesis, logId }, epochs);
  for (const sequence of [0, 4, 8]) {
    const sealed = sealing.seal(sequence, content);
    expect(opening.open(sequence, sealed).content).toEqual(content);
    expect(sealing.open(sequence, sealed).content).toEqual(content);
  }
  const late = sealing.seal(9, content);
  const refused = (reason: string) => expect.objectContaining({ code: "ERR_NO_KEY", reason });
  expect(() => opening.open(9, late)).toThrow(refused("other-epoch"));
  // Of an epoch that the key opens, by a manifest that says otherwise: never garbage.
  expect(() => opening.open(8, late)).toThrow(refused("wrong-key"));
  const nothing = epochOpening(new Map(), { genesis, logId, epochs }, "other-epoch");
  expect(() => nothing.open(0, late)).toThrow(refused("wrong-key"));
  // What a restored journal holds of another epoch is found by its hash.
  const moved = sealing.under([{ first: 0 }]);
  expect(moved.seal(9, content, late.localHash)).toEqual(late);
  expect(moved.seal(9, content)).not.toEqual(late);
  expect(moved.seal(9, content, new Uint8Array(32))).toEqual(moved.seal(9, content));
});

/** What is kept by the numbers of epochs, and which were asked for. */
class Asked<T> extends Map<number, T> {
  asked: number[] = [];

  override get(epoch: number): T | undefined {
    this.asked.push(epoch);
    return super.get(epoch);
  }

  /** Those that were asked for since the last time. */
  since(): number[] {
    return this.asked.splice(0);
  }
}

const greeting = new TextEncoder().encode("hello");

test("the key of an epoch is set up once, by whoever opens entries and by whoever seals them", () => {
  const kept = new Asked<Sealing>();
  const sealing = new EpochSealing(secrets, { genesis, logId }, () => epochs, kept);
  const sealed = sealing.seal(9, greeting);
  const before = kept.get(3);
  expect(sealing.seal(9, greeting)).toEqual(sealed);
  expect(before).toBeDefined();
  expect(kept.get(3)).toBe(before);
  const keys = new Asked<Uint8Array>([[3, epochKey(3)]]);
  const opening = epochOpening(keys, { genesis, logId, epochs }, "not-granted");
  for (let i = 0; i < 2; i++) expect(opening.open(9, sealed).content).toEqual(greeting);
  expect(keys.since()).toEqual([3]);
});

test("the hash of what is stored is that of the entry's epoch; without one, of the first", () => {
  const sealing = new EpochSealing(secrets, { genesis, logId }, () => epochs);
  for (const sequence of [0, 4, 9]) {
    const identified = sealing.identify(sequence, greeting);
    expect(sealing.contentHash(greeting, identified)).toEqual(sealing.seal(sequence, greeting).contentHash);
  }
  const { epoch: _, ...first } = sealing.identify(0, greeting);
  expect(sealing.contentHash(greeting, first)).toEqual(sealing.seal(0, greeting).contentHash);
});

test("the epoch of an entry that is in another than it should be is looked for in all, first in the last one found", () => {
  const kept = new Asked<Sealing>();
  const sealing = new EpochSealing(secrets, { genesis, logId }, () => epochs, kept);
  const [early, late] = [0, 9].map((sequence) => sealing.identify(sequence, greeting).localHash);
  kept.since();
  // No other is tried if it is in the right one.
  sealing.identify(9, greeting);
  sealing.identify(9, greeting, late);
  expect(kept.since()).toEqual([3, 3]);
  sealing.seal(9, greeting, late);
  expect(kept.since()).toEqual([3]);
  const moved = sealing.under([{ first: 0 }, { first: 0 }]);
  expect(moved.identify(0, greeting, early).epoch).toBe(0);
  expect(kept.since()).toEqual([1, 0]);
  expect(moved.identify(9, greeting, late).epoch).toBe(3);
  expect(kept.since()).toEqual([1, 0, 1, 2, 3]);
  expect(moved.identify(9, greeting, late).epoch).toBe(3);
  expect(kept.since()).toEqual([1, 3]);
  expect(moved.identify(9, greeting, new Uint8Array(32)).epoch).toBe(1);
  expect(
    kept
      .since()
      .slice(1)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 256 }, (_, epoch) => epoch));
  expect(MOST_EPOCHS).toBe(256);
});
