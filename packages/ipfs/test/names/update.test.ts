import { type Address, IntegrityError, NotFoundError } from "@remote-log/core";
import { ipnsNames } from "@remote-log/ipfs";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { readRecord } from "../../src/record/read-record.ts";
import { alice, opened } from "../opened-names.ts";
import { addressFor, HOUR, record } from "../records.ts";
import { deferred, sequenceOf } from "../routes-in-memory.ts";

test("sequence numbers count on from the revision that is expected, whatever the routes show", async () => {
  const { names, route } = opened();
  const name = alice.name.text;
  let expected = await names.update(name, bytes("0"), { expected: null });
  route.held.clear();
  for (let i = 1; i < 12; i++) expected = await names.update(name, bytes(`${i}`), { expected });
  expect(expected).toMatch(/^11-bafk/);
  expect(route.puts.map(sequenceOf)).toEqual(Array.from({ length: 12 }, (_, i) => BigInt(i)));
  expect(route.gets).toBe(0);
});

test("an update at the last sequence number is refused, with what to do", async () => {
  const { names, route } = opened();
  const cid = await addressFor(bytes("x"));
  const last = `${2n ** 63n - 2n}-${cid}`;
  const revision = await names.update(alice.name.text, bytes("last"), { expected: last });
  for (const expected of [revision, `${2n ** 64n - 1n}-${cid}`]) {
    const error = await failure(names.update(alice.name.text, bytes("more"), { expected }));
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", retry: "never" });
    expect(error.message).toContain("another one");
  }
  expect(route.puts.length).toBe(1);
});

test("an update that expects a revision of another system is a conflict, before anything is sent", async () => {
  const { names, route, storage } = opened();
  for (const expected of ["7", '"etag"', "", "1-x"]) {
    const updating = names.update(alice.name.text, bytes("x"), { expected });
    expect(await failure(updating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  }
  expect(route.puts.length).toBe(0);
  expect(await storage.has(await addressFor(bytes("x")))).toBe(false);
});

test("an update below a record that was seen is a conflict, before anything is sent", async () => {
  const one = opened();
  one.route.held.set(alice.name.text, await record(alice, bytes("theirs"), { sequence: 7n }));
  await one.names.resolve(alice.name.text);
  const expected = `6-${await addressFor(bytes("ours"))}`;
  const updating = one.names.update(alice.name.text, bytes("mine"), { expected });
  expect(await failure(updating)).toMatchObject({ code: "ERR_NAME_CONFLICT" });
  expect(one.route.puts.length).toBe(0);
  expect(await one.names.update(alice.name.text, bytes("theirs"), { expected })).toMatch(/^7-/);
});

test("an update that is sent again, with nothing known of the first, puts the same bytes", async () => {
  const { names, route } = opened();
  route.onPut = async () => {
    throw new TypeError("fetch failed");
  };
  const name = alice.name.text;
  const lost = await failure(names.update(name, bytes("one"), { expected: null }));
  expect(lost).toMatchObject({ code: "ERR_UNREACHABLE", retry: "safe" });
  route.onPut = undefined;
  await names.update(name, bytes("one"), { expected: null });
  expect(route.puts.length).toBe(2);
  expect(route.puts[1]).toEqual(route.puts[0]);
});

test("an update that a route refuses has succeeded where the route holds just that", async () => {
  const one = opened();
  // As after a crash: the same update, signed anew, with another time.
  const earlier = await record(alice, bytes("one"), { sequence: 0n, lifetimeMilliseconds: 2 * HOUR });
  one.route.held.set(alice.name.text, earlier);
  const revision = await one.names.update(alice.name.text, bytes("one"), { expected: null });
  expect(revision).toMatch(/^0-/);
  expect([one.route.puts.length, one.route.gets]).toEqual([1, 1]);
  expect(one.route.held.get(alice.name.text)).toEqual(earlier);
});

test("an update that a route refuses for another record of its number, or above it, is a conflict", async () => {
  for (const sequence of [0n, 3n]) {
    const one = opened();
    const theirs = await record(alice, bytes("theirs"), { sequence });
    one.route.held.set(alice.name.text, theirs);
    const error = await failure(one.names.update(alice.name.text, bytes("ours"), { expected: null }));
    expect(error).toMatchObject({ code: "ERR_NAME_CONFLICT" });
    expect(one.route.held.get(alice.name.text)).toEqual(theirs);
  }
});

test("a head is in the storage before its record is on any route", async () => {
  const { names, storage, route } = opened();
  const seen: boolean[] = [];
  route.onPut = async (name, sent) => {
    const { address } = await readRecord(sent, name);
    seen.push(address !== undefined && (await storage.has(address)));
  };
  await names.update(alice.name.text, bytes("one"), { expected: null });
  expect(seen).toEqual([true]);
  const broken = opened();
  const failing = {
    ...broken.storage,
    put: () => Promise.reject(new NotFoundError("no", { operation: "x.y" })),
  };
  const other = ipnsNames({ storage: failing, routes: [broken.route], nameKey: alice.seed });
  expect(await failure(other.update(alice.name.text, bytes("one"), { expected: null }))).toMatchObject({
    code: "ERR_NOT_FOUND",
  });
  expect(broken.route.puts.length).toBe(0);
});

test("a storage that keeps something else than it was given ends the update", async () => {
  const { storage, route } = opened();
  const wrong = { ...storage, put: () => storage.put(bytes("something else")) };
  const names = ipnsNames({ storage: wrong, routes: [route], nameKey: alice.seed });
  const error = await failure(names.update(alice.name.text, bytes("one"), { expected: null }));
  expect(error).toBeInstanceOf(IntegrityError);
  expect(route.puts.length).toBe(0);
});

test("the head before the last two is released, and no other", async () => {
  const { storage, route } = opened();
  const released: string[] = [];
  const pinning = {
    ...storage,
    release: async (address: Address) => {
      released.push(`${address}`);
      throw new Error("released or not, the update has succeeded");
    },
  };
  const open = () => ipnsNames({ storage: pinning, routes: [route], nameKey: alice.seed });
  const heads = await Promise.all(["a", "b", "c", "a", "d", "e", "f"].map((text) => addressFor(bytes(text))));
  let names = open();
  let expected: string | null = null;
  const publish = async (text: string) => {
    expected = await names.update(alice.name.text, bytes(text), { expected });
    await names.resolve(alice.name.text);
  };
  await publish("a");
  await publish("b");
  expect(released).toEqual([]);
  await publish("c");
  expect(released).toEqual([`${heads[0]}`]);
  await publish("a");
  await publish("d");
  expect(released.slice(1)).toEqual([`${heads[1]}`, `${heads[2]}`]);
  // Another process knows the head before its own from the revision.
  names = open();
  await publish("e");
  expect(released.length).toBe(3);
  await publish("f");
  expect(released.slice(3)).toEqual([`${heads[4]}`]);
});

test("a head that is published again while its pin is taken away has a pin in the end", async () => {
  const { storage, route } = opened();
  const pins = new Set<string>();
  const slow = deferred();
  const pinning = {
    ...storage,
    put: async (content: Uint8Array) => {
      const address = await storage.put(content);
      pins.add(`${address}`);
      return address;
    },
    release: async (address: Address) => {
      await slow.promise;
      pins.delete(`${address}`);
    },
  };
  const names = ipnsNames({ storage: pinning, routes: [route], nameKey: alice.seed });
  let expected: string | null = null;
  for (const text of ["a", "b", "c"]) {
    expected = await names.update(alice.name.text, bytes(text), { expected });
  }
  const again = names.update(alice.name.text, bytes("a"), { expected });
  setTimeout(() => slow.resolve(), 20);
  await again;
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((text) => addressFor(bytes(text))));
  await expect.poll(() => [...pins].toSorted()).toEqual([`${a}`, `${c}`].toSorted());
  expect(pins.has(`${b}`)).toBe(false);
});

test("a head that another name needs is not released", async () => {
  const { storage, route } = opened();
  const released: string[] = [];
  const pinning = { ...storage, release: async (address: Address) => void released.push(`${address}`) };
  const names = ipnsNames({ storage: pinning, routes: [route], nameKey: alice.seed });
  const one = await names.update("one", bytes("shared"), { expected: null });
  const two = await names.update("two", bytes("shared"), { expected: null });
  const later = await names.update("one", bytes("1"), { expected: one });
  await names.update("one", bytes("2"), { expected: later });
  expect(released).toEqual([]);
  const other = await names.update("two", bytes("3"), { expected: two });
  await names.update("two", bytes("4"), { expected: other });
  expect(released).toEqual([`${await addressFor(bytes("shared"))}`]);
});

test("what is done to the bytes afterwards changes nothing", async () => {
  const { names, route } = opened();
  const content = bytes("as it was");
  const updating = names.update(alice.name.text, content, { expected: null });
  content.fill(0);
  await updating;
  const first = await names.resolve(alice.name.text);
  if (first.status === "found") first.content.fill(0);
  expect(await names.resolve(alice.name.text)).toMatchObject({ content: bytes("as it was") });
  const copy = Uint8Array.from(route.puts[0]!);
  const putting = names.putRecord(alice.name.text, route.puts[0]!);
  route.puts[0]!.fill(0);
  await putting;
  expect(route.puts.at(-1)).toEqual(copy);
});
