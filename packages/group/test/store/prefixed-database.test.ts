import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { prefixedDatabase } from "../../src/store/prefixed-database.ts";
import { spiedDatabase } from "./spied-database.ts";

const views = { keyEncoding: "view", valueEncoding: "view" } as const;

test("parts of one database do not see each other, and are closed apart", async () => {
  const whole = new MemoryLevel<Uint8Array, Uint8Array>();
  const [one, two] = [
    prefixedDatabase(whole, Uint8Array.of(1)),
    prefixedDatabase(whole, Uint8Array.of(1, 255)),
  ];
  await one.open();
  for (const [database, value] of [
    [one, 7],
    [two, 8],
  ] as const)
    await database.batch([{ type: "put", key: Uint8Array.of(5), value: Uint8Array.of(value) }], views);
  expect([...(await one.get(Uint8Array.of(5), views))!]).toEqual([7]);
  expect([...(await two.get(Uint8Array.of(5), views))!]).toEqual([8]);
  const found: unknown[] = [];
  for await (const [key, value] of one.iterator({ ...views, gte: Uint8Array.of(0), lt: Uint8Array.of(9) }))
    found.push([[...key], [...value]]);
  expect(found).toEqual([[[5], [7]]]);
  await one.batch([{ type: "del", key: Uint8Array.of(5) }], views);
  expect(await one.get(Uint8Array.of(5), views)).toBeUndefined();
  await one.close();
  expect([one.status, two.status, whole.status]).toEqual(["closed", "open", "open"]);
  await one.open();
  expect(one.status).toBe("open");
  await whole.close();
});

test("a part of a named database has a name of its own, by which browsers lock other tabs out", () => {
  const named = (location: unknown) => Object.assign(new MemoryLevel<Uint8Array, Uint8Array>(), { location });
  const whole = Object.assign(named("notes"), { namePrefix: "level-js-" });
  expect(prefixedDatabase(whole, Uint8Array.of(4, 0))).toMatchObject({
    location: "notes/4.0",
    namePrefix: "level-js-",
  });
  expect(prefixedDatabase(named(undefined), Uint8Array.of(1))).not.toHaveProperty("location");
});

test("a part opens the whole one, and closing the part leaves that open", async () => {
  const whole = spiedDatabase();
  const part = prefixedDatabase(whole, Uint8Array.of(1));
  await part.open();
  expect(whole.opened).toBe(1);
  await part.close();
  await part.open();
  expect([whole.opened, whole.status]).toEqual([2, "open"]);
});
