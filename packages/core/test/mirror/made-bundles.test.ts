// Copies that have bundles of pages which their sources store one by one.

import { beforeAll, describe, expect, test } from "vitest";
import { openReader } from "../../src/index.ts";
import { verifyHead } from "../../src/log/head.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, sizesTo, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { expectWhole, logAt, makeTarget, mirrorFrom, readableOn, type Target } from "./target.ts";

const settings = { leafSize: 4, fanOut: 8 };
const SIZE = 200;
const made = { bundles: "made" } as const;

/** Published at every size, without bundles. */
let plain: WrittenLog;
/** The same entries, with bundles. */
let bundled: WrittenLog;

beforeAll(async () => {
  const common = { settings, publishAt: sizesTo(SIZE) };
  plain = await writeLog(contents(SIZE), { ...common, bundles: "off" });
  bundled = await writeLog(contents(SIZE), { ...common, bundles: "writer" });
});

const { signal } = new AbortController();

async function viewOf(target: Target, head: Uint8Array): Promise<TreeView> {
  return new TreeView(await verifyHead(head, plain.logId), target.remote.storage, defaultLimits, signal);
}

/** The first page and the number of pages of each bundle of a copy. */
async function bundlesIn(target: Target, head: Uint8Array): Promise<[number, number][]> {
  const view = await viewOf(target, head);
  const found: [number, number][] = [];
  for (let page = 0; page < view.pages; ) {
    const { end, bundles } = await view.neighbours(page);
    for (const { first, lengths } of bundles) found.push([first, lengths.length]);
    page = end;
  }
  return found;
}

const puts = ({ acknowledged }: Target): string[] => acknowledged.filter((text) => text !== "name");

test("full runs are bundled, everything is there, and all of it takes fewer reads", async () => {
  const target = makeTarget();
  const result = await mirrorFrom(plain, target, made);
  expect(result).toMatchObject({ entries: SIZE, missing: [], name: "updated" });
  await expectWhole(target, plain);
  expect(await bundlesIn(target, result.head)).toEqual([0, 8, 16, 24, 32, 40].map((first) => [first, 8]));
  const readsOf = async (objects: ReadonlyMap<string, Uint8Array>, head: Uint8Array): Promise<number> => {
    const remote = scriptedRemote(new Map(objects), head);
    const reader = await openReader({ logId: plain.logId, remotes: [remote] });
    for await (const entry of reader.from(0)) expect(entry.content).toEqual(plain.entries[entry.sequence]);
    await reader.close();
    return remote.storage.reads.length;
  };
  const [before, after] = [
    await readsOf(plain.contents, plain.head),
    await readsOf(target.contents, result.head),
  ];
  expect(before - after).toBe(6 * 7);
  // Nothing of the source is left out.
  for (const text of kept(plain, bundleless)) expect(target.contents.has(text)).toBe(true);
});

/** Objects of a log that a copy has as they are: those that are no nodes. */
function kept(log: WrittenLog, is: (bytes: Uint8Array) => boolean): string[] {
  return [...log.contents].flatMap(([text, bytes]) => (is(bytes) ? [text] : []));
}
const bundleless = (bytes: Uint8Array): boolean =>
  plain.entries.some((entry) => entry.length === bytes.length);

describe("a later pass", () => {
  test("of the same state stores nothing, and leaves the name as it is", async () => {
    const target = makeTarget();
    const { head } = await mirrorFrom(plain, target, made);
    const stored = puts(target).length;
    const again = await mirrorFrom(plain, target, { ...made, known: head });
    expect(again).toMatchObject({ name: "current", pages: 0, nodes: 0 });
    expect(again.head).toEqual(head);
    expect(puts(target).length).toBe(stored);
  });

  test("copies what is new, and not what lies below nodes that it made", async () => {
    for (const size of [40, 129, 164, 199]) {
      const target = makeTarget();
      const { head } = await mirrorFrom(logAt(plain, size), target, made);
      const stored = puts(target).length;
      const result = await mirrorFrom(plain, target, { ...made, known: head });
      await expectWhole(target, plain);
      expect(await bundlesIn(target, result.head)).toHaveLength(6);
      const whole = makeTarget();
      const { head: fresh } = await mirrorFrom(plain, whole, made);
      expect(result.head).toEqual(fresh);
      const pages = Math.floor((SIZE - size) / 4) + 1;
      // New pages and their contents, a bundle for eight of them, and the right edge.
      expect(puts(target).length - stored).toBeLessThanOrEqual(pages + pages / 8 + (SIZE - size) + 8);
      expect(new Set(puts(target)).size).toBe(puts(target).length);
    }
  });

  test("does not need what the source lost meanwhile", async () => {
    const target = makeTarget();
    const { head } = await mirrorFrom(logAt(plain, 150), target, made);
    const view = await viewOf({ ...target, remote: scriptedRemote(plain.contents, plain.head) }, plain.head);
    const lost = new Map(plain.contents);
    for (let page = 0; page < 20; page++) lost.delete(`${(await view.ref(0, page)).address}`);
    const result = await mirrorFrom({ ...plain, contents: lost }, target, { ...made, known: head });
    expect(result.missing).toEqual([]);
    await expectWhole(target, plain);
  });
});

test("a run of which a page is lost is not bundled, and all else is there", async () => {
  const view = await viewOf(
    { ...makeTarget(), remote: scriptedRemote(plain.contents, plain.head) },
    plain.head,
  );
  const lost = new Map(plain.contents);
  lost.delete(`${(await view.ref(0, 10)).address}`);
  const target = makeTarget();
  const result = await mirrorFrom({ ...plain, contents: lost }, target, made);
  expect(result.missing).toMatchObject([{ from: 40, to: 44 }]);
  expect(await bundlesIn(target, result.head)).toEqual([0, 16, 24, 32, 40].map((first) => [first, 8]));
  expect((await readableOn(target.remote, plain)).size).toBe(SIZE - 4);
  // A later pass with the page makes up for it.
  const { head, missing } = result;
  const later = await mirrorFrom(plain, target, { ...made, known: head, missing });
  expect(later.missing).toEqual([]);
  expect(await bundlesIn(target, later.head)).toHaveLength(6);
});

test("bundles that a source has are copied, as they are", async () => {
  const [copied, mine] = [makeTarget(), makeTarget()];
  const { head } = await mirrorFrom(bundled, copied);
  expect((await mirrorFrom(bundled, mine, made)).head).toEqual(head);
  expect([...mine.contents.keys()].sort()).toEqual([...copied.contents.keys()].sort());
});

test("by default none are made, and none for a target without names", async () => {
  const target = makeTarget();
  expect((await mirrorFrom(plain, target)).head).toEqual(plain.head);
  const unnamed = makeTarget();
  const { storage, label } = unnamed.remote;
  await mirrorFrom(plain, { ...unnamed, remote: { label, storage } as never }, made);
  expect([...unnamed.contents.keys()].sort()).toEqual([...target.contents.keys()].sort());
});

test("pages of 256 entries are no smaller than bundles: nothing is made of them", async () => {
  const cuts = { leafSize: 256, fanOut: 2 };
  const log = await writeLog(contents(256 * 3), { settings: cuts, bundles: "off" });
  const target = makeTarget();
  expect((await mirrorFrom(log, target, made)).head).toEqual(log.head);
});
