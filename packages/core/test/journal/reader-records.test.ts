// Whom the writer has named as readers: found again as it was, and refused if it is damaged.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { readersKey } from "../../src/journal/keys.ts";
import { loadReaders, readersOperation } from "../../src/journal/reader-records.ts";
import { text } from "../writer/log-contents.ts";
import { journalOf } from "./small-log.ts";

test("nobody is named at first, and then whoever was noted last", async () => {
  const { journal } = await journalOf(0);
  expect(await loadReaders(journal)).toBeUndefined();
  for (const version of [1, 2]) {
    const readers = [{ recipient: `age1${version}`, withHistory: true, from: 3 }];
    const record = { readers, began: 1000, version, keyring: "0a" };
    await journal.write([readersOperation(record)], true);
    expect(await loadReaders(journal)).toEqual(record);
  }
  await journal.write([{ type: "put", key: readersKey, value: text("{") }], true);
  expect(await failure(loadReaders(journal))).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    message: expect.stringContaining("its list of readers"),
  });
});
