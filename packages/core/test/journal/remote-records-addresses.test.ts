import { expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { text } from "../writer/log-contents.ts";
import { all, journalOf } from "./small-log.ts";

test("what ends before an entry may be left out of all addresses, and nothing else is", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const cuts = { leafSize: 8, fanOut: 4 };
  const hash = new Uint8Array(32);
  const name = new Map<string, string>();
  const named = async (what: string) => {
    const address = await addressOf(text(what), rawSha256);
    name.set(`${address}`, what);
    return address;
  };
  for (let i = 0; i < 16; i++)
    await journal.write([records.refOperation(0, i, { hash, address: await named(`page ${i}`) })], true);
  for (let i = 0; i < 4; i++)
    await journal.write([records.refOperation(1, i, { hash, address: await named(`node ${i}`) })], true);
  await journal.write([records.refOperation(16, 0, { hash, address: await named("highest") })], true);
  for (const first of [0, 4, 8])
    await journal.write(
      [
        records.bundles.putOperation({
          first,
          lengths: [1, 1, 1, 1],
          address: await named(`bundle ${first}`),
        }),
      ],
      true,
    );
  const since = async (entry: number) =>
    (await all(records.loadAddresses(cuts, entry))).map((address) => name.get(`${address}`));
  const from = (what: string, first: number, end: number) =>
    Array.from({ length: end - first }, (_, i) => `${what} ${first + i}`);
  const bundles = ["bundle 0", "bundle 4", "bundle 8"];
  expect(await since(0)).toEqual([...from("page", 0, 16), ...from("node", 0, 4), "highest", ...bundles]);
  expect(await since(8)).toEqual([...from("page", 0, 16), ...from("node", 0, 4), "highest", ...bundles]);
  expect(await since(9)).toEqual([...from("page", 1, 16), ...from("node", 0, 4), "highest", ...bundles]);
  expect(await since(64)).toEqual([
    ...from("page", 7, 16),
    ...from("node", 1, 4),
    "highest",
    ...bundles.slice(1),
  ]);
  expect(await since(65)).toEqual([
    ...from("page", 8, 16),
    ...from("node", 2, 4),
    "highest",
    ...bundles.slice(1),
  ]);
});

test("nodes of every level are told from the one on that an entry is below", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const cuts = { leafSize: 2, fanOut: 4 };
  const hash = new Uint8Array(32);
  const name = new Map<string, string>();
  for (const [level, count] of [8, 8, 4, 2].entries())
    for (let index = 0; index < count; index++) {
      const address = await addressOf(text(`${level} ${index}`), rawSha256);
      name.set(`${address}`, `${level} ${index}`);
      await journal.write([records.refOperation(level, index, { hash, address })], true);
    }
  const first = async (entry: number) => {
    const found = (await all(records.loadAddresses(cuts, entry))).map((address) => name.get(`${address}`)!);
    // Each once, and all after the first of its level.
    expect(new Set(found).size).toBe(found.length);
    return [0, 1, 2, 3].map((level) => {
      const ofLevel = found.filter((one) => one.startsWith(`${level} `)).map((one) => Number(one.slice(2)));
      expect(ofLevel).toEqual(ofLevel.map((_, i) => ofLevel[0]! + i));
      return ofLevel[0];
    });
  };
  // A ref stands for 2, 8, 32 and 128 entries. What ends with the entry before may be asked for still.
  expect(await first(0)).toEqual([0, 0, 0, 0]);
  expect(await first(9)).toEqual([4, 1, 0, 0]);
  expect(await first(16)).toEqual([7, 1, 0, 0]);
  expect(await first(33)).toEqual([undefined, 4, 1, 0]);
  expect(await first(64)).toEqual([undefined, 7, 1, 0]);
});

test("bundles are told from those on that a node before the entry may have", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const bundles = await Promise.all(
    [0, 4, 8, 12].map(async (first) => ({
      first,
      lengths: [1, 1],
      address: await addressOf(text(`${first}`), rawSha256),
    })),
  );
  await journal.write(
    bundles.map((bundle) => records.bundles.putOperation(bundle)),
    true,
  );
  const since = async (entry: number) => {
    const found = await all(records.loadAddresses({ leafSize: 2, fanOut: 4 }, entry));
    return found.map((address) => bundles.find((one) => one.address.equals(address))!.first);
  };
  expect(await since(0)).toEqual([0, 4, 8, 12]);
  expect(await since(9)).toEqual([0, 4, 8, 12]);
  expect(await since(10)).toEqual([4, 8, 12]);
  expect(await since(17)).toEqual([4, 8, 12]);
  expect(await since(18)).toEqual([8, 12]);
});
