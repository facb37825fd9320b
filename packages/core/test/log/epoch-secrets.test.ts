// The read keys of a writer whose signing key was replaced: each epoch has that of the generation in which it began.

import { expect, test, vi } from "vitest";
import { deviceSeed, WriterKeys } from "../../src/crypto/index.ts";
import { epochKeyOf, keyIdOf } from "../../src/log/epoch-keys.ts";
import { EpochSealing } from "../../src/log/epoch-sealing.ts";
import { EpochSecrets, type KnownEpochs } from "../../src/log/epoch-secrets.ts";
import { createGenesis, defaultSettings } from "../../src/log/genesis.ts";
import { privateSealing } from "../../src/log/private-sealing.ts";
import { readKeyOf } from "../../src/log/read-key.ts";

const keys = new WriterKeys(await deviceSeed(new Uint8Array(32).fill(7), 2));
const { genesis, logId } = createGenesis({ ...defaultSettings, signingKey: new Uint8Array(32).fill(1) });
const epochKey = (epoch: number, generation: number): Uint8Array =>
  epochKeyOf(readKeyOf(keys.readSecret(generation), epoch).toBytes(), { logId, epoch });
/** Five epochs: of generations 0, 0, 1, 2 and 2. */
const generations = [0, 0, 1, 2, 2];
const epochs: KnownEpochs = generations.map((generation, epoch) => ({
  first: 2 * epoch,
  keyId: keyIdOf(epochKey(epoch, generation), logId),
}));
const hello = new TextEncoder().encode("hello");

test("the read key of an epoch follows from the seed of its generation", () => {
  const secrets = new EpochSecrets(keys, logId);
  expect(secrets.newest).toBe(2);
  for (const generation of [0, 1, 2])
    expect(secrets.readKey(3, generation)).toEqual(readKeyOf(keys.readSecret(generation), 3));
});

test("the key of an epoch tells its generation, and is looked for once", () => {
  const secrets = new EpochSecrets(keys, logId);
  expect(epochs.map((_, epoch) => secrets.generationOf(epoch, epochs, 1))).toEqual(generations);
  const asked = vi.spyOn(keys, "readSecret");
  expect(epochs.map((_, epoch) => secrets.generationOf(epoch, epochs, 1))).toEqual(generations);
  expect(asked).not.toHaveBeenCalled();
  // Another list with epochs of the same numbers.
  const others = epochs.map((one) => ({ ...one, keyId: new Uint8Array(16) }));
  expect(others.map((_, epoch) => secrets.generationOf(epoch, others, 1))).toEqual([1, 1, 1, 1, 1]);
  asked.mockRestore();
});

test("of an epoch that is not known, or whose key is not told, the caller has to know", () => {
  const secrets = new EpochSecrets(keys, logId);
  expect(secrets.generationOf(5, epochs, 2)).toBe(2);
  expect(secrets.generationOf(0, [], 1)).toBe(1);
  expect(secrets.generationOf(0, [{ first: 0 }], 1)).toBe(1);
  // With one generation there is nothing to find out.
  const plain = new WriterKeys(new Uint8Array(32).fill(3));
  const asked = vi.spyOn(plain, "readSecret");
  expect(new EpochSecrets(plain, logId).generationOf(0, epochs, 7)).toBe(7);
  expect(asked).not.toHaveBeenCalled();
});

test("entries are sealed with the keys of their epochs, of whatever generation", () => {
  const sealing = new EpochSealing(new EpochSecrets(keys, logId), { genesis, logId }, () => epochs);
  generations.forEach((generation, epoch) => {
    const sequence = 2 * epoch + 1;
    const sealed = privateSealing(epochKey(epoch, generation), { genesis, logId }).seal(sequence, hello);
    expect(sealing.seal(sequence, hello)).toEqual(sealed);
    expect(sealing.open(sequence, sealed).content).toEqual(hello);
    const identified = sealing.identify(sequence, hello);
    expect(identified).toMatchObject({ epoch, localHash: sealed.localHash });
    expect(identified.generation).toBe(generation === 0 ? undefined : generation);
    expect("generation" in identified).toBe(generation > 0);
    expect(sealing.contentHash(hello, identified)).toEqual(sealed.contentHash);
  });
});

test("an entry that was sealed in another epoch or generation than its number says is found by its hash", () => {
  const sealing = new EpochSealing(new EpochSecrets(keys, logId), { genesis, logId }, () => epochs);
  const under = sealing.under([]);
  for (const [epoch, generation] of [
    [0, 1],
    [0, 2],
    [1, 0],
    [3, 2],
    [255, 2],
    [1, 1],
  ] as const) {
    const own = privateSealing(epochKey(epoch, generation), { genesis, logId });
    const { localHash } = own.identify(1, hello);
    for (const one of [sealing, under]) {
      const identified = one.identify(1, hello, localHash);
      expect([identified.epoch, identified.generation ?? 0]).toEqual([epoch, generation]);
      expect(one.seal(1, hello, localHash)).toEqual(own.seal(1, hello));
      expect(one.contentHash(hello, identified)).toEqual(own.seal(1, hello).contentHash);
    }
  }
});
