// One page of a copy, and its newest entries: from the sources, from what the target shows, or from both.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { addressOf, ClosedError, generateSeed, NotFoundError, rawSha256 } from "../../src/index.ts";
import { type VerifiedHead, verifyHead } from "../../src/log/head.ts";
import type { Ref } from "../../src/log/page.ts";
import type { Pair } from "../../src/log/pair.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";
import * as pages from "./copied-pages.ts";
import { type Tree, without } from "./copied-tree.ts";
import { rewritten } from "./rewritten-log.ts";
import { logAt } from "./target.ts";

// Pages of four entries: 0, 1 and 2 are full, and entries 12 to 14 are in the head. Entries 3 and 10 are objects.
const SIZE = 15;
const LEAF = 4;
const OLDER = 6;
const PARTLY = 9;

const seed = generateSeed();
let log: WrittenLog;
let head: VerifiedHead;
let stripped: Tree;
let refs: readonly Ref[];

const removed = (pair: Pair): Pair => ({ ...pair, place: { kind: "removed" } });

beforeAll(async () => {
  log = await writeLog(contents(SIZE), { seed, publishAt: [0, 1, OLDER, PARTLY, 11, 12] });
  head = await verifyHead(log.head, log.logId);
  stripped = await rewritten(log, (pair) => (pair.place.kind === "embedded" ? removed(pair) : pair));
  refs = await Promise.all([0, 1, 2].map((index) => refIn(log, index)));
});

const refIn = (tree: Tree, index: number): Promise<Ref> => pages.refIn({ ...tree, logId: log.logId }, index);
const copierOf = (given: Partial<pages.Given> = {}) => pages.copierOf(log.logId, { views: [log], ...given });

const lacks = (tree: Tree, index: number): Tree => without(tree, [`${refs[index]!.address}`]);
const textOfObject = (sequence: number): string => {
  const wanted = log.entries[sequence]!.toString();
  return [...log.contents].find(([, bytes]) => bytes.toString() === wanted)![0];
};
const pageBytes = (index: number): Uint8Array => log.contents.get(`${refs[index]!.address}`)!;

test("a page is copied after its contents, and all of it is counted", async () => {
  const { page, stored, counted, missing } = await copierOf();
  expect(await page(0)).toEqual(refs[0]);
  expect([...stored.keys()]).toEqual([textOfObject(3), `${refs[0]!.address}`]);
  expect(counted).toEqual([
    { contents: 1, bytes: 40 },
    { pages: 1, bytes: pageBytes(0).length },
    { entries: LEAF },
  ]);
  expect(missing).toEqual([]);
});

test("a page that an earlier copy stored is read from the target, and not stored again", async () => {
  const text = `${refs[1]!.address}`;
  const { page, sources, counted } = await copierOf({ has: new Map([[text, pageBytes(1)]]), resume: true });
  expect(await page(1)).toEqual(refs[1]);
  expect(sources[0]!.reads).not.toContain(text);
  expect(counted).toEqual([{ entries: LEAF }]);
});

test("a page that nobody shows is missing as a whole, keeps its address, and says why", async () => {
  const { page, stored, counted, missing } = await copierOf({ views: [lacks(log, 2)] });
  expect(await page(2)).toEqual(refs[2]);
  expect([stored.size, counted]).toEqual([0, []]);
  expect(missing).toEqual([[8, 12, "ERR_NOT_FOUND"]]);
});

test.each([
  ["is copied as it is", true],
  ["is merged with nothing else", false],
])("entries that a page calls removed are told one by one, if it %s", async (_, unchanged) => {
  const { page, missing, total } = await copierOf({ views: [stripped], unchanged });
  expect(await page(1)).toEqual(await refIn(stripped, 1));
  expect(missing).toEqual([4, 5, 6, 7].map((at) => [at, at + 1, "ERR_WITHHELD"]));
  expect(total("entries")).toBe(0);
});

test("a page is merged of what two sources show, and refers to the page before it", async () => {
  const given = { views: [stripped, log], before: refs[0]! };
  const { page, readAt, missing, total, asked } = await copierOf(given);
  const view = await refIn(stripped, 1);
  const copied = await page(1);
  expect(copied.hash).toEqual(refs[1]!.hash);
  expect(copied.address).not.toEqual(view.address);
  expect(readAt(copied)).toMatchObject({ readable: [0, 1, 2, 3], tail: refs[0]!.address.bytes });
  expect([missing, total("entries"), total("pages")]).toEqual([[], LEAF, 1]);
  expect(asked).toEqual([[0, 0]]);
});

test("the page before, if it was copied, too, is referred to where it is by then", async () => {
  const elsewhere = await refIn(stripped, 0);
  const { page, readAt, asked, stored } = await copierOf({ before: refs[0]! });
  const copied = await page(1, Promise.resolve(elsewhere));
  expect(copied.address).not.toEqual(refs[1]!.address);
  expect(readAt(copied)).toMatchObject({ readable: [0, 1, 2, 3], tail: elsewhere.address.bytes });
  expect(asked).toEqual([]);
  // What an earlier copy made so is not stored again.
  const again = await copierOf({ has: stored, resume: true });
  expect(await again.page(1, Promise.resolve(elsewhere))).toEqual(copied);
  expect(again.total("pages")).toBe(0);
});

test("the first page refers to none, and a page keeps its reference if nobody shows the page before", async () => {
  for (const [index, views] of [
    [0, [log]],
    [1, [log]],
    [1, [stripped, log]],
  ] as const) {
    const { page, readAt, asked } = await copierOf({ views });
    const copied = await page(index, undefined);
    const own = views.length === 1 ? refs : [await refIn(stripped, 0)];
    expect(readAt(copied).tail).toEqual(index === 0 ? new Uint8Array(0) : own[0]!.address.bytes);
    expect(asked).toEqual(index === 0 ? [] : [[0, 0]]);
  }
});

test("a merged first page refers to none", async () => {
  const { page, readAt } = await copierOf({ views: [stripped, log], before: refs[2]! });
  expect(readAt(await page(0, undefined))).toMatchObject({ tail: new Uint8Array(0), readable: [0, 1, 2, 3] });
});

test("a page that is copied as it is keeps its reference, whatever was copied before", async () => {
  const { page, readAt, sources } = await copierOf({ views: [log, stripped], unchanged: true });
  const copied = await page(1, Promise.resolve(refs[2]!));
  expect(copied).toEqual(refs[1]);
  expect(readAt(copied).tail).toEqual(refs[0]!.address.bytes);
  expect(sources[1]!.reads).toEqual([]);
});

test("a copy of one tree as it is takes nothing from other trees", async () => {
  const given = { views: [lacks(log, 1), stripped], others: [logAt(log, 12)], held: [logAt(log, 12)] };
  const { page, missing } = await copierOf({ ...given, unchanged: true });
  // Every source is asked for the object, and only for that of this tree.
  await page(1);
  expect(missing).toEqual([]);
  const alone = await copierOf({
    ...given,
    views: [lacks(log, 1)],
    others: [],
    held: [logAt(log, PARTLY)],
    unchanged: true,
  });
  expect(await alone.page(1)).toEqual(refs[1]);
  expect(alone.missing).toEqual([[4, 8, "ERR_NOT_FOUND"]]);
});

test("what the target shows in another tree is kept, and not read from a source again", async () => {
  // The target has the object itself; the source lost it.
  const lost = without(stripped, [textOfObject(3)]);
  const held = { ...logAt(log, 12), contents: log.contents };
  const { page, readAt, missing, sources } = await copierOf({
    views: [lost],
    held: [held],
    has: new Map([[textOfObject(3), log.entries[3]!]]),
  });
  const copied = await page(0);
  expect(readAt(copied).readable).toEqual([0, 1, 2, 3]);
  expect(missing).toEqual([]);
  expect(sources[0]!.reads.filter((text) => text === textOfObject(3))).toHaveLength(1);
});

test("what a source shows in a smaller tree is copied from it", async () => {
  const { page, readAt, stored } = await copierOf({ views: [stripped], others: [logAt(log, 12)] });
  const copied = await page(0);
  expect(readAt(copied).readable).toEqual([0, 1, 2, 3]);
  expect(stored.has(textOfObject(3))).toBe(true);
});

test("a part of a page comes from the head of a smaller log", async () => {
  for (const where of ["others", "held"] as const) {
    const { page, readAt, missing } = await copierOf({ views: [stripped], [where]: [logAt(log, OLDER)] });
    const copied = await page(1);
    expect(readAt(copied).readable).toEqual([0, 1]);
    expect(missing.map(([from]) => from)).toEqual([6, 7]);
  }
});

test("a page that would be lost is an error if the target's head has a part of it", async () => {
  const { page, stored } = await copierOf({ views: [lacks(log, 1)], held: [logAt(log, OLDER)] });
  expect(await failure(page(1))).toMatchObject({ code: "ERR_NOT_FOUND" });
  expect(stored.size).toBe(0);
  const first = await copierOf({ views: [lacks(log, 0)], held: [logAt(log, 1)] });
  expect(await failure(first.page(0))).toMatchObject({ code: "ERR_NOT_FOUND" });
  // An empty log has no part of any page.
  const empty = await copierOf({ views: [lacks(log, 0)], held: [logAt(log, 0)] });
  expect(await empty.page(0)).toEqual(refs[0]);
  expect(empty.missing).toEqual([[0, LEAF, "ERR_NOT_FOUND"]]);
  // Of another page its head has nothing.
  const other = await copierOf({ views: [lacks(log, 1)], held: [logAt(log, PARTLY)] });
  expect(await other.page(1)).toHaveProperty("address");
});

test("a page that no source shows is taken from the target", async () => {
  const held = logAt(log, PARTLY);
  const { page, missing, stored, total } = await copierOf({
    views: [lacks(log, 1)],
    held: [held],
    before: refs[0]!,
  });
  const copied = await page(1);
  expect(copied).toEqual(refs[1]);
  expect(missing).toEqual([]);
  // It is there: nothing is stored.
  expect([total("pages"), stored.size]).toEqual([0, 0]);
});

test("a page that the target shows of another history is not taken", async () => {
  const branch = await writeLog(contents(SIZE, " elsewhere"), { seed });
  expect(branch.logId).toBe(log.logId);
  const { page, missing } = await copierOf({ views: [lacks(log, 1)], held: [branch] });
  expect(await page(1)).toEqual(refs[1]);
  expect(missing).toEqual([[4, 8, "ERR_NOT_FOUND"]]);
});

test("a tree that does not show where a page is has nothing to add", async () => {
  const { page, missing } = await copierOf({ views: [stripped, log], hidesRefs: true });
  expect(await page(1)).toEqual(await refIn(stripped, 1));
  expect(missing.map(([from]) => from)).toEqual([4, 5, 6, 7]);
});

test("a page that is copied as it is does not wait for the page before", async () => {
  const { page } = await copierOf({ unchanged: true });
  const previous = Promise.reject<Ref>(new TypeError("not a function"));
  previous.catch(() => undefined);
  expect(await page(1, previous)).toEqual(refs[1]);
});

test("the target is not asked for newest entries that it does not show itself", async () => {
  const text = textOfObject(10);
  const given = { views: [logAt(log, 11)], has: new Map([[text, log.entries[10]!]]) };
  const { copier, sources } = await copierOf(given);
  await copier.newest();
  expect(sources[0]!.reads).toContain(text);
  const shows = await copierOf({
    ...given,
    views: [without(logAt(log, 11), [text])],
    held: [logAt(log, 11)],
  });
  await shows.copier.newest();
  expect(shows.missing).toEqual([]);
});

test("a page of another log is not taken, though it is at the address", async () => {
  const other = await writeLog(contents(SIZE, " elsewhere"));
  const { logId } = log;
  expect(other.logId).not.toBe(logId);
  // Under the address of the page lies one that does not have its entries.
  const wrong = [...other.contents.values()].find((bytes) => bytes.length > 200) ?? other.head;
  const address = await addressOf(wrong, rawSha256);
  const contentsThere = new Map([...log.contents, [`${address}`, wrong]]);
  const { copier, missing } = await copierOf({
    views: [{ ...log, contents: contentsThere }],
    unchanged: true,
  });
  const ref = { address, hash: refs[1]!.hash };
  expect(await copier.page(1, ref, undefined)).toEqual(ref);
  expect(missing).toEqual([[4, 8, expect.stringMatching(/^ERR_(INTEGRITY|MALFORMED)$/)]]);
});

test("the newest entries are merged, counted, and told if they are missing", async () => {
  const whole = await copierOf();
  expect(await whole.copier.newest()).toEqual(head.pairs);
  expect([whole.counted, whole.missing]).toEqual([[{ entries: 3 }], []]);
  const lacking = await copierOf({ views: [stripped] });
  expect((await lacking.copier.newest()).map(({ place }) => place.kind)).toEqual(Array(3).fill("removed"));
  expect(lacking.missing).toEqual([12, 13, 14].map((at) => [at, at + 1, "ERR_WITHHELD"]));
  expect(lacking.counted).toEqual([{ entries: 0 }]);
  const merged = await copierOf({ views: [stripped, log] });
  expect(await merged.copier.newest()).toEqual(head.pairs);
  const unchanged = await copierOf({ views: [stripped, log], held: [log], unchanged: true });
  await unchanged.copier.newest();
  expect(unchanged.missing).toHaveLength(3);
});

test("newest entries that a source shows no more come from another state's head, or its page", async () => {
  // A copy of the state at nine entries: the tenth to twelfth are in no head of it, but in a page of the larger one.
  const before = await rewritten({ ...logAt(log, PARTLY), contents: log.contents }, removed);
  const page = await copierOf({ views: [before], held: [log] });
  expect((await page.copier.newest()).map(({ place }) => place.kind)).toEqual(["embedded"]);
  expect(page.missing).toEqual([]);
  const sameHead = await copierOf({ views: [before], others: [logAt(log, PARTLY)] });
  expect((await sameHead.copier.newest()).map(({ place }) => place.kind)).toEqual(["embedded"]);
  const earlier = await copierOf({ views: [before], others: [logAt(log, OLDER)] });
  expect((await earlier.copier.newest()).map(({ place }) => place.kind)).toEqual(["removed"]);
});

test("a fault of the program, and an abort, are no missing page", async () => {
  const gone = new NotFoundError("no", { operation: "storage.get" });
  const bug = new TypeError("not a function");
  const closed = new ClosedError("gave up", { operation: "mirror.copy" });
  const alone = await copierOf();
  alone.sources[0]!.before = () => {
    alone.controller.abort(closed);
    return Promise.reject(gone);
  };
  expect(await failure(alone.page(1))).toBe(closed);
  for (const from of ["sources", "heldFrom"] as const) {
    const given = { views: [lacks(log, 1)], held: [logAt(log, PARTLY)] };
    const faulty = await copierOf(given);
    for (const storage of faulty[from]) storage.before = () => Promise.reject(bug);
    expect(await failure(faulty.page(1))).toBe(bug);
    const aborted = await copierOf(given);
    for (const storage of aborted[from]) {
      storage.before = () => {
        aborted.controller.abort(closed);
        return Promise.reject(gone);
      };
    }
    expect(await failure(aborted.page(1))).toBe(closed);
    const silent = await copierOf(given);
    for (const storage of silent.heldFrom) storage.before = () => Promise.reject(gone);
    expect(await silent.page(1)).toEqual(refs[1]);
    expect(silent.missing).toEqual([[4, 8, "ERR_NOT_FOUND"]]);
  }
});
