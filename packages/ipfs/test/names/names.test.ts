import { createHmac } from "node:crypto";
import type { StorageBackend } from "@remote-log/core";
import { ipnsNames } from "@remote-log/ipfs";
import { memoryStorage } from "@remote-log/memory";
import { bytes, failure, randomBytes } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { expiredFor } from "../../src/record/ipns-record.ts";
import { alice, bob, opened, readerOf } from "../opened-names.ts";
import { addressFor, foreignRecord, HOUR, record } from "../records.ts";
import { MapRoute } from "../routes-in-memory.ts";

test("a writer publishes under the name of its key, and a reader without the key reads it", async () => {
  const writer = opened();
  const name = (await writer.names.nameOf(alice.name.text)).text;
  expect(await writer.names.resolve(name)).toEqual({ status: "absent" });
  const revision = await writer.names.update(name, bytes("one"), { expected: null });
  expect(revision).toBe(`0-${await addressFor(bytes("one"))}`);
  const found = await readerOf(writer).resolve(name);
  expect(found).toEqual({ status: "found", content: bytes("one"), revision });
});

test("a text that is no IPNS name stands for a key that follows from it by HKDF", async () => {
  const { names } = opened();
  const text = "0".repeat(64);
  const extracted = createHmac("sha256", Buffer.alloc(32)).update(alice.seed).digest();
  const seed = createHmac("sha256", extracted).update(`remote-log/v1/ipns/${text}\u0001`).digest();
  const { generateKeyPairFromSeed } = await import("@libp2p/crypto/keys");
  const { publicKey } = await generateKeyPairFromSeed("Ed25519", seed);
  const { IpnsName } = await import("../../src/record/ipns-name.ts");
  expect((await names.nameOf(text)).text).toBe(IpnsName.fromPublicKey(publicKey.raw).text);
});

test("an IPNS name has one text: others that mean one are refused", async () => {
  const { names } = opened();
  const peerId = "12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4XJjyYqnhYUTZsF";
  for (const text of [
    `/ipns/${alice.name}`,
    peerId,
    `ipns://${alice.name}`,
    "k51qzi5uqu5d",
    "/ipns/example.org",
  ]) {
    expect(await failure(names.resolve(text)), text).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

test("without the name key other texts than IPNS names are refused, and nothing is asked", async () => {
  const writer = opened();
  const error = await failure(readerOf(writer).resolve("f".repeat(64)));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(writer.route.gets).toBe(0);
});

test("a name whose key is not known can be read, and not updated", async () => {
  const { names, route } = opened();
  route.held.set(bob.name.text, await record(bob, bytes("of bob")));
  expect(await names.resolve(bob.name.text)).toMatchObject({ content: bytes("of bob") });
  const updating = names.update(bob.name.text, bytes("x"), { expected: null });
  expect(await failure(updating)).toMatchObject({ code: "ERR_DENIED", retry: "never", reason: "no-key" });
  expect(route.puts).toEqual([]);
});

test("a head that fits rides in the record: reading it asks the storage nothing", async () => {
  const { names, storage } = opened();
  let reads = 0;
  const counting: StorageBackend = {
    ...storage,
    get: (...parameters) => {
      reads++;
      return storage.get(...parameters);
    },
  };
  const route = new MapRoute();
  const writer = ipnsNames({ storage: counting, routes: [route], nameKey: alice.seed });
  const [small, large] = [randomBytes(9_000), randomBytes(11_000)];
  const expected = await writer.update(alice.name.text, small, { expected: null });
  const reader = ipnsNames({ storage: counting, routes: [route] });
  expect(await reader.resolve(alice.name.text)).toMatchObject({ content: small });
  expect(reads).toBe(0);
  await writer.update(alice.name.text, large, { expected });
  expect(await reader.resolve(alice.name.text)).toMatchObject({ content: large });
  expect(reads).toBe(1);
  await names.close();
});

test("a head that the storage does not have yet is not propagated; one that does not match is corrupt", async () => {
  const large = randomBytes(20_000);
  const empty = opened();
  empty.route.held.set(alice.name.text, await record(alice, large));
  const reader = readerOf(empty);
  expect(await failure(reader.resolve(alice.name.text))).toMatchObject({
    code: "ERR_NOT_PROPAGATED",
    retry: "safe",
  });
  const lying = { ...empty.storage, get: async () => randomBytes(20_000) };
  const fooled = readerOf({ ...empty, storage: lying });
  expect(await failure(fooled.resolve(alice.name.text))).toMatchObject({ code: "ERR_INTEGRITY" });
});

test("who knows the revision gets unchanged, and no head is read for it", async () => {
  const empty = opened();
  const head = randomBytes(20_000);
  empty.route.held.set(alice.name.text, await record(alice, head, { sequence: 4n }));
  const known = `4-${await addressFor(head)}`;
  expect(await readerOf(empty).resolve(alice.name.text, { known })).toEqual({
    status: "unchanged",
    revision: known,
  });
});

test("a record below the known revision is stale, and so is one below what was seen before", async () => {
  const one = opened();
  const older = await record(alice, bytes("older"), { sequence: 4n });
  one.route.held.set(alice.name.text, older);
  const known = `5-${await addressFor(bytes("newer"))}`;
  const reader = readerOf(one);
  expect(await failure(reader.resolve(alice.name.text, { known }))).toMatchObject({
    code: "ERR_STALE",
    retry: "safe",
  });
  expect(await reader.resolve(alice.name.text)).toMatchObject({ content: bytes("older") });
  one.route.held.set(alice.name.text, await record(alice, bytes("newer"), { sequence: 5n }));
  expect(await reader.resolve(alice.name.text)).toMatchObject({ content: bytes("newer") });
  one.route.held.set(alice.name.text, older);
  expect(await failure(reader.resolve(alice.name.text))).toMatchObject({ code: "ERR_STALE" });
  expect(await failure(reader.record(alice.name.text))).toMatchObject({ code: "ERR_STALE", reason: "older" });
  // Who has not seen it can't know.
  expect(await readerOf(one).resolve(alice.name.text)).toMatchObject({ content: bytes("older") });
});

test("what only looks like a revision is no floor", async () => {
  const one = opened();
  one.route.held.set(alice.name.text, await record(alice, bytes("x"), { sequence: 1n }));
  for (const known of [
    "9",
    "9-",
    "9-bafk",
    "-1-b",
    '"etag"',
    "09-bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
  ]) {
    expect(await readerOf(one).resolve(alice.name.text, { known })).toMatchObject({ status: "found" });
  }
});

test("an expired record is stale with its age, unless that is asked for, or one has the key", async () => {
  const one = opened();
  const days = -3 * 24 * HOUR;
  one.route.held.set(alice.name.text, await record(alice, bytes("old"), { lifetimeMilliseconds: days }));
  const error = await failure(readerOf(one).resolve(alice.name.text));
  expect(error).toMatchObject({ code: "ERR_STALE", reason: "expired" });
  expect(error.message).toContain("3 days ago");
  expect(error.message).toMatch(/by the clock of this machine \(\d{4}-\d\d-\d\d\)/);
  const accepting = readerOf(one, { acceptExpired: true });
  expect(await accepting.resolve(alice.name.text)).toMatchObject({ content: bytes("old") });
  expect(await one.names.resolve(alice.name.text)).toMatchObject({ content: bytes("old") });
  const strict = readerOf(one, { nameKey: alice.seed, acceptExpired: false });
  expect(await failure(strict.resolve(alice.name.text))).toMatchObject({ code: "ERR_STALE" });
  const shown = await readerOf(one).record(alice.name.text);
  expect(shown && expiredFor(shown)).toBeGreaterThan(2 * 24 * HOUR);
});

test("a record that was seen, has expired since and is shown no more is stale, not absent", async () => {
  const one = opened();
  const reader = readerOf(one);
  one.route.held.set(alice.name.text, await record(alice, bytes("short")));
  expect(await reader.resolve(alice.name.text)).toMatchObject({ content: bytes("short") });
  // Nodes give away no expired record.
  one.route.held.clear();
  expect(await reader.resolve(alice.name.text)).toEqual({ status: "absent" });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * HOUR });
  try {
    expect(await failure(reader.resolve(alice.name.text))).toMatchObject({ code: "ERR_STALE" });
  } finally {
    vi.useRealTimers();
  }
});

test("a record that points at anything else than a head is malformed", async () => {
  const one = opened();
  for (const value of ["/ipns/example.org", "/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"]) {
    one.route.held.set(alice.name.text, await foreignRecord(alice, value));
    const error = await failure(one.names.resolve(alice.name.text));
    expect(error).toMatchObject({ code: "ERR_MALFORMED" });
    expect(error.message).toContain(value);
  }
});

test("a name key is copied when the names are opened, and shown nowhere", async () => {
  const seed = Uint8Array.from(alice.seed);
  const { names } = opened({ nameKey: seed });
  seed.fill(9);
  await names.update(alice.name.text, bytes("x"), { expected: null });
  const { inspect } = await import("node:util");
  expect(inspect(names, { depth: 9, showHidden: true, getters: true })).not.toMatch(/1,\s*1,\s*1,\s*1/);
  expect(JSON.stringify(names)).not.toContain("1,1,1");
});

test("options that can't be used are refused when the names are opened", () => {
  const storage = memoryStorage();
  const routes = [new MapRoute()];
  const keccak = {
    ...storage,
    capabilities: {
      ...storage.capabilities,
      hashTypes: [{ ...storage.capabilities.hashTypes[0]!, hash: 0x1b }],
    },
  };
  for (const options of [
    { storage, routes: [] },
    { storage: keccak, routes },
    { storage, routes, nameKey: new Uint8Array(31) },
    { storage, routes, lifetimeMilliseconds: 0 },
    { storage, routes, lifetimeMilliseconds: 1e15 },
    { storage, routes, ttlMilliseconds: -1 },
    { storage, routes, routeMilliseconds: Number.NaN },
    { storage, routes, publishMilliseconds: 2 ** 31 },
    { storage, routes, patienceMilliseconds: 0.5 },
  ]) {
    expect(() => ipnsNames(options)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }) as Error);
  }
});
