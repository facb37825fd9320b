// Runs of pages on one remote: which are bundled when, and in which form each is stored, now and after a doubt.

import { describe, expect, test } from "vitest";
import type { Address } from "../../src/address/address.ts";
import { addressOf, rawSha256 } from "../../src/address/hash-type.ts";
import { encodeBundlePart } from "../../src/log/bundle.ts";
import { encodePage } from "../../src/log/page.ts";
import type { Pair } from "../../src/log/pair.ts";
import { decodeIndexNode } from "../../src/wire/index-node-message.ts";
import { addressAt, all, encoder, leafSize, pairsOf, type Shape, World } from "./stored-runs.ts";

const imported: readonly Shape[] = [
  [0, 2, "none"],
  [2, 2, 0],
  [4, 1, 1],
];
/** Stored page by page. */
const grown: readonly Shape[] = [
  [0, 1, "none"],
  [1, 1, 0],
  [0, 2, "none"],
  [2, 1, 2],
  [3, 1, 3],
  [2, 2, 2],
  [4, 1, 5],
];

describe("which runs are bundled", () => {
  test("a run is two pages, and what is stored in one form or another is a run or a page", async () => {
    const world = await World.of();
    expect([world.runs.run, world.runs.step]).toEqual([2, 2]);
    const off = world.opened(false);
    expect([off.run, off.step]).toEqual([2, 1]);
  });

  test("one that a page follows, after those that are bundled; none if that is off, or pages are as large", async () => {
    const world = await World.of();
    world.runs.bundled = { from: 0, to: 2 };
    expect([0, 2, 4, 6].map((first) => world.runs.closes(first, 7))).toEqual([false, true, true, false]);
    expect(world.runs.closes(4, 6)).toBe(false);
    expect(world.opened(false).closes(0, 100)).toBe(false);
    expect(world.opened(true, 2 ** 24, { leafSize: 256, fanOut: 4 }).closes(0, 100)).toBe(false);
  });

  test("the next is the one after those that are bundled, or the one that is begun", async () => {
    const { runs } = await World.of();
    runs.bundled = { from: 0, to: 2 };
    expect([0, 1, 2, 3, 5, 8].map((stored) => runs.next(stored))).toEqual([0, 0, 2, 2, 2, 2]);
    runs.bundled = { from: 4, to: 8 };
    expect([3, 4, 7, 9].map((stored) => runs.next(stored))).toEqual([2, 4, 6, 8]);
    const off = (await World.of(false)).runs;
    off.bundled = { from: 0, to: 2 };
    expect([1, 5].map((stored) => off.next(stored))).toEqual([0, 4]);
  });

  test("what the journal knows counts, but full nodes stay as they are, and logs without bundles up to now", async () => {
    const { runs } = await World.of();
    for (const [known, pages, growing, expected] of [
      [undefined, 5, 4, { from: 4, to: 4 }],
      [undefined, 7, 4, { from: 6, to: 6 }],
      [{ from: 0, to: 2 }, 7, 4, { from: 0, to: 4 }],
      [{ from: 0, to: 6 }, 7, 4, { from: 0, to: 6 }],
    ] as const) {
      runs.load(known, pages, growing);
      expect(runs.bundled).toEqual(expected);
    }
  });
});

describe("what is stored of pages", () => {
  test("that come at once: bundles alone, and the page after them", async () => {
    const world = await World.of();
    await world.store(5);
    expect(world.shape).toEqual(imported);
    expect(await world.refs()).toEqual([0, 0, 1, 1, 2]);
    expect(await world.bundles()).toEqual([0, 2]);
    expect(world.runs.bundled).toEqual({ from: 0, to: 4 });
    // Nothing of what is stored is needed.
    expect(world.asked.filter(([from, to]) => from !== to)).toEqual([]);
    expect(world.nodes.map((bytes) => decodeIndexNode(bytes).bundles?.length)).toEqual([2]);
    expect(world.levels.map(({ first, refs }) => [first, refs.length])).toEqual([
      [4, 1],
      [0, 1],
    ]);
  });

  test("that come in stages: the same", async () => {
    const world = await World.of();
    await world.store(2, 5);
    await world.store(4, 5);
    await world.store(5);
    expect(world.shape).toEqual(imported);
    expect(world.runs.bundled).toEqual({ from: 0, to: 4 });
  });

  test("that come one by one: pages, and a bundle of each run that one follows, which is read again for that", async () => {
    const world = await World.of();
    for (let end = 1; end <= 5; end++) await world.store(end);
    expect(world.shape).toEqual(grown);
    expect(await world.refs()).toEqual([0, 1, 3, 4, 6]);
    expect(await world.bundles()).toEqual([0, 2]);
    expect(world.asked).toEqual([
      [0, 2],
      [2, 4],
    ]);
  });

  test("of which a run is begun: the page that is stored stays, the other is in the bundle alone", async () => {
    const world = await World.of();
    await world.store(1);
    await world.store(3);
    expect(world.shape).toEqual([
      [0, 1, "none"],
      [0, 2, "none"],
      [2, 1, 1],
    ]);
    expect(await world.refs()).toEqual([0, 1, 2]);
    expect(world.asked).toEqual([[0, 1]]);
  });

  test("without bundles: pages, each after the one before", async () => {
    const world = await World.of(false);
    await world.store(2);
    await world.store(5);
    expect(world.shape).toEqual([0, 1, 2, 3, 4].map((page) => [page, 1, page === 0 ? "none" : page - 1]));
    expect([await world.bundles(), world.asked, world.runs.bundled.to]).toEqual([[], [], 0]);
  });

  test("of a storage that takes no object as large as a bundle: pages", async () => {
    const bytes = encodeBundlePart(pairsOf(3, 4)).length;
    const world = await World.of(true, Math.floor(1.5 * bytes));
    await world.store(5);
    expect(world.shape.map(([, pages]) => pages)).toEqual([1, 1, 1, 1, 1]);
    expect(await world.bundles()).toEqual([]);
    const roomy = await World.of(true, 2 * bytes);
    await roomy.store(5);
    expect(roomy.shape).toEqual(imported);
  });

  test("after pages without bundles: from the run on that is begun", async () => {
    const before = await World.of(false);
    await before.store(3);
    before.runs = before.opened(true);
    before.runs.load(undefined, 3, 0);
    await before.store(6);
    expect(before.shape.slice(3)).toEqual([
      [2, 2, 1],
      [4, 1, 3],
      [5, 1, 4],
    ]);
    expect(await before.bundles()).toEqual([2]);
  });
});

describe("what is looked for after a doubt has the form that it had", () => {
  const addresses = (world: World): string[] => world.objects.map(({ address }) => `${address}`).sort();

  test.each([
    ["imported", [5]],
    ["one by one", [1, 2, 3, 4, 5]],
    ["in part", [1, 3, 4, 6]],
  ])("%s, whether or not bundles are made now", async (_, ends) => {
    for (const bundles of [true, false]) {
      const world = await World.of();
      for (const end of ends) await world.store(end);
      const [before, firsts] = [addresses(world), await world.bundles()];
      world.forget();
      const { bundled } = world.runs;
      world.runs = world.opened(bundles);
      world.runs.bundled = bundled;
      const last = ends.at(-1)!;
      await world.store(last, last, true);
      expect(addresses(world)).toEqual(before);
      expect(await world.bundles()).toEqual(firsts);
    }
  });

  test("pages that were not bundled stay so, and what was never stored is bundled", async () => {
    const world = await World.of(false);
    await world.store(4);
    const before = addresses(world);
    world.forget();
    world.runs = world.opened(true);
    await world.store(7, 7, true);
    expect(before.filter((text) => !addresses(world).includes(text))).toEqual([]);
    expect(world.shape.map(([page, pages]) => [page, pages])).toEqual([
      ...[0, 1, 2, 3].map((page) => [page, 1]),
      [4, 2],
      [6, 1],
    ]);
    expect(await world.bundles()).toEqual([4]);
  });

  test("a run that no page follows any more is pages", async () => {
    const world = await World.of();
    await world.store(5);
    world.forget();
    await world.store(4, 4, true);
    expect(world.shape).toEqual([
      [0, 2, "none"],
      [2, 1, 0],
      [3, 1, 1],
    ]);
  });
});

describe("what a publish that was cut may have stored of a run", () => {
  const laid = async (
    world: World,
    first: number,
    pairs: readonly Pair[],
    { before, pages = 3 }: { readonly before?: Address; readonly pages?: number } = {},
  ) => {
    world.objects.length = 0;
    const stage = { stored: world.stored, pages };
    const last = await world.runs.layUnstored(first, stage, pairs, before, {
      pages: world.sink,
      bundles: world.sink,
    });
    const at = world.objects.findIndex(({ address }) => last !== undefined && address.equals(last));
    return { shape: world.shape, last: at };
  };

  test("that is whole: its pages, and its bundle, to which what comes after it leads", async () => {
    const world = await World.of();
    const begun = all.slice(0, 2 * leafSize + 3);
    expect(await laid(world, 0, begun)).toEqual({
      shape: [
        [0, 1, "none"],
        [1, 1, 0],
        [0, 2, "none"],
      ],
      last: 2,
    });
    expect((await laid(world, 0, begun, { before: addressAt(1) })).shape).toEqual([
      [0, 1, "other"],
      [1, 1, 0],
      [0, 2, "other"],
    ]);
  });

  test("of which a page is stored: the other, and the bundle of both", async () => {
    const world = await World.of();
    await world.store(1);
    expect(await laid(world, 0, pairsOf(1, 2))).toEqual({
      shape: [
        [1, 1, "other"],
        [0, 2, "none"],
      ],
      last: 1,
    });
  });

  test("that is not whole, or that no page follows, or in a log without bundles: its pages", async () => {
    expect(await laid(await World.of(), 0, all.slice(0, 2 * leafSize - 1), { pages: 1 })).toEqual({
      shape: [[0, 1, "none"]],
      last: 0,
    });
    expect((await laid(await World.of(), 0, all.slice(0, 2 * leafSize), { pages: 2 })).last).toBe(1);
    expect(await laid(await World.of(false), 0, pairsOf(0, 2))).toEqual({
      shape: [
        [0, 1, "none"],
        [1, 1, 0],
      ],
      last: 1,
    });
  });
});

test("the newest page is stored by itself, if it is in a bundle alone", async () => {
  const world = await World.of();
  await world.store(5);
  const [growing] = world.levels;
  expect(await world.runs.newestAlone(growing!, world.sink)).toBeUndefined();
  expect(await world.runs.newestAlone({ first: 0, refs: [] }, world.sink)).toBeUndefined();
  // As a recovery leaves it: the log ends where a bundle does.
  const refs = await world.records.loadRefs(0, 0, 4);
  const bundles = await world.records.bundles.load(0, 4);
  world.objects.length = 0;
  const ref = await world.runs.newestAlone({ first: 0, refs, bundles }, world.sink);
  expect(ref).toEqual({ address: world.objects[0]!.address, hash: refs[3]!.hash });
  expect(world.objects).toHaveLength(1);
  expect(world.objects[0]!.bytes).toEqual(encodePage(pairsOf(3, 4), bundles[0]!.address));
  expect(world.asked.at(-1)).toEqual([3, 4]);
  // In a bundle, and by itself.
  const own = [...refs.slice(0, 3), { address: addressAt(1), hash: refs[3]!.hash }];
  expect(await world.runs.newestAlone({ first: 0, refs: own, bundles }, world.sink)).toBeUndefined();
  // The node begins later.
  const later = { first: 2, refs: refs.slice(2), bundles: bundles.slice(1) };
  expect((await world.runs.newestAlone(later, world.sink))!.address).toEqual(ref!.address);
});

test("before a page ends the bundle that ends there, or else a page", async () => {
  const world = await World.of();
  for (let end = 1; end <= 7; end++) await world.store(end);
  const [refs, bundles] = [await world.records.loadRefs(0, 0, 7), await world.records.bundles.load(0, 9)];
  const ends = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => world.runs.endOf(page)));
  expect(ends).toEqual([
    undefined,
    refs[0]!.address,
    bundles[0]!.address,
    refs[2]!.address,
    bundles[1]!.address,
    refs[4]!.address,
    bundles[2]!.address,
    refs[6]!.address,
    undefined,
  ]);
});

test("a bundle takes the place of those that the journal had of its pages", async () => {
  const world = await World.of();
  const one = (first: number, pages: number) => ({
    first,
    address: addressAt(first + 1),
    lengths: new Array<number>(pages).fill(1),
  });
  const former = [one(0, 2), one(2, 2), one(4, 2)];
  await world.journal.write(
    former.map((bundle) => world.records.bundles.putOperation(bundle)),
    true,
  );
  const ref = { address: addressAt(9), hash: new Uint8Array(32) };
  const steps = [
    { kind: "ref", level: 0, index: 7, ref },
    { kind: "node", bytes: new Uint8Array(1), address: addressAt(8) },
    { kind: "bundle", bundle: one(0, 4) },
  ] as const;
  const operations = await world.runs.operations(steps);
  expect(operations).toHaveLength(4);
  await world.journal.write(operations, true);
  expect(await world.records.bundles.load(0, 100)).toEqual([one(0, 4), one(4, 2)]);
  expect((await world.records.loadRef(0, 7))!.address).toEqual(ref.address);
});

test("what is only asked for its address is put nowhere", async () => {
  const { runs } = await World.of();
  const content = encoder.encode("content");
  expect(await runs.nowhere.address(content)).toEqual(await addressOf(content, rawSha256));
  expect(await runs.nowhere.put(content, addressAt(1))).toBeUndefined();
  expect(await runs.nowhere.settled()).toBeUndefined();
});
