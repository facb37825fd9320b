// The index above pages that were written anew: what is stored again, what is not, and what it replaces.

import { beforeEach, describe, expect, test } from "vitest";
import { Address } from "../../src/address/address.ts";
import { addressOf, rawSha256 } from "../../src/address/hash-type.ts";
import { Journal } from "../../src/journal/journal.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import type { Bundle } from "../../src/log/bundle.ts";
import { encodeIndexNode } from "../../src/log/index-node.ts";
import type { Ref } from "../../src/log/page.ts";
import type { GrowingLevel } from "../../src/writer/index-levels.ts";
import { rewriteIndex } from "../../src/writer/index-rewriter.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const genesis = { leafSize: 2, fanOut: 2 };
const addressAt = (byte: number): Address => Address.create(0x55, 0x12, new Uint8Array(32).fill(byte));
/** Ref 3 of level 1 is made of 13, before the rewriting. */
const refOf = (level: number, index: number, made = 0): Ref => ({
  address: addressAt(100 * made + 10 * level + index),
  hash: new Uint8Array(32).fill(10 * level + index),
});
const bundleOf = (first: number, byte: number): Bundle => ({
  first,
  address: addressAt(byte),
  lengths: [1, 1],
});

let journal: Journal;
let records: RemoteRecords;
let old: Address[];
let puts: Uint8Array[];

/** 7 pages: 6 below three nodes, of which two are below another one. */
const levels: readonly GrowingLevel[] = [
  { first: 6, refs: [refOf(0, 6)] },
  { first: 2, refs: [refOf(1, 2)] },
  { first: 0, refs: [refOf(2, 0)] },
];

beforeEach(async () => {
  journal = await Journal.open(new PowerCutDatabase());
  records = new RemoteRecords(journal, "one");
  old = [];
  puts = [];
  for (const [level, refs] of [7, 3, 1].entries())
    for (let index = 0; index < refs; index++)
      await journal.write([records.refOperation(level, index, refOf(level, index))], true);
});

async function rewritten(
  pages: readonly (readonly [number, Ref])[],
  bundles: readonly Bundle[] = [],
  from: readonly GrowingLevel[] = levels,
) {
  const sink = {
    address: (content: Uint8Array) => addressOf(content, rawSha256),
    put: async (bytes: Uint8Array) => void puts.push(bytes),
    settled: async () => undefined,
  };
  const change = { pages: new Map(pages), bundles };
  const result = await rewriteIndex({ genesis, records, tree: { levels: from } }, change, old, sink);
  await journal.write(result.operations, true);
  return result;
}

const addressOfNode = (refs: readonly Ref[], bundles?: readonly Bundle[], first?: number): Promise<Address> =>
  addressOf(encodeIndexNode(refs, bundles, first), rawSha256);

describe("the nodes above pages that are not at the right edge", () => {
  test("are stored anew, each once, up to the level that the head carries", async () => {
    const [one, zero] = [refOf(0, 1, 1), refOf(0, 0, 1)];
    const { levels: now, operations } = await rewritten([
      [0, zero],
      [1, one],
    ]);
    const node = { address: await addressOfNode([zero, one]), hash: refOf(1, 0).hash };
    const above = { address: await addressOfNode([node, refOf(1, 1)]), hash: refOf(2, 0).hash };
    expect(puts).toEqual([encodeIndexNode([zero, one]), encodeIndexNode([node, refOf(1, 1)])]);
    expect(old).toEqual([refOf(1, 0).address, refOf(2, 0).address]);
    expect(now).toEqual([
      { ...levels[0], bundles: [] },
      { ...levels[1], bundles: [] },
      { first: 0, refs: [above], bundles: [] },
    ]);
    expect(operations).toHaveLength(4);
    expect(await records.loadRefs(0, 0, 3)).toEqual([zero, one, refOf(0, 2)]);
    expect(await records.loadRefs(1, 0, 3)).toEqual([node, refOf(1, 1), refOf(1, 2)]);
    expect(await records.loadRef(2, 0)).toEqual(above);
    // The levels that were given are as they were.
    expect(levels[2]!.refs).toEqual([refOf(2, 0)]);
  });

  test("of several nodes, each with its own, and what is in none stays", async () => {
    const [three, four] = [refOf(0, 3, 1), refOf(0, 4, 1)];
    await rewritten([
      [3, three],
      [4, four],
    ]);
    const nodes = [
      { address: await addressOfNode([refOf(0, 2), three]), hash: refOf(1, 1).hash },
      { address: await addressOfNode([four, refOf(0, 5)]), hash: refOf(1, 2).hash },
    ];
    expect(puts).toEqual([
      encodeIndexNode([refOf(0, 2), three]),
      encodeIndexNode([four, refOf(0, 5)]),
      encodeIndexNode([refOf(1, 0), nodes[0]!]),
    ]);
    expect(old).toEqual([refOf(1, 1).address, refOf(1, 2).address, refOf(2, 0).address]);
    expect(await records.loadRefs(1, 0, 3)).toEqual([refOf(1, 0), ...nodes]);
  });

  test("show the bundles that were written anew, and those that were not, at the lowest level alone", async () => {
    const before = [bundleOf(0, 201), bundleOf(2, 202)];
    await journal.write(
      before.map((bundle) => records.bundles.putOperation(bundle)),
      true,
    );
    const anew = bundleOf(2, 203);
    const refs = [2, 3].map((page) => ({ address: anew.address, hash: refOf(0, page).hash }));
    const { operations } = await rewritten(
      [
        [0, refOf(0, 0, 1)],
        [2, refs[0]!],
        [3, refs[1]!],
      ],
      [anew],
    );
    const first = encodeIndexNode([refOf(0, 0, 1), refOf(0, 1)], [before[0]!]);
    const second = encodeIndexNode(refs, [anew], 2);
    const nodes = await Promise.all(
      [first, second].map(async (bytes, i) => ({
        address: await addressOf(bytes, rawSha256),
        hash: refOf(1, i).hash,
      })),
    );
    expect(puts).toEqual([first, second, encodeIndexNode(nodes)]);
    expect(operations).toHaveLength(6);
  });
});

describe("the right edge", () => {
  const edge = (refs: number, bundles?: readonly Bundle[]): readonly GrowingLevel[] => [
    {
      first: 4,
      refs: [4, 5, 6].map((index) => refOf(0, index)),
      ...(bundles && { bundles }),
      node: { address: addressAt(250), refs },
    },
  ];

  test("has the new refs, and without a stored node nothing is stored", async () => {
    const six = refOf(0, 6, 1);
    const { levels: now, operations } = await rewritten([[6, six]]);
    expect(now).toEqual([{ first: 6, refs: [six], bundles: [] }, ...levels.slice(1)]);
    expect([puts, old, operations.length]).toEqual([[], [], 1]);
    expect(await records.loadRef(0, 6)).toEqual(six);
  });

  test("if nothing has changed, nothing is done", async () => {
    expect(await rewritten([])).toEqual({ levels, operations: [] });
  });

  test("has its node stored anew if a ref in it has changed, and only then", async () => {
    const five = refOf(0, 5, 1);
    const { levels: now } = await rewritten([[5, five]], [], edge(2));
    const bytes = encodeIndexNode([refOf(0, 4), five]);
    expect(puts).toEqual([bytes]);
    expect(old).toEqual([addressAt(250)]);
    expect(now).toEqual([
      {
        first: 4,
        refs: [refOf(0, 4), five, refOf(0, 6)],
        bundles: [],
        node: { address: await addressOf(bytes, rawSha256), refs: 2 },
      },
    ]);
    [puts, old] = [[], []];
    const six = refOf(0, 6, 1);
    const other = await rewritten([[6, six]], [], edge(2));
    expect([puts, old]).toEqual([[], []]);
    expect(other.levels).toEqual([{ ...edge(2)[0], refs: [refOf(0, 4), refOf(0, 5), six], bundles: [] }]);
  });

  test("has its node stored anew if a bundle in it was written anew, and none that is not in it", async () => {
    const [before, later] = [bundleOf(4, 201), bundleOf(6, 202)];
    const anew = bundleOf(4, 203);
    // Page 6 lies beyond the stored node, and so does the bundle that begins there.
    const six = refOf(0, 6, 1);
    const { levels: now } = await rewritten([[6, six]], [anew], edge(2, [before, later]));
    expect(puts).toEqual([encodeIndexNode([refOf(0, 4), refOf(0, 5)], [anew], 4)]);
    expect(old).toEqual([addressAt(250)]);
    expect(now[0]!.bundles).toEqual([anew, later]);
    [puts, old] = [[], []];
    const behind = bundleOf(6, 204);
    const other = await rewritten([[6, six]], [behind], edge(2, [before, later]));
    expect([puts, old]).toEqual([[], []]);
    expect(other.levels[0]!.bundles).toEqual([before, behind]);
    expect(other.levels[0]!.node).toEqual(edge(2)[0]!.node);
    // Half of a bundle is not in the node.
    const half = await rewritten([[6, six]], [anew], edge(1, [before, later]));
    expect(puts).toEqual([]);
    expect(half.levels[0]!.bundles).toEqual([anew, later]);
  });
});
