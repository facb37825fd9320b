import { beforeAll, expect, test } from "vitest";
import { memoryReaderStore, openReader, StaleError } from "../../src/index.ts";
import { scriptedRemote } from "./scripted-remote.ts";
import { type TwoBranches, writeTwoBranches } from "./two-branches.ts";

let written: TwoBranches;

beforeAll(async () => {
  written = await writeTwoBranches();
});

test.each([
  ["one after the other", false],
  ["at the same moment", true],
])("of two readers with one store, %s, none sets back what the other verified", async (_when, atOnce) => {
  const { log, objects } = written;
  const { logId } = log;
  const store = memoryReaderStore();
  const at = (size: number): Parameters<typeof scriptedRemote> => [objects, log.heads.get(size)!];
  const remotes = [scriptedRemote(...at(5)), scriptedRemote(...at(5))];
  const readers = [];
  for (const remote of remotes) readers.push(await openReader({ logId, remotes: [remote], store }));
  for (const reader of readers) await reader.sync();
  // Storage shows the newest state to one of them, and an older one to the other.
  remotes[0]!.names.show(log.heads.get(70)!);
  remotes[1]!.names.show(log.heads.get(40)!);
  const first = readers[0]!.sync();
  if (!atOnce) await first;
  const second = readers[1]!.sync();
  await Promise.allSettled([first, second]);
  expect(readers[0]!.size).toBe(70);
  if (!atOnce) {
    await expect(second).rejects.toBeInstanceOf(StaleError);
    expect(readers[1]!.size).toBe(5);
  }
  const later = await openReader({ logId, remotes: [scriptedRemote(...at(40))], store });
  expect(later.size).toBe(70);
});
