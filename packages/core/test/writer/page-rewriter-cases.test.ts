// Pages that are written anew: what the name still has to show, what a remote has lost, and what a cut publish has left.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import {
  addressOf,
  DeniedError,
  IntegrityError,
  NotFoundError,
  NotPropagatedError,
  rawSha256,
  type StorageBackend,
  TooLargeError,
} from "../../src/index.ts";
import { decodeRemoteLog } from "../../src/wire/remote-log-message.ts";
import { PageRewriter } from "../../src/writer/page-rewriter.ts";
import { text } from "./log-contents.ts";
import { addressesOf, contentOf, rangesOf, signal, World } from "./rewritten-pages.ts";

/** The same storage, which forgets nothing. */
function withoutDelete(storage: StorageBackend): StorageBackend {
  const copy = { ...storage };
  Reflect.deleteProperty(copy, "delete");
  return copy;
}

test("the name has to move only if pages have changed, or a head is shown", async () => {
  // The entry is in no page yet: the head alone has it.
  for (const published of [true, false]) {
    const world = await World.of(4, 75);
    const ranges = await world.remove([74]);
    await world.tree.rewrite(ranges, published, signal);
    expect(world.tree.rewriter.unshown).toBe(published);
    expect(await world.records.loadRewrite()).toEqual({ removed: ranges, unshown: published });
    // Nothing more is removed: nothing is written.
    const { length } = world.database.writes;
    await world.tree.rewriter.rewrite(ranges, true, undefined as never, signal);
    expect(world.database.writes).toHaveLength(length);
  }
  const world = await World.of(4, 75);
  const ranges = await world.remove([9]);
  await world.tree.rewrite(ranges, false, signal);
  expect(world.tree.rewriter.unshown).toBe(true);
  const more = await world.remove([74]);
  await world.tree.rewrite(more, false, signal);
  expect(world.tree.rewriter.unshown).toBe(true);
});

test("a head that shows less than is removed makes nothing shown", async () => {
  const world = await World.of(4, 75);
  const ranges = await world.remove([9]);
  await world.tree.rewrite(ranges, true, signal);
  const more = await world.remove([10]);
  const { rewriter } = world.tree;
  expect(await rewriter.shownOperations(more)).toBeUndefined();
  expect((await rewriter.shownOperations(ranges))!.length).toBeGreaterThan(1);
  rewriter.shown();
  // What was noted since is shown, and there is nothing else to say.
  expect(await rewriter.shownOperations(ranges)).toHaveLength(1);
});

test("pages that show a removal already stay, and what may have been stored of it on its own is noted", async () => {
  const world = await World.of(4, 75);
  const ranges = await world.remove([9, 10]);
  await world.tree.rewrite(ranges, false, signal);
  const before = await world.reachable([9, 10]);
  // As if the journal had forgotten it.
  for await (const { number } of world.records.oldObjects.load())
    await world.journal.write([world.records.oldObjects.deleteOperation(number)], true);
  await world.journal.write([world.records.rewriteOperation({ removed: [], unshown: false })], true);
  const again = await world.copy();
  await again.tree.rewrite(ranges, false, signal);
  expect(await again.reachable([9, 10])).toEqual(before);
  expect(await again.old()).toEqual({ tree: [], contents: await addressesOf([9, 10]) });
  expect(again.tree.rewriter.unshown).toBe(false);
  // A page that changes before them is to be shown all the same.
  await again.journal.write([again.records.rewriteOperation({ removed: [], unshown: false })], true);
  const third = await again.copy();
  await third.tree.rewrite(await third.remove([1, 9, 10]), false, signal);
  expect(third.tree.rewriter.unshown).toBe(true);
});

test("of the entries in the head those that were removed just now are noted", async () => {
  const world = await World.of(4, 76);
  await world.tree.rewrite(await world.remove([75]), true, signal);
  await world.tree.rewrite(await world.remove([74, 75]), true, signal);
  expect(await world.old()).toEqual({ tree: [], contents: await addressesOf([74, 75]) });
});

test.each([
  new NotFoundError("Not there.", { operation: "storage.get" }),
  new NotPropagatedError("Not yet.", { operation: "storage.get" }),
  new IntegrityError("Other bytes.", { operation: "storage.get" }),
  new TooLargeError("Much too large.", { operation: "storage.get", limit: 1 }),
])(
  "a page that the remote has lost ($code) is written from the journal; what can't be asked is told",
  async (error) => {
    const world = await World.of(4, 75);
    const expected = await world.copy();
    const ranges = await world.remove([9]);
    await expected.remove([9]);
    await expected.tree.rewrite(ranges, true, signal);
    world.storage = { ...memoryStorage({ contents: world.contents }), get: () => Promise.reject(error) };
    await world.open();
    await world.tree.rewrite(ranges, true, signal);
    expect(await world.reachable([9])).toEqual(await expected.reachable([9]));
    const other = await expected.copy();
    const denied = new DeniedError("No.", { operation: "storage.get" });
    other.storage = { ...memoryStorage({ contents: other.contents }), get: () => Promise.reject(denied) };
    await other.open();
    const more = await other.remove([9, 20]);
    expect(await failure(other.tree.rewrite(more, true, signal))).toBe(denied);
  },
);

test("a page that is lost is stored again, also if nothing of it has to be taken out any more", async () => {
  const world = await World.of(4, 75);
  const ranges = await world.remove([9]);
  await world.tree.rewrite(ranges, true, signal);
  await world.journal.write([world.records.rewriteOperation({ removed: [], unshown: false })], true);
  const again = await world.copy();
  const { pages } = await again.reachable([9]);
  again.contents.delete(pages[4]!);
  await again.tree.rewrite(ranges, true, signal);
  expect(again.contents.has(pages[4]!)).toBe(true);
});

test("what an upload that fails leaves is not noted as written", async () => {
  const world = await World.of(4, 75);
  const before = await world.reachable([]);
  const ranges = await world.remove([9]);
  const denied = new DeniedError("No.", { operation: "storage.put" });
  // The page, the node above it, and the one above that: what was stored before is not stored again.
  for (const works of [0, 1, 1]) {
    let puts = 0;
    const inner = memoryStorage({ contents: world.contents });
    const put: StorageBackend["put"] = async (content, options) => {
      if (++puts > works) throw denied;
      return inner.put(content, options);
    };
    world.storage = { ...inner, put };
    await world.open();
    expect(await failure(world.tree.rewrite(ranges, true, signal))).toBe(denied);
    expect(await world.reachable([])).toEqual(before);
    expect(await world.records.loadRewrite()).toEqual({ removed: [], unshown: false });
  }
});

const kinds = {
  "another codec": { codec: 0x71 },
  "another hash": { hash: 0x1b },
  "another length": { digestBytes: 20 },
};

test.each(Object.entries(kinds))(
  "if addresses do not follow from hashes (%s), none is guessed",
  async (_, other) => {
    const world = await World.of(4, 75);
    const { capabilities } = world.storage;
    const hashTypes = [{ ...rawSha256, ...other }];
    const storage = { ...world.storage, capabilities: { ...capabilities, hashTypes } };
    const genesis = world.log.genesis.genesis;
    const { journal, records, tree } = world;
    const ranges = await world.remove([74]);
    for (const [own, count] of [
      [storage, 0],
      [world.storage, 1],
    ] as const) {
      const rewriter = new PageRewriter({ journal, records, tree, genesis, storage: own });
      await rewriter.rewrite(ranges, true, undefined as never, signal);
      expect((await world.old()).contents).toHaveLength(count);
    }
  },
);

test("what a cut publish may have stored is noted while the journal still has it: pages, and contents on their own", async () => {
  // 42 entries are in pages that the journal knows, 28 more perhaps, and one more is in no page.
  const entries = 71;
  const removed = [3, 38, 42, 48, 49, 69, 70];
  const world = await World.of(4, entries, 43);
  const whole = await world.copy();
  await whole.store(entries);
  const { pages } = await whole.reachable([]);
  await world.tree.rewriter.noteUnknown(rangesOf(removed), entries);
  const expected = {
    tree: [21, 24, 34].map((page) => pages[page]!).sort(),
    contents: await addressesOf([42, 48, 69]),
  };
  expect(await world.old()).toEqual(expected);
  // It survives a power cut: the contents leave the journal next.
  expect(await (await world.copy(0)).old()).toEqual(expected);
  // Of entries that are still to come nothing is known.
  const few = await World.of(4, entries, 41);
  await few.tree.rewriter.noteUnknown([{ first: 60, count: 1000 }], 61);
  expect(await few.old()).toEqual({ tree: [], contents: await addressesOf([60]) });
});

test("if all that is removed is in known pages, or nothing can be forgotten, nothing is noted", async () => {
  const world = await World.of(4, 71, 41);
  const { length } = world.database.writes;
  await world.tree.rewriter.noteUnknown(rangesOf([0, 3, 39]), 71);
  expect(await world.old()).toEqual({ tree: [], contents: [] });
  expect(world.database.writes).toHaveLength(length);
  const storage = withoutDelete(memoryStorage({ contents: world.contents }));
  for (const [release, isNoted] of [
    [undefined, false],
    [async () => undefined, true],
  ] as const) {
    world.storage = { ...storage, ...(release && { release }) };
    await world.open();
    await world.tree.rewriter.noteUnknown(rangesOf([48]), 71);
    expect((await world.old()).contents.length > 0).toBe(isNoted);
    const ranges = await world.remove(isNoted ? [9, 10, 70] : [9, 70]);
    await world.tree.rewrite(ranges, true, signal);
    const { tree, contents } = await world.old();
    expect([tree.length > 0, contents.length > 0]).toEqual([isNoted, isNoted]);
  }
});

test("pages that are stored anew because nothing is believed note what they replace, if it showed what was removed", async () => {
  const world = await World.of(4, 75);
  const [pair, kept] = await Promise.all(
    [9, 10].map(async (sequence) => {
      const hash = rawSha256.digest(text(contentOf(sequence))) as Uint8Array;
      return { localHash: hash, contentHash: hash };
    }),
  );
  const removed = { ...pair!, place: { kind: "removed" } } as const;
  const embedded = { ...kept!, place: { kind: "embedded", stored: text("x") } } as const;
  const [same, other] = await world.records.loadRefs(0, 3, 5);
  const another = { ...other!, address: await addressOf(text("another page"), rawSha256) };
  const refs = [
    { kind: "ref", level: 0, index: 3, ref: same! },
    { kind: "ref", level: 0, index: 4, ref: another },
    // Nothing was there before.
    { kind: "ref", level: 5, index: 0, ref: another },
  ] as const;
  const { rewriter } = world.tree;
  expect(await rewriter.replacedOperations(refs, [embedded])).toEqual([]);
  expect(
    await rewriter.replacedOperations(
      refs.filter(({ index }) => index !== 4),
      [removed],
    ),
  ).toEqual([]);
  await world.journal.write(await rewriter.replacedOperations(refs, [embedded, removed]), true);
  expect(await world.old()).toEqual({ tree: [`${other!.address}`], contents: await addressesOf([9]) });
  const storage = withoutDelete(world.storage);
  const { journal, records, tree } = world;
  const forgetting = new PageRewriter({
    journal,
    records,
    tree,
    storage,
    genesis: world.log.genesis.genesis,
  });
  expect(await forgetting.replacedOperations(refs, [removed])).toEqual([]);
});

test("a bundle that is written anew leads to the one before it as that is now, in the same node", async () => {
  const whole = await World.of(4, 13, 13, true);
  const [bundle] = await whole.records.bundles.load(0, 4);
  const bytes = bundle!.lengths.reduce((sum, length) => sum + length, 0);
  for (const removed of [[1, 5], [5]]) {
    const world = await World.of(4, 13, 1, true);
    const { capabilities } = world.storage;
    // Half of a run fits.
    const largestContent = Math.floor(0.75 * bytes);
    world.storage = { ...world.storage, capabilities: { ...capabilities, largestContent } };
    await world.open();
    await world.store(13);
    const before = await world.records.bundles.load(0, 4);
    expect(before.map(({ first }) => first)).toEqual([0, 2]);
    await world.tree.rewrite(await world.remove(removed), false, signal);
    const [one, two] = await world.records.bundles.load(0, 4);
    expect(one!.address.equals(before[0]!.address)).toBe(removed.length === 1);
    expect(two!.address.equals(before[1]!.address)).toBe(false);
    const { tail } = decodeRemoteLog(world.contents.get(`${two!.address}`)!);
    expect(tail).toEqual(one!.address.bytes);
  }
});
