import { expect, test } from "vitest";
import { generateSeed } from "../../src/index.ts";
import { Sampler } from "../reader/damage.ts";
import { kindsOf } from "../reader/forger.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import {
  contents,
  foldingCuts,
  sizesTo,
  smallCuts,
  type WrittenLog,
  writeLog,
} from "../reader/written-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom } from "./target.ts";

/** The objects that a head needs and an earlier one does not. */
function newSince(log: WrittenLog, from: number, to: number): string[] {
  const before = kindsOf(logAt(log, from));
  return [...kindsOf(logAt(log, to)).keys()].filter((text) => !before.has(text)).sort();
}

test.each([
  ["small pages and nodes", smallCuts],
  ["nodes that are stored before they are full", foldingCuts],
])(
  "a second pass stores exactly what the new head needs and the old one did not: %s",
  async (_, settings) => {
    const last = 200;
    const log = await writeLog(contents(last), { settings, publishAt: sizesTo(last) });
    const sampler = new Sampler();
    for (let i = 0; i < 20; i++) {
      const from = sampler.below(last);
      const to = from + sampler.below(last - from + 1);
      const target = makeTarget();
      const { head } = await mirrorFrom(logAt(log, from), target);
      target.acknowledged.length = 0;
      const result = await mirrorFrom(logAt(log, to), target, { known: head });
      const puts = target.acknowledged.filter((text) => text !== "name").sort();
      expect(puts, `from ${from} to ${to}, seed ${sampler.seed}`).toEqual(newSince(log, from, to));
      expect(result).toMatchObject({ entries: to, name: from === to ? "current" : "updated" });
      await expectWhole(target, logAt(log, to));
    }
  },
);

test("a second pass reads no more than what is new, and the nodes of one path", async () => {
  const log = await writeLog(contents(5000), { settings: {}, publishAt: [4990] });
  const target = makeTarget();
  const { head } = await mirrorFrom(logAt(log, 4990), target);
  target.acknowledged.length = 0;
  const source = scriptedRemote(log.contents, log.head);
  const result = await mirrorFrom(log, target, { from: [source], known: head });
  expect(result.pages + result.nodes + result.contents).toBeLessThan(6);
  expect(source.storage.reads.length).toBeLessThan(6);
});

test("where nothing is new, nothing is stored and the name stays", async () => {
  const log = await writeLog(contents(50));
  const target = makeTarget();
  const { head } = await mirrorFrom(log, target);
  target.acknowledged.length = 0;
  const source = scriptedRemote(log.contents, log.head);
  expect(await mirrorFrom(log, target, { from: [source], known: head })).toMatchObject({ name: "current" });
  expect(target.acknowledged).toEqual([]);
  expect(source.storage.reads).toEqual([]);
});

test("without a known head everything is stored once more, whatever the target seems to have", async () => {
  const log = await writeLog(contents(50));
  const target = makeTarget();
  await mirrorFrom(log, target);
  target.acknowledged.length = 0;
  await mirrorFrom(log, target);
  expect([...target.acknowledged].sort()).toEqual([...kindsOf(log).keys()].sort());
});

test("a target that lost the nodes of the known head gets everything below them again", async () => {
  const log = await writeLog(contents(180), { settings: foldingCuts, publishAt: [172] });
  const first = logAt(log, 172);
  const begun = makeTarget();
  const { head } = await mirrorFrom(first, begun);
  for (const [lost, kind] of kindsOf(first)) {
    if (kind !== "node") continue;
    const target = makeTarget({ like: begun });
    target.contents.delete(lost);
    const { name } = await mirrorFrom(log, target, { known: head });
    expect(name).toBe("updated");
    // A full node below one that is unchanged is not looked at: that would cost a read of everything, every time.
    const needed = newSince(log, 172, 180);
    for (const text of needed) expect(target.contents.has(text)).toBe(true);
  }
});

test("a source that has the log under other addresses is copied as it is, whatever is known of another source", async () => {
  const seed = generateSeed();
  const publishAt = [200, 250];
  const embedding = await writeLog(contents(250), { seed, publishAt });
  const pointing = await writeLog(contents(250), { seed, publishAt, largestEmbedded: 0 });
  expect(pointing.logId).toBe(embedding.logId);
  const target = makeTarget();
  const { head } = await mirrorFrom(logAt(embedding, 200), target);
  await mirrorFrom(pointing, target, { known: head });
  for (const text of kindsOf(pointing).keys()) expect(target.contents.has(text)).toBe(true);
  await expectWhole(target, pointing);
});

test("what is no head of this log is not taken as known", async () => {
  const log = await writeLog(contents(20));
  const other = await writeLog(contents(20));
  for (const known of [other.head, new Uint8Array(3), log.head.slice(0, -1)]) {
    const target = makeTarget();
    await expect(mirrorFrom(log, target, { known })).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(target.acknowledged).toEqual([]);
  }
});
