import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { BundleRecords } from "../../src/journal/bundle-records.ts";
import { forgetRemote, forgetRemotes } from "../../src/journal/forget-remotes.ts";
import { Journal } from "../../src/journal/journal.ts";
import { bundleKey } from "../../src/journal/keys.ts";

const address = Address.create(0x55, 0x12, new Uint8Array(32).fill(3));
const bundles = [
  { first: 0, address, lengths: [1, 2] },
  { first: 256, address, lengths: [127, 128, 0, 70_000] },
  { first: 2 ** 40, address, lengths: [5, 6] },
];

async function opened(labels: readonly string[]) {
  const journal = await Journal.open(new MemoryLevel<Uint8Array, Uint8Array>());
  const records = labels.map((label) => new BundleRecords(journal, label));
  for (const one of records)
    await journal.write(
      bundles.map((bundle) => one.putOperation(bundle)),
      true,
    );
  return { journal, records };
}

test("bundles are found by their first page, in order, each remote's by themselves", async () => {
  const { journal, records } = await opened(["one", "two"]);
  const [one, two] = records as [BundleRecords, BundleRecords];
  expect(await one.load(0, Number.MAX_SAFE_INTEGER)).toEqual(bundles);
  expect(await one.load(1, 257)).toEqual([bundles[1]]);
  expect(await one.load(0, 256)).toEqual([bundles[0]]);
  expect(await one.load(257, 300)).toEqual([]);
  await journal.write([one.deleteOperation({ first: 256 })], true);
  expect(await one.load(0, 1000)).toEqual([bundles[0]]);
  expect(await two.load(0, Number.MAX_SAFE_INTEGER)).toEqual(bundles);
});

test("what is forgotten of a remote, or of all, includes its bundles", async () => {
  const { journal, records } = await opened(["one", "two", "three"]);
  await forgetRemote(journal, "two");
  const counts = async () =>
    Promise.all(records.map(async (one) => (await one.load(0, Number.MAX_SAFE_INTEGER)).length));
  expect(await counts()).toEqual([3, 0, 3]);
  await forgetRemotes(journal);
  expect(await counts()).toEqual([0, 0, 0]);
});

test.each([
  ["without an address", Uint8Array.of(1, 5)],
  ["that ends before its lengths", Uint8Array.of(3, 5)],
  ["that is empty", new Uint8Array(0)],
])("a record %s is told as damage of the journal", async (_, value) => {
  const { journal, records } = await opened(["one"]);
  await journal.write([{ type: "put", key: bundleKey("one", 8), value }], true);
  await expect(records[0]!.load(0, 10)).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});
