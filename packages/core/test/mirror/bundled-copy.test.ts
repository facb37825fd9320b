// Mirrors of logs whose older pages are stored together.

import { beforeAll, describe, expect, test } from "vitest";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { Sampler } from "../reader/damage.ts";
import { kindsOf } from "../reader/forger.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, sizesTo, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom, readableOn } from "./target.ts";

const settings = { leafSize: 4, fanOut: 8 };
const SIZE = 200;

/** Appended at once, with some pages after it. */
let imported: WrittenLog;
/** Published at every size. */
let grown: WrittenLog;

beforeAll(async () => {
  imported = await writeLog(contents(SIZE), { settings, bundles: "writer" });
  grown = await writeLog(contents(SIZE), { settings, bundles: "writer", publishAt: sizesTo(SIZE) });
});

/** The texts of the addresses of all objects of a log. */
const objectsOf = (log: WrittenLog): string[] => [...kindsOf(log).keys()].sort();

/** Those of them that hold several pages. */
const bundlesOf = (log: WrittenLog): string[] =>
  objectsOf(log).filter(
    (text) => kindsOf(log).get(text) === "page" && decodeRemoteLog(log.contents.get(text)!).pairs.length > 4,
  );

const countOf = (ranges: readonly { readonly from: number; readonly to: number }[]): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from, 0);

describe.each([
  ["pages are in bundles alone", () => imported],
  ["pages are stored by themselves as well", () => grown],
])("if %s", (_, logOf) => {
  test("the copy is the log as it is, object by object, each stored once", async () => {
    const log = logOf();
    const target = makeTarget();
    const result = await mirrorFrom(log, target);
    expect(result).toMatchObject({ entries: SIZE, missing: [], name: "updated" });
    expect(result.head).toEqual(log.head);
    const puts = target.acknowledged.filter((text) => text !== "name");
    expect(puts.sort()).toEqual(objectsOf(log));
    await expectWhole(target, log);
  });

  test("a target without names gets the same, object by object", async () => {
    const log = logOf();
    const target = makeTarget();
    const { storage, label } = target.remote;
    await mirrorFrom(log, { ...target, remote: { label, storage } as never });
    expect([...target.contents.keys()].sort()).toEqual(objectsOf(log));
  });

  test("a bundle that the source lost is told as missing, if its pages are nowhere else", async () => {
    const log = logOf();
    const bundles = bundlesOf(log);
    expect(bundles.length).toBeGreaterThan(2);
    const lost = new Map(log.contents);
    lost.delete(bundles[1]!);
    const target = makeTarget();
    const { missing } = await mirrorFrom({ ...log, contents: lost }, target);
    const alone = log === grown;
    expect(countOf(missing)).toBe(alone ? 0 : 32);
    expect((await readableOn(target.remote, log)).size).toBe(alone ? SIZE : SIZE - 32);
  });

  test("one source that lost a bundle is helped out by another", async () => {
    const log = logOf();
    const lost = new Map(log.contents);
    lost.delete(bundlesOf(log)[0]!);
    const target = makeTarget();
    const from = [lost, log.contents].map((objects, i) =>
      scriptedRemote(objects, log.head, { label: `source ${i}` }),
    );
    expect(await mirrorFrom(log, target, { from })).toMatchObject({ missing: [] });
    await expectWhole(target, log);
  });
});

test("a second pass stores exactly what the new head needs and the old one did not", async () => {
  const sampler = new Sampler();
  for (let i = 0; i < 12; i++) {
    const from = sampler.below(SIZE);
    const to = from + sampler.below(SIZE - from + 1);
    const target = makeTarget();
    const { head } = await mirrorFrom(logAt(grown, from), target);
    target.acknowledged.length = 0;
    const { head: copied } = await mirrorFrom(logAt(grown, to), target, { known: head });
    expect(copied).toEqual(logAt(grown, to).head);
    const before = kindsOf(logAt(grown, from));
    const news = [...kindsOf(logAt(grown, to)).keys()].filter((text) => !before.has(text)).sort();
    const puts = target.acknowledged.filter((text) => text !== "name").sort();
    expect(puts, `from ${from} to ${to}, seed ${sampler.seed}`).toEqual(news);
    await expectWhole(target, logAt(grown, to));
  }
});

test("a source with bundles, and one of the same log without, make one copy that is whole", async () => {
  const seed = new Uint8Array(32).fill(7);
  const [plain, bundled] = await Promise.all(
    (["off", "writer"] as const).map((bundles) => writeLog(contents(SIZE), { settings, bundles, seed })),
  );
  for (const [first, second] of [
    [plain!, bundled!],
    [bundled!, plain!],
  ] as const) {
    const target = makeTarget();
    await mirrorFrom(first, target);
    await expectWhole(target, first);
    // Each has lost what the other one has.
    const half = (log: WrittenLog, odd: number) =>
      new Map([...log.contents].filter(([text], i) => kindsOf(log).get(text) === "node" || i % 2 === odd));
    const other = makeTarget();
    const from = [half(first, 0), half(second, 1)].map((objects, i) =>
      scriptedRemote(objects, [first, second][i]!.head, { label: `source ${i}` }),
    );
    const { missing } = await mirrorFrom(first, other, { from });
    const readable = await readableOn(other.remote, first);
    expect(readable.size).toBe(SIZE - countOf(missing));
  }
});

test("wherever a mirroring is cut off, the next one stores what is left, and the copy is whole", async () => {
  for (let at = 1; at < 30; at += 3) {
    let puts = 0;
    const target = makeTarget({
      around: (call, proceed) => {
        if (call.kind === "put" && ++puts === at) throw new Error("cut off");
        return proceed();
      },
    });
    await mirrorFrom(imported, target).catch(() => undefined);
    expect(await mirrorFrom(imported, target)).toMatchObject({ missing: [] });
    await expectWhole(target, imported);
  }
});
