// The seeds of devices, worked out by hand from docs/protocol.md, "Key rotation", in the words of Node.

import { createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { DeviceSeed, deriveKeys, deviceSeed, recoveryKey, WriterKeys } from "../../src/crypto/index.ts";
import { sha256 } from "../../src/crypto/sha256.ts";

const recoverySeed = new Uint8Array(32).fill(7);
const hkdf = (key: Uint8Array, info: string, length = 32): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), `remote-log/v1/${info}`, length));
const DER = Buffer.from("302e020100300506032b657004220420", "hex");

function publicKey(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([DER, seed]), format: "der", type: "pkcs8" });
  return new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));
}

/** The seed of a generation. */
function seedOf(generation: number): Uint8Array {
  let seed = hkdf(recoverySeed, "device");
  for (let g = 255; g > generation; g--) seed = hkdf(seed, "earlier-device");
  return seed;
}

const hash = sha256(publicKey(hkdf(recoverySeed, "recovery/0")));

test("the seed of a device is that of its generation, and leads to all before it", async () => {
  for (const generation of [0, 1, 77, 255]) {
    const device = await deviceSeed(recoverySeed, generation);
    expect(device.toBytes()).toEqual(seedOf(generation));
    expect(device.generation).toBe(generation);
    expect(device.recoveryKeyHash).toEqual(hash);
    const keys = new WriterKeys(device);
    expect(keys.newest).toBe(generation);
    expect(keys.recoveryKeyHash).toEqual(hash);
    for (const earlier of new Set([0, 1, generation].filter((g) => g <= generation))) {
      const key = await keys.signingKey(earlier);
      expect(key.publicKey).toEqual(publicKey(hkdf(seedOf(earlier), "signing")));
      expect(keys.readSecret(earlier)).toEqual(hkdf(seedOf(earlier), "read"));
    }
  }
  expect((await deviceSeed(recoverySeed)).generation).toBe(0);
});

test("a device signs and seals with the keys of its generation, and names are those of the first", async () => {
  const [first, later] = [await deviceSeed(recoverySeed), await deviceSeed(recoverySeed, 3)];
  const keys = deriveKeys(later);
  expect(keys.signing).toEqual(hkdf(seedOf(3), "signing"));
  expect(keys.read).toEqual(hkdf(seedOf(3), "read"));
  expect(keys.ipns).toEqual(hkdf(seedOf(0), "ipns"));
  expect(keys.swarm).toEqual(deriveKeys(seedOf(0)).swarm);
  expect([deriveKeys(first).ipns, deriveKeys(first).swarm]).toEqual([keys.ipns, keys.swarm]);
});

test("each recovery key is of its generation", async () => {
  for (const generation of [0, 1, 254]) {
    const { publicKey: own } = await recoveryKey(recoverySeed, generation);
    expect(own).toEqual(publicKey(hkdf(recoverySeed, `recovery/${generation}`)));
  }
});

test("a plain seed has one generation, and no recovery key", async () => {
  const keys = new WriterKeys(recoverySeed);
  expect([keys.newest, keys.recoveryKeyHash]).toEqual([0, undefined]);
  expect((await keys.signingKey(0)).publicKey).toEqual(publicKey(hkdf(recoverySeed, "signing")));
  expect(keys.readSecret(0)).toEqual(hkdf(recoverySeed, "read"));
  const given = recoverySeed.slice();
  const held = new WriterKeys(given);
  given.fill(0);
  expect(held.readSecret(0)).toEqual(hkdf(recoverySeed, "read"));
});

test("what a device keeps is enough to come back from, and is a copy", async () => {
  const device = await deviceSeed(recoverySeed, 2);
  const [seed, recoveryKeyHash] = [device.toBytes(), device.recoveryKeyHash.slice()];
  const again = new DeviceSeed(seed, { generation: 2, recoveryKeyHash });
  seed.fill(0);
  recoveryKeyHash.fill(0);
  again.toBytes().fill(0);
  expect(again.toBytes()).toEqual(device.toBytes());
  expect(again.recoveryKeyHash).toEqual(device.recoveryKeyHash);
});

test("no text of it shows the seed", async () => {
  const device = await deviceSeed(recoverySeed, 2);
  const shown = [
    String(device),
    JSON.stringify({ device }),
    inspect(device, { depth: 9, showHidden: true, getters: true }),
    inspect(new WriterKeys(device), { depth: 9, showHidden: true, getters: true }),
    inspect(deriveKeys(device), { depth: 9, showHidden: true, getters: true }),
  ].join("\n");
  expect(shown).toContain("[device seed]");
  const seed = device.toBytes();
  expect(shown).not.toContain(Buffer.from(seed).toString("hex"));
  expect(shown).not.toContain([...seed.subarray(0, 4)].join(", "));
});

test("other lengths and generations are refused", async () => {
  const recoveryKeyHash = new Uint8Array(32);
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "seed.create" });
  for (const generation of [-1, 256, 1.5, Number.NaN]) {
    expect(() => new DeviceSeed(recoverySeed, { generation, recoveryKeyHash })).toThrow(refused);
    await expect(deviceSeed(recoverySeed, generation)).rejects.toThrow(refused);
  }
  for (const seed of [new Uint8Array(31), new Uint8Array(33)])
    expect(() => new DeviceSeed(seed, { generation: 0, recoveryKeyHash })).toThrow(refused);
  for (const bad of [new Uint8Array(31), new Uint8Array(33), "text" as never])
    expect(() => new DeviceSeed(recoverySeed, { generation: 0, recoveryKeyHash: bad })).toThrow(refused);
  // Of the right length, and no bytes.
  expect(
    () => new DeviceSeed(recoverySeed, { generation: 0, recoveryKeyHash: "x".repeat(32) as never }),
  ).toThrow(expect.objectContaining({ message: expect.stringContaining("`recoveryKeyHash` must be") }));
  for (const generation of [0, 255]) new DeviceSeed(recoverySeed, { generation, recoveryKeyHash });
  await expect(deviceSeed(new Uint8Array(16))).rejects.toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
});
