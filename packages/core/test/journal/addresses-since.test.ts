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
