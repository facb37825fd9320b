// Copying pages beside bundles: what a page names as before it, and pages that are in a bundle alone.

import { beforeAll, expect, test } from "vitest";
import { Address, addressOf, rawSha256 } from "../../src/index.ts";
import type { Ref } from "../../src/log/page.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { copierOf as copierInLog, type Given, refIn } from "./copied-pages.ts";
import { without } from "./copied-tree.ts";

/** Two bundles of four pages of four, two pages by themselves, and an entry. */
const SIZE = 41;
/** The page after the second bundle. */
const AFTER = 8;

let bundled: WrittenLog;
let plain: WrittenLog;
/** The refs to the pages of the log without bundles. */
let refs: readonly Ref[];
/** The address of the second bundle. */
let second: Address;

beforeAll(async () => {
  const common = { seed: new Uint8Array(32).fill(5), settings: smallCuts, largestEmbedded: 32 };
  bundled = await writeLog(contents(SIZE), { ...common, bundles: "writer" });
  plain = await writeLog(contents(SIZE), { ...common, bundles: "off" });
  refs = await Promise.all(Array.from({ length: 10 }, (_, i) => refIn(plain, i)));
  second = (await refIn(bundled, AFTER - 1)).address;
  expect((await refIn(bundled, AFTER - 4)).address).toEqual(second);
});

const copierOf = (given: Given) => copierInLog(bundled.logId, given);
const address = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));

test("a page after a bundle that is copied as it is names that, whatever is found before it", async () => {
  const { page, readAt } = await copierOf({ views: [bundled], before: refs[0]! });
  const copied = await page(AFTER);
  expect(copied).toEqual(await refIn(bundled, AFTER));
  expect(readAt(copied).tail).toEqual(second.bytes);
});

test("a page after a bundle names it where the copy has it", async () => {
  for (const [made, tail] of [
    [address(7), address(7)],
    // Nobody shows it.
    [undefined, second],
  ] as const) {
    const { copier, page, readAt } = await copierOf({ views: [bundled], before: refs[0]! });
    copier.noteBundle(AFTER, Promise.resolve(made));
    expect(readAt(await page(AFTER)).tail).toEqual(tail.bytes);
  }
});

test("the addresses of 64 bundles are noted, those that were begun last", async () => {
  for (const [later, tail] of [
    [63, address(7)],
    [64, second],
  ] as const) {
    const { copier, page, readAt } = await copierOf({ views: [bundled] });
    copier.noteBundle(AFTER, Promise.resolve(address(7)));
    for (let i = 0; i < later; i++) copier.noteBundle(1000 + i, Promise.resolve(address(8)));
    expect(readAt(await page(AFTER)).tail).toEqual(tail.bytes);
  }
});

test("a page that names another one in its own tree names what the copy has before it", async () => {
  const lost = without(bundled, [`${(await refIn(bundled, AFTER)).address}`]);
  const { page, readAt, missing } = await copierOf({ views: [lost, plain], before: refs[3]! });
  expect(readAt(await page(AFTER)).tail).toEqual(refs[3]!.address.bytes);
  expect(missing).toEqual([]);
});

test("within a run a page names the one before it", async () => {
  const { page, readAt } = await copierOf({ views: [bundled], before: refs[3]! });
  expect(readAt(await page(AFTER + 1)).tail).toEqual(refs[3]!.address.bytes);
});

test.each([0, 6])("page %i comes from a tree that has it in a bundle alone, as a page", async (index) => {
  const views = [without(plain, [`${refs[index]!.address}`]), bundled];
  const [before] = index === 0 ? [] : [refs[index - 1]!];
  // Its third or first entry is an object of its own.
  const text = `${await addressOf(plain.entries[index === 0 ? 3 : 24]!, rawSha256)}`;
  const has = new Map([[text, plain.contents.get(text)!]]);
  const { page, missing, total, readAt, sources } = await copierOf({ views, before, has });
  const copied = await page(index);
  // To the byte, so that its address is the same.
  expect(copied).toEqual(refs[index]);
  expect(readAt(copied).readable).toEqual([0, 1, 2, 3]);
  expect([missing, total("entries"), total("pages")]).toEqual([[], 4, 1]);
  // That the target has the content is not known.
  expect(sources.flatMap(({ reads }) => reads)).toContain(text);
});

test("a page that is lost by itself comes from the bundle that the same tree has it in, too", async () => {
  const grown = await writeLog(contents(SIZE), {
    settings: smallCuts,
    largestEmbedded: 32,
    bundles: "writer",
    publishAt: [5, 9, 13, 17, 21, 25, 29, 33, 37],
  });
  const ref = await refIn(grown, 2);
  expect(ref.address).not.toEqual((await refIn(grown, 1)).address);
  const lost = without(grown, [`${ref.address}`]);
  const { page, missing, readAt } = await copierInLog(grown.logId, { views: [lost] });
  const copied = await page(2);
  expect(missing).toEqual([]);
  expect(readAt(copied).readable).toEqual([0, 1, 2, 3]);
  // Nobody else has it: what no bundle holds is told as missing.
  const newest = await refIn(grown, 9);
  const gone = await copierInLog(grown.logId, { views: [without(grown, [`${newest.address}`])] });
  await gone.page(9);
  expect(gone.missing).toEqual([[36, 40, "ERR_NOT_FOUND"]]);
});
