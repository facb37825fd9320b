import { NotFoundError, UnreachableError } from "@remote-log/core";
import type { Lifetime } from "@remote-log/core/adapter";
import { memoryStorage } from "@remote-log/memory";
import { bytes, failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { HeadPins } from "../../src/names/head-pins.ts";
import { Heads } from "../../src/names/heads.ts";
import type { HeadStorage } from "../../src/names/options.ts";
import type { IpnsRecord } from "../../src/record/ipns-record.ts";
import { addressFor } from "../records.ts";

const addressOfText = (text: string) => addressFor(bytes(text));
const one = await addressOfText("1");
const two = await addressOfText("2");
const three = await addressOfText("3");
const four = await addressOfText("4");

const texts = (all: readonly unknown[]) => all.map(String);

/** Stores a head, and points a name at it. */
function publish(pins: HeadPins, name: string, head: typeof one, previous?: typeof one): string[] {
  pins.begin(name, head);
  const released = pins.accept(name, head, previous);
  pins.end(head);
  return texts(released);
}

test("a name needs its head and the one before; what it held earlier is released once", () => {
  const pins = new HeadPins();
  expect(publish(pins, "a", one)).toEqual([]);
  expect(publish(pins, "a", two, one)).toEqual([]);
  expect(publish(pins, "a", three, two)).toEqual(texts([one]));
  expect(publish(pins, "a", four, three)).toEqual(texts([two]));
});

test("a head that was stored and never published is released with the next one", () => {
  const pins = new HeadPins();
  publish(pins, "a", one);
  pins.begin("a", two);
  pins.end(two);
  expect(publish(pins, "a", three, one)).toEqual(texts([two]));
});

test("a head that is being sent is released by nobody", () => {
  const pins = new HeadPins();
  publish(pins, "a", one);
  pins.begin("a", two);
  expect(publish(pins, "a", three, one)).toEqual([]);
  pins.end(two);
  expect(publish(pins, "a", four, three)).toEqual(texts([one, two]));
});

test("the end of one sending ends no other of the same head", () => {
  const pins = new HeadPins();
  pins.begin("a", one);
  pins.begin("b", one);
  pins.begin("c", two);
  pins.end(one);
  expect(publish(pins, "a", three)).toEqual([]);
  expect(publish(pins, "c", three)).toEqual([]);
});

test("the same content may be the head of two names", () => {
  const pins = new HeadPins();
  publish(pins, "a", one);
  publish(pins, "b", one);
  publish(pins, "a", two, one);
  expect(publish(pins, "a", three, two)).toEqual([]);
  publish(pins, "b", two, one);
  expect(publish(pins, "b", three, two)).toEqual(texts([one]));
});

test("a head that this object did not store is released when it is no longer the one before", () => {
  const pins = new HeadPins();
  expect(publish(pins, "a", two, one)).toEqual([]);
  expect(publish(pins, "a", three, two)).toEqual(texts([one]));
});

const call = {
  signal: new AbortController().signal,
  context: { operation: "names.resolve", action: "reading a name" },
};

function headsOver(storage: HeadStorage): Heads {
  return new Heads(storage, {} as Lifetime);
}

/** A storage that fails to read. */
function storageThatFails(error: unknown): HeadStorage {
  return { ...memoryStorage(), get: () => Promise.reject(error) };
}

test("a head in its record is taken from it up to the limit, and the storage is not asked", async () => {
  const heads = headsOver(storageThatFails(new Error("nothing is asked for")));
  const record = { head: bytes("1") } as unknown as IpnsRecord;
  expect(await heads.read(record, one, 1, call)).toEqual(bytes("1"));
  const refused = { code: "ERR_TOO_LARGE", limit: 0, operation: "names.resolve" };
  expect(await failure(heads.read(record, one, 0, call))).toMatchObject(refused);
});

const bare = {} as IpnsRecord;

test("a head that is missing has not spread yet, and any other failure stays as it is", async () => {
  const missing = new NotFoundError("no", { operation: "storage.get" });
  const error = { code: "ERR_NOT_PROPAGATED", retry: "safe", cause: missing, operation: "names.resolve" };
  expect(await failure(headsOver(storageThatFails(missing)).read(bare, one, 9, call))).toMatchObject(error);
  const others = [
    new UnreachableError("no", { operation: "storage.get" }),
    Object.assign(new Error("no"), { code: "ERR_NOT_FOUND" }),
    "a text",
  ];
  for (const other of others) {
    expect(await failure(headsOver(storageThatFails(other)).read(bare, one, 9, call))).toBe(other);
  }
});

test("what a storage shows is held against the address", async () => {
  const lying: HeadStorage = { ...memoryStorage(), get: async () => bytes("another") };
  expect(await failure(headsOver(lying).read(bare, one, 9, call))).toMatchObject({ code: "ERR_INTEGRITY" });
});
