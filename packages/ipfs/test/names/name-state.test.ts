import { rawSha256 } from "@remote-log/core";
import { memoryStorage } from "@remote-log/memory";
import { bytes } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { IpnsDriver } from "../../src/names/driver.ts";
import { ageText } from "../../src/names/errors.ts";
import { NameState } from "../../src/names/name-state.ts";
import { checkNamesOptions } from "../../src/names/options.ts";
import { readRecord } from "../../src/record/read-record.ts";
import { alice } from "../opened-names.ts";
import { addressFor, HOUR, record } from "../records.ts";
import { MapRoute } from "../routes-in-memory.ts";

const head = bytes("a head");
const state = () => new NameState(alice);
const read = async (...[of, rest]: [Uint8Array, Parameters<typeof record>[2]?]) =>
  readRecord(await record(alice, of, rest), alice.name);

test("the highest record that was seen stays, and of two that are as high the first", async () => {
  const [low, high] = [await read(head, { sequence: 1n }), await read(head, { sequence: 2n })];
  const one = state();
  expect([one.highest, one.floor(), one.floor(7n)]).toEqual([undefined, 0n, 7n]);
  one.saw(high);
  one.saw(low);
  one.saw({ ...high });
  expect(one.highest).toBe(high);
  expect([one.floor(), one.floor(1n), one.floor(2n), one.floor(3n)]).toEqual([2n, 2n, 2n, 3n]);
});

test("the same record is signed once, until it has expired", async () => {
  const one = state();
  const content = {
    address: await addressFor(head),
    head,
    sequence: 1n,
    lifetimeMilliseconds: HOUR,
    ttlMilliseconds: 0,
  };
  const signed = await one.sign(alice.key, content);
  expect(await one.sign(alice.key, content)).toBe(signed);
  const other = { ...content, head: bytes("other"), address: await addressFor(bytes("other")) };
  expect((await one.sign(alice.key, other)).address?.equals(other.address)).toBe(true);
  const next = await one.sign(alice.key, { ...other, sequence: 2n });
  expect(next.sequence).toBe(2n);
  const short = { ...content, sequence: 3n, lifetimeMilliseconds: -1000 };
  const expired = await one.sign(alice.key, short);
  expect(await one.sign(alice.key, short)).not.toBe(expired);
});

const [SECOND, MINUTE, DAY] = [1000, 60_000, 24 * HOUR];

test.each([
  [0, "0 seconds"],
  [SECOND - 1, "0 seconds"],
  [SECOND, "1 seconds"],
  [2 * MINUTE - 1, "119 seconds"],
  [2 * MINUTE, "2 minutes"],
  [3 * MINUTE - 1, "2 minutes"],
  [2 * HOUR - 1, "119 minutes"],
  [2 * HOUR, "2 hours"],
  [2 * DAY - 1, "47 hours"],
  [2 * DAY, "2 days"],
  [3 * DAY - 1, "2 days"],
])("%d milliseconds ago is %s ago", (milliseconds, text) => {
  expect(ageText(milliseconds)).toBe(text);
});

const given = () => ({ storage: memoryStorage(), routes: [new MapRoute()] });

test("names have defaults, and keep what was given", () => {
  const options = given();
  const usual = {
    lifetimeMilliseconds: 365 * DAY,
    ttlMilliseconds: 60_000,
    routeMilliseconds: 60_000,
    publishMilliseconds: 90_000,
    patienceMilliseconds: 3000,
  };
  expect(checkNamesOptions(options)).toEqual({ ...options, ...usual });
  const other = {
    lifetimeMilliseconds: 1,
    ttlMilliseconds: 0,
    routeMilliseconds: 1,
    publishMilliseconds: 1,
    patienceMilliseconds: 0,
    acceptExpired: false,
  };
  expect(checkNamesOptions({ ...options, ...other })).toEqual({ ...options, ...other });
});

test.each([
  ["lifetimeMilliseconds", 1, 100 * 365 * DAY],
  ["ttlMilliseconds", 0, 100 * 365 * DAY],
  ["routeMilliseconds", 1, 2 ** 31 - 1],
  ["publishMilliseconds", 1, 2 ** 31 - 1],
  ["patienceMilliseconds", 0, 2 ** 31 - 1],
])("%s is from %d to %d", (option, least, largest) => {
  const check = (value: number) => () => checkNamesOptions({ ...given(), [option]: value });
  expect(check(least)()).toHaveProperty(option, least);
  expect(check(largest)()).toHaveProperty(option, largest);
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "ipns.open" });
  for (const value of [least - 1, largest + 1, 1.5]) expect(check(value)).toThrow(refused);
});

test.each([
  ["another codec", [{ ...rawSha256, codec: 0x70 }]],
  ["another hash", [{ ...rawSha256, hash: 0x1e }]],
  ["no hash at all", []],
])("a storage with %s can't hold heads", (_, hashTypes) => {
  const storage = memoryStorage();
  const capabilities = { ...storage.capabilities, hashTypes };
  const refused = expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "ipns.open" });
  expect(() => checkNamesOptions({ ...given(), storage: { ...storage, capabilities } })).toThrow(refused);
});

test("a resolver is called by its routes, and waits for the storage and for all of them", () => {
  const routes = [new MapRoute("one"), new MapRoute("two")];
  const driver = new IpnsDriver({ storage: memoryStorage(), routes, publishMilliseconds: 7 });
  expect([driver.name, driver.place]).toEqual(["ipns", "one, two"]);
  expect(driver.capabilities).toMatchObject({ updateMilliseconds: 60_007, readYourWrites: false });
});

test.each([
  [1024 * 1024 - 1, 1024 * 1024 - 1],
  [1024 * 1024, 1024 * 1024],
  [1024 * 1024 + 1, 1024 * 1024],
])("over a storage for contents of %d bytes, a head has at most %d", (largestContent, largest) => {
  const storage = memoryStorage();
  const capabilities = { ...storage.capabilities, largestContent };
  const driver = new IpnsDriver({ ...given(), storage: { ...storage, capabilities } });
  expect(driver.capabilities.largestContent).toBe(largest);
});

test("what is remembered of a name is shared by all that ask for it at once", async () => {
  const driver = new IpnsDriver({ ...given(), nameKey: alice.seed });
  const [one, other] = await Promise.all([driver.stateOf("a"), driver.stateOf("a")]);
  expect(other).toBe(one);
  expect(await driver.stateOf("a")).toBe(one);
  expect(await driver.stateOf("b")).not.toBe(one);
});
