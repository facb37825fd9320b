import { expect, test } from "vitest";
import { openReader } from "../../src/index.ts";
import { collect } from "../reader/read-whole.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, sizesTo, smallCuts, writeLog } from "../reader/written-log.ts";

// What states of three honest remotes are compared for costs no request beside those that find what is new.
test("three equal remotes are compared without a request more than one alone", async () => {
  const sizes = [0, 1, 17, 40, 41, 64, 65, 100, 137, 138, 199, 200];
  const log = await writeLog(contents(200), { settings: smallCuts, publishAt: sizesTo(200) });
  const remotes = [1, 2, 3].map((number) =>
    scriptedRemote(log.contents, log.heads.get(0), { label: `${number}` }),
  );
  const reader = await openReader({ logId: log.logId, remotes });
  const counts: number[][] = [];
  let next = 0;
  for (const size of sizes) {
    for (const remote of remotes) {
      remote.names.show(log.heads.get(size)!);
      remote.names.asked.length = 0;
      remote.storage.reads.length = 0;
    }
    const { remotes: reports } = await reader.sync();
    expect(reports.map(({ status }) => status)).toEqual(["newest", "newest", "newest"]);
    const compared = remotes.map(({ storage }) => storage.reads.length);
    const { entries } = await collect(reader.from(next));
    next += entries.length;
    expect(next).toBe(size);
    expect(remotes.map(({ names }) => names.asked.length)).toEqual([2, 2, 2]);
    counts.push([...compared, ...remotes.map(({ storage }) => storage.reads.length)]);
  }
  // Reads to compare, then reads in all: from the first remote alone.
  const ofTheFirst = [
    [0, 0],
    [0, 0],
    [1, 6],
    [2, 10],
    [0, 0],
    [2, 9],
    [0, 0],
    [2, 14],
    [1, 17],
    [0, 0],
    [2, 27],
    [0, 1],
  ];
  expect(counts).toEqual(ofTheFirst.map(([compared, all]) => [compared, 0, 0, all, 0, 0]));
});
