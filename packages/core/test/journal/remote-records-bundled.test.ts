// What the journal remembers of bundles, of a doubt, and of old objects on a remote.

import { expect, test } from "vitest";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { text } from "../writer/log-contents.ts";
import { all, journalOf } from "./small-log.ts";

test("which pages are in bundles, and which nodes a doubt is about, is found again", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const tree = { pages: 2, nodes: [null], bundled: { from: 0, to: 2 } };
  await journal.write([records.treeOperation(tree)], true);
  expect(await records.loadTree()).toEqual(tree);
  const doubt = { shown: null, sends: true, edge: [null, [0, 4]] } as const;
  await journal.write(records.doubtOperations(doubt), true);
  expect(await records.loadDoubt()).toEqual(doubt);
  await journal.write(
    await records.oldObjects.addOperations({ tree: [await addressOf(text("a"), rawSha256)], contents: [] }),
    true,
  );
  expect(await all(records.oldObjects.load())).toHaveLength(1);
});
