import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { openWriter } from "../../src/index.ts";
import { entryKey } from "../../src/journal/keys.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = new Uint8Array(32).fill(4);

/** The journal of a writer that appended some entries. */
async function journalWith(contents: readonly string[]): Promise<PowerCutDatabase> {
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal });
  await writer.appendAll(contents.map(text));
  await writer.close();
  return journal;
}

test.each([
  ["in the head", 2],
  ["in a page", 0],
])("an intact entry that is not the one that was appended, %s, is never signed", async (_, sequence) => {
  const remote = memoryRemote({ label: "one" });
  const journal = new PowerCutDatabase((await journalWith(["one", "two", "three"])).afterPowerCut());
  const writer = await openWriter({ ...tiny, seed, journal, remotes: [remote] });
  const key = entryKey(sequence);
  const other = await journalWith(["uno", "due", "tre"]);
  await journal.batch([{ type: "put", key, value: (await other.get(key))! }], { sync: true });

  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(await remote.names.resolve(writer.logId)).toMatchObject({ status: "absent" });
  await writer.close();
});
