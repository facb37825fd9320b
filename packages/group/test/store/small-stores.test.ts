// The keys, the settings and the witnesses of a device, as its databases have them.

import type { KeyValueDatabase } from "@remote-log/core";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { READERS } from "../../src/store/group-store.ts";
import { KnownKeys } from "../../src/store/known-keys.ts";
import { Settings } from "../../src/store/settings.ts";
import { storeWitness } from "../../src/store/store-witness.ts";
import { takeDatabases } from "../../src/store/take-databases.ts";
import { spiedDatabase } from "./spied-database.ts";

const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)];

test("keys are there for the next run, a newer one takes the place of an older, and one is forgotten alone", async () => {
  const database = spiedDatabase();
  const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  const told = (of: KnownKeys, log: string): unknown => {
    const found = of.get(log);
    return found && [found.epoch, [...found.key]];
  };
  const keys = await KnownKeys.load(database);
  expect(keys.get(ONE)).toBeUndefined();
  await keys.keep(
    new Map([
      [ONE, { epoch: 0, key: key(1) }],
      [TWO, { epoch: 2 ** 40, key: key(2) }],
    ]),
  );
  await keys.keep(new Map([[ONE, { epoch: 1, key: key(3) }]]));
  expect(database.writes).toEqual([
    { operations: 2, sync: true },
    { operations: 1, sync: true },
  ]);
  for (const known of [keys, await KnownKeys.load(database)])
    expect([told(known, ONE), told(known, TWO)]).toEqual([
      [1, [...key(3)]],
      [2 ** 40, [...key(2)]],
    ]);
  expect([await keys.forget(ONE), await keys.forget(ONE)]).toEqual([true, false]);
  expect(database.writes).toHaveLength(3);
  expect(database.writes[2]).toEqual({ operations: 1, sync: true });
  for (const known of [keys, await KnownKeys.load(database)])
    expect([known.get(ONE), known.get(TWO)?.epoch]).toEqual([undefined, 2 ** 40]);
});

test("keys and what readers keep are apart, and so are witnesses", async () => {
  const database = spiedDatabase();
  const keys = await KnownKeys.load(database);
  await keys.keep(new Map([[ONE, { epoch: 0, key: new Uint8Array(32) }]]));
  await storeWitness(database, 3).save(new Uint8Array([5]));
  expect([...(await database.contents()).keys()].map((at) => at.slice(0, 4))).toEqual(["0711", "0803"]);
  expect([...READERS]).toEqual([6]);
});

test("a setting is durable when it is set, and a list that was never set is empty", async () => {
  const database = spiedDatabase();
  const settings = new Settings(database);
  expect([await settings.get("group"), await settings.list("welcomes")]).toEqual([undefined, []]);
  await settings.set("group", "Grüße");
  await settings.setList("welcomes", [1, 2]);
  await settings.setList("shut-out", ["a"]);
  expect(database.writes).toEqual(Array(3).fill({ operations: 1, sync: true }));
  const again = new Settings(database);
  expect([await again.get("group"), await again.list("welcomes"), await again.list("shut-out")]).toEqual([
    "Grüße",
    [1, 2],
    ["a"],
  ]);
});

test("a witness opens the store, keeps a value for each log, and leaves it to the next entry to sync it", async () => {
  const database = spiedDatabase();
  const [one, two] = [storeWitness(database, 1), storeWitness(database, 2)];
  expect(await one.load()).toBeUndefined();
  expect(database.opened).toBe(1);
  await one.save(new Uint8Array([1]));
  await two.save(new Uint8Array([2]));
  expect(database.writes[0]).toEqual({ operations: 1, sync: false });
  expect([[...(await one.load())!], [...(await two.load())!]]).toEqual([[1], [2]]);
  await one.close?.();
  expect(database.status).toBe("open");
});

test("each database belongs to one group until that gives it back", () => {
  const [journal, store, other] = Array.from(
    { length: 3 },
    (): KeyValueDatabase => new MemoryLevel<Uint8Array, Uint8Array>(),
  ) as [KeyValueDatabase, KeyValueDatabase, KeyValueDatabase];
  const locked = expect.objectContaining({
    code: "ERR_JOURNAL_LOCKED",
    message: expect.stringContaining("Another group"),
  });
  expect(() => takeDatabases(journal, journal)).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT" }),
  );
  const giveBack = takeDatabases(journal, store);
  for (const [one, two] of [
    [journal, other],
    [other, journal],
    [store, other],
    [other, store],
  ] as const)
    expect(() => takeDatabases(one, two)).toThrow(locked);
  giveBack();
  for (const [one, two] of [
    [journal, other],
    [store, other],
  ] as const)
    takeDatabases(one, two)();
  takeDatabases(journal, store)();
});
