// Copying single bundles of a tree: what comes from where, what is told, and what the copy of a bundle names as before it.

import { failure } from "@remote-log/test-kit";
import { beforeAll, expect, test } from "vitest";
import { Address, addressOf, NotFoundError, rawSha256 } from "../../src/index.ts";
import { encodeBundle, encodeBundlePart } from "../../src/log/bundle.ts";
import { decodeBundle } from "../../src/log/bundled-node.ts";
import type { Pair } from "../../src/log/pair.ts";
import type { BundleCopier, CopiedBundle } from "../../src/mirror/bundle-copier.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { forge, kindsOf } from "../reader/forger.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import { contents, type WrittenLog, writeLog } from "../reader/written-log.ts";
import * as bundled from "./copied-bundles.ts";
import { ENTRIES, FIRST, type Given, PAGES, type Parts, settings } from "./copied-bundles.ts";
import { type Tree, without } from "./copied-tree.ts";
import { logAt, makeTarget, mirrorFrom } from "./target.ts";

/** Four bundles, a page and an entry. */
const SIZE = 67;

/** Its pages are in bundles alone; every content is an object. */
let imported: WrittenLog;
/** Its pages are stored by themselves as well. */
let grown: WrittenLog;
/** It has no bundles. */
let plain: WrittenLog;

beforeAll(async () => {
  const common = { seed: new Uint8Array(32).fill(3), settings, largestEmbedded: 0 };
  const entries = contents(SIZE);
  imported = await writeLog(entries, { ...common, bundles: "writer" });
  const publishAt = Array.from({ length: 33 }, (_, page) => 2 * page + 1);
  grown = await writeLog(entries, { ...common, bundles: "writer", publishAt });
  plain = await writeLog(entries, { ...common, bundles: "off" });
  // The same log thrice, with three trees.
  expect(new Set([imported, grown, plain].map(({ logId }) => logId)).size).toBe(1);
});

const copierOf = (given: Given) => bundled.copierOf(imported.logId, given);
const bundleIn = (tree: Tree, first = FIRST) => bundled.bundleIn(imported.logId, tree, first);
const copied = (of: Tree, given: Given, parts: Parts = {}, first = FIRST) =>
  bundled.copied(imported.logId, of, given, parts, first);

/** A tree whose bundle has other bytes. */
async function withBundle(
  log: WrittenLog,
  first: number,
  change: (bundle: { pairs: readonly Pair[]; tail: Uint8Array; bytes: Uint8Array }) => Uint8Array,
): Promise<Tree> {
  const { bundle, refs } = await bundleIn(log, first);
  const bytes = log.contents.get(`${bundle.address}`)!;
  const { pages, tail } = decodeBundle(
    bytes,
    settings.leafSize,
    refs.map(({ hash }) => hash),
  );
  const pairs = pages.flatMap((page) => page.pairs);
  return forge(log, `${bundle.address}`, change({ pairs, tail, bytes }), { merkle: false });
}

/** Encodes a bundle of pairs. */
function encoded(pairs: readonly Pair[], tail: Uint8Array): Uint8Array {
  const parts = Array.from({ length: PAGES }, (_, i) => encodeBundlePart(pairs.slice(2 * i, 2 * i + 2)));
  return encodeBundle(parts, tail.length > 0 ? Address.fromBytes(tail) : undefined);
}

/** The bundle says of some entries that they were removed. */
const stripped = (places: readonly number[], first = FIRST) =>
  withBundle(imported, first, ({ pairs, tail }) =>
    encoded(
      pairs.map((pair, i) => (places.includes(i) ? { ...pair, place: { kind: "removed" as const } } : pair)),
      tail,
    ),
  );

/** The same bundle, in bytes that nobody here would write. */
const otherBytes = (first = FIRST) =>
  withBundle(imported, first, ({ bytes }) => Uint8Array.of(...bytes, 0xc8, 0x3e, 1));

/** The text of the address of the content of an entry of the second bundle. */
const textOf = async (at: number): Promise<string> =>
  `${await addressOf(imported.entries[2 * FIRST + at]!, rawSha256)}`;
const textsOf = (places: readonly number[]) => Promise.all(places.map(textOf));

const address = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));

/** Objects of a log that hold entries. */
const pagesOf = (log: WrittenLog): string[] =>
  [...kindsOf(log)].filter(([, kind]) => kind === "page").map(([text]) => text);

test("a bundle is copied as it is, with the contents of its entries", async () => {
  const { result, bundle, refs, stored, total, missing, bytes } = await copied(imported, {
    views: [imported],
  });
  expect(result).toEqual({ refs, bundle, replaces: bundle.address });
  expect(bytes).toEqual(imported.contents.get(`${bundle.address}`));
  expect([...stored.keys()].sort()).toEqual(
    [`${bundle.address}`, ...(await textsOf([...Array(ENTRIES).keys()]))].sort(),
  );
  expect([total("entries"), total("contents"), total("pages"), missing]).toEqual([ENTRIES, ENTRIES, 1, []]);
});

test("what an earlier copy stored is neither read nor stored again", async () => {
  const { sources, total, bundle, stored } = await copied(imported, {
    views: [imported],
    has: imported.contents,
    resume: true,
  });
  expect(sources[0]!.reads).not.toContain(`${bundle.address}`);
  expect([total("pages"), total("contents"), total("entries")]).toEqual([0, 0, ENTRIES]);
  expect(stored.size).toBe(imported.contents.size);
});

test("the target is not asked for contents whose bundle comes from a source", async () => {
  const text = await textOf(3);
  const has = new Map([[text, imported.contents.get(text)!]]);
  const { sources, missing } = await copied(imported, { views: [imported], has });
  expect(sources[0]!.reads).toContain(text);
  expect(missing).toEqual([]);
});

test("pages that are stored by themselves keep their refs, and the others have that of the bundle", async () => {
  const { result, bundle, refs, total } = await copied(
    grown,
    { views: [grown] },
    { alone: [0, 1, 2, 3, 4, 5, 6] },
  );
  expect(refs[0]!.address.equals(bundle.address)).toBe(false);
  expect(result.refs).toEqual([...refs.slice(0, 7), { address: bundle.address, hash: refs[7]!.hash }]);
  // The entries of the others are counted with their pages.
  expect(total("entries")).toBe(settings.leafSize);
});

test("contents that nobody shows are told, but for those of pages that are copied by themselves", async () => {
  const lost = without(grown, await textsOf([0, 1, 5, 7]));
  const { missing, total } = await copied(grown, { views: [lost] }, { alone: [0, 2] });
  expect(missing).toEqual([[23, 24, "ERR_NOT_FOUND"]]);
  expect(total("entries")).toBe(6 * settings.leafSize - 1);
});

test("the contents of pages that the target has are there, and no others", async () => {
  const lost = without(imported, await textsOf([4, 7, 8, 9, 10, 12]));
  const { missing, sources } = await copied(imported, { views: [lost] }, { known: [4] });
  expect(missing.map(([from]) => from - 2 * FIRST)).toEqual([4, 7, 10, 12]);
  expect(sources[0]!.reads).not.toContain(await textOf(8));
});

test("a bundle that nobody shows is told as missing, page by page, and keeps its address", async () => {
  const { bundle } = await bundleIn(imported);
  const lost = without(imported, [`${bundle.address}`]);
  const { result, missing, total, refs, stored } = await copied(imported, { views: [lost] });
  expect(missing).toEqual(
    Array.from({ length: PAGES }, (_, i) => [2 * (FIRST + i), 2 * (FIRST + i) + 2, "ERR_NOT_FOUND"]),
  );
  expect(result).toEqual({ refs, bundle, replaces: bundle.address });
  expect([total("entries"), stored.size]).toEqual([0, 0]);
});

test.each([
  ["needed, if a page is in it alone", false, 7, true],
  ["needed, if several are", false, 6, true],
  ["not needed, if none is", false, 8, false],
  ["needed in a tree that is copied as it is", true, 8, true],
])("a bundle that nobody shows is %s", async (_, unchanged, alone, isNeeded) => {
  const { bundle } = await bundleIn(grown);
  const lost = without(grown, pagesOf(grown));
  const places = [...Array(alone).keys()];
  const { result, missing, refs } = await copied(grown, { views: [lost], unchanged }, { alone: places });
  expect(result.bundle).toEqual(isNeeded ? bundle : undefined);
  expect(missing.map(([from]) => from)).toEqual([6, 7].filter((i) => i >= alone).map((i) => 2 * (FIRST + i)));
  expect(result.refs.slice(0, alone)).toEqual(refs.slice(0, alone));
  expect(result.replaces).toEqual(bundle.address);
});

test("a bundle that says falsely that entries were removed is made whole of the pages of another tree", async () => {
  const tree = await stripped([0, 5, 6]);
  const { bundle: whole } = await bundleIn(imported);
  const { result, missing, total } = await copied(tree, { views: [tree, imported] });
  // To the byte, with what is before it, so that its address is the same.
  expect(result.bundle).toEqual(whole);
  expect(result.refs.every((ref) => ref.address.equals(whole.address))).toBe(true);
  expect([missing, total("entries"), total("pages")]).toEqual([[], ENTRIES, 1]);
  const again = { views: [tree, imported], has: imported.contents, resume: true };
  expect((await copied(tree, again)).total("pages")).toBe(0);
});

test("a tree that is copied as it is keeps what its bundle says", async () => {
  const tree = await stripped([0, 5]);
  const { bundle: former } = await bundleIn(imported, 0);
  const before = { refs: [], bundle: { ...former, address: address(7) }, replaces: former.address };
  const asItIs = { views: [tree, imported], unchanged: true };
  const { result, bundle, missing } = await copied(tree, asItIs, { before });
  expect(result.bundle).toEqual(bundle);
  expect(missing.map(([from, , code]) => [from - 2 * FIRST, code])).toEqual([
    [0, "ERR_WITHHELD"],
    [5, "ERR_WITHHELD"],
  ]);
  const lost = without(tree, [`${bundle.address}`]);
  const given = { views: [lost, imported], others: [imported], held: [imported], unchanged: true };
  expect((await copied(tree, given)).missing).toHaveLength(PAGES);
});

test.each([0, FIRST])(
  "bytes that nobody here would write are copied as they are, at page %i",
  async (first) => {
    const tree = await otherBytes(first);
    const given = { views: [tree] };
    const { result, bundle, bytes } = await copied(tree, given, {}, first);
    expect(result.bundle).toEqual(bundle);
    expect(bytes).toEqual(tree.contents.get(`${bundle.address}`));
    if (first === 0) return;
    // The bundle before it, if it was copied as it is, too.
    const { bundle: former } = await bundleIn(tree, 0);
    const same = { ...former, address: Address.fromBytes(former.address.bytes) };
    const before = { refs: [], bundle: same, replaces: former.address };
    expect((await copied(tree, given, { before })).result.bundle).toEqual(bundle);
  },
);

test("a bundle names the one before it where the copy has that", async () => {
  const { bundle: former } = await bundleIn(imported, 0);
  const made = { ...former, address: address(7) };
  for (const [before, tail] of [
    [{ refs: [], bundle: made, replaces: former.address }, made.address],
    [{ refs: [], bundle: undefined, replaces: former.address }, former.address],
    [{ refs: [], bundle: made, replaces: address(8) }, former.address],
    [undefined, former.address],
  ] as const) {
    const { result, shown, bundle, missing, total } = await copied(
      imported,
      { views: [imported] },
      before && { before },
    );
    expect(shown!.tail).toEqual(tail.bytes);
    expect(result.bundle!.address.equals(bundle.address)).toBe(tail === former.address);
    expect(result).toMatchObject({ bundle: { first: FIRST, lengths: bundle.lengths } });
    expect(result.replaces).toEqual(bundle.address);
    expect([missing, total("entries")]).toEqual([[], ENTRIES]);
  }
});

test.each([
  ["a source", "others"],
  ["the target", "held"],
] as const)("a bundle that is lost is made anew of pages that %s shows", async (_, where) => {
  const { bundle } = await bundleIn(imported);
  const { bundle: former } = await bundleIn(imported, 0);
  const views = [without(imported, [`${bundle.address}`])];
  // A tree that has not all of it does not help.
  const smaller = logAt(grown, 17);
  const given = { views, [where]: [smaller, plain], has: where === "held" ? plain.contents : new Map() };
  const { result, missing, total, shown } = await copied(imported, given);
  // The page before it is in the bundle before it alone.
  expect(shown!.tail).toEqual(former.address.bytes);
  expect(result.bundle).toEqual(bundle);
  expect([missing, total("entries"), total("pages")]).toEqual([[], ENTRIES, 1]);
  // Contents are where the pages are.
  expect(total("contents")).toBe(where === "held" ? 0 : ENTRIES);
});

test("what is made of pages leads to what is before it, as the copy has that", async () => {
  const lost = without(imported, [`${(await bundleIn(imported)).bundle.address}`]);
  const given = { views: [lost], others: [plain] };
  const { bundle: former } = await bundleIn(imported, 0);
  const made = { ...former, address: address(7) };
  const tailOf = async (before: CopiedBundle | undefined) =>
    (await copied(imported, given, before && { before })).shown!.tail;
  expect(await tailOf({ refs: [], bundle: made, replaces: address(8) })).toEqual(made.address.bytes);
  // One that does not end there is not before it.
  const shorter = { ...made, lengths: made.lengths.slice(1) };
  expect(await tailOf({ refs: [], bundle: shorter, replaces: former.address })).toEqual(former.address.bytes);
  const first = await bundleIn(imported, 0);
  const without0 = without(imported, [`${first.bundle.address}`]);
  const { result, shown, asked } = await copied(imported, { views: [without0], others: [plain] }, {}, 0);
  expect([shown!.tail, asked]).toEqual([new Uint8Array(0), []]);
  expect(result.bundle).toEqual(first.bundle);
  // A page that is stored by itself.
  const page = (await bundleIn(grown, 0)).refs[7]!.address;
  const own = await copied(grown, { views: [without(grown, pagesOf(grown))], others: [plain] });
  expect([own.shown!.tail, own.asked]).toEqual([page.bytes, [[0, FIRST - 1]]]);
});

test("pages of which one is lost make no bundle", async () => {
  const { bundle } = await bundleIn(imported);
  const { refs } = await bundleIn(plain);
  const others = [without(plain, [`${refs[5]!.address}`])];
  const { missing } = await copied(imported, { views: [without(imported, [`${bundle.address}`])], others });
  expect(missing).toHaveLength(PAGES);
});

test("bundles are named by the first tree that shows their node", async () => {
  const nodesOf = (log: WrittenLog): string[] =>
    [...kindsOf(log)].filter(([, kind]) => kind === "node").map(([text]) => text);
  const blind = without(imported, nodesOf(imported));
  const [own, other] = [await bundleIn(imported), await bundleIn(grown)];
  const named = async (given: Given) => (await copierOf(given)).bundles.named(FIRST);
  expect(await named({ views: [imported, grown] })).toEqual([own.bundle]);
  expect(await named({ views: [blind, grown] })).toEqual([other.bundle]);
  expect(await named({ views: [blind, grown], unchanged: true })).toEqual([]);
  expect(await named({ views: [blind], held: [grown] })).toEqual([other.bundle]);
  // A tree that ends there, or before, says nothing of it.
  for (const size of [1, 17]) {
    expect(await named({ views: [blind], held: [logAt(grown, size), grown] })).toEqual([other.bundle]);
  }
  expect(await named({ views: [blind] })).toEqual([]);
});

test("an abort is no gap", async () => {
  const { bundle, refs } = await bundleIn(imported);
  const parts = { refs, alone: new Set<number>(), known: new Set<number>(), before: undefined };
  for (const run of [
    (bundles: BundleCopier) => bundles.named(FIRST),
    (bundles: BundleCopier) => bundles.copy(bundle, parts),
  ]) {
    const given = { views: [imported], unchanged: true };
    const { bundles, controller, missing, sources } = await copierOf(given);
    sources[0]!.before = async () => {
      controller.abort("gave up");
      throw new NotFoundError("It is not there.", { operation: "storage.get" });
    };
    expect(await failure(run(bundles))).toBe("gave up");
    expect(missing).toEqual([]);
  }
});

test("a reader of the standard alone comes to all entries of a copy in which a bundle was made anew", async () => {
  const { bundle } = await bundleIn(imported);
  const from = [without(imported, [`${bundle.address}`]), plain].map((tree, i) =>
    scriptedRemote(tree.contents, tree.head, { label: `source ${i}` }),
  );
  const target = makeTarget();
  expect(await mirrorFrom(imported, target, { from })).toMatchObject({ missing: [] });
  const found: Uint8Array[] = [];
  const at = (bytes: Uint8Array) => target.contents.get(`${Address.fromBytes(bytes)}`)!;
  let object = decodeRemoteLog(target.table.values.get(imported.logId)!.content);
  for (;;) {
    for (const { remoteHash } of object.pairs) found.unshift(at(remoteHash));
    if (object.tail.length === 0) break;
    object = decodeRemoteLog(at(object.tail));
  }
  expect(found).toEqual(imported.entries);
});
