import { memoryRemote } from "@remote-log/memory";
import { expect, test } from "vitest";
import { openWriter } from "../../src/index.ts";
import { tiny } from "./crashing-device.ts";
import { readCold, text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = new Uint8Array(32).fill(9);

test("appends one after another, begun at any moment of a recovery, are all in the log afterwards", async () => {
  const remote = memoryRemote({ label: "one" });
  const journal = new PowerCutDatabase();
  const first = await openWriter({ ...tiny, seed, journal, remotes: [remote] });
  await first.appendAll(["a", "b", "c"].map(text));
  await first.publish();
  const backup = journal.afterPowerCut(journal.unsynced);
  await first.appendAll(["d", "e", "f", "g", "h"].map(text));
  await first.publish();

  const restored = new PowerCutDatabase(backup);
  const writer = await openWriter({ ...tiny, seed, journal: restored, remotes: [remote] });
  const acknowledged: string[] = [];
  const appending = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) {
      await writer.append(text(`own ${i}`));
      acknowledged.push(`own ${i}`);
    }
  };
  const appends = appending();
  await writer.recover();
  await appends;
  await writer.publish();
  const own: string[] = [];
  for await (const { content } of writer.entries()) own.push(textOf(content));
  expect(own).toEqual(expect.arrayContaining(acknowledged));
  expect(own.slice(0, 8)).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  expect(own).toHaveLength(58);
  expect(await readCold(writer.logId, remote)).toEqual(own);
  await writer.close();
  const reopened = new PowerCutDatabase(restored.afterPowerCut(restored.unsynced));
  const again = await openWriter({ ...tiny, seed, journal: reopened, remotes: [remote] });
  expect(again.size).toBe(58);
});
