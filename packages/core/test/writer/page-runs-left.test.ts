// Pages that a remote has by themselves and in a bundle: which are left to it, and when.

import { describe, expect, test } from "vitest";
import type { Bundle } from "../../src/log/bundle.ts";
import { decodeIndexNode } from "../../src/wire/index-node-message.ts";
import { World } from "./stored-runs.ts";

describe("pages that are in a bundle as well", () => {
  const one = async (leavesPages: boolean | undefined): Promise<World> => {
    const world = await World.of();
    world.runs = world.opened(true, undefined, undefined, leavesPages);
    return world;
  };

  test("are left to it when their node is full, before it is stored", async () => {
    const world = await one(true);
    for (let end = 1; end <= 4; end++) await world.store(end);
    expect(world.left).toEqual([]);
    await world.store(5);
    // The second bundle is there by then.
    expect(world.left).toEqual(
      [0, 1, 3, 4].map((at, page) => ({
        page,
        address: world.objects[at]!.address,
        bundle: world.objects[page < 2 ? 2 : 5]!.address,
      })),
    );
    expect(await world.refs()).toEqual([2, 2, 5, 5, 6]);
    expect(decodeIndexNode(world.nodes[0]!).addresses.map(({ length }) => length)).toEqual([0, 0, 0, 0]);
    expect(world.nodes).toHaveLength(1);
  });

  test("stay if that is off, or by default, or if what was stored is looked for", async () => {
    for (const leaves of [false, undefined]) {
      const world = await one(leaves);
      for (let end = 1; end <= 5; end++) await world.store(end);
      expect(world.left).toEqual([]);
      expect(await world.refs()).toEqual([0, 1, 3, 4, 6]);
    }
    const world = await one(true);
    for (let end = 1; end <= 4; end++) await world.store(end);
    world.forget();
    await world.store(5, 5, true);
    expect(world.left).toEqual([]);
  });

  test("in a later node have their own numbers; what is in a bundle alone, or in none, is not left", async () => {
    const world = await World.of(false);
    await world.store(3);
    const { address } = world.objects[2]!;
    world.runs = world.opened(true, undefined, undefined, true);
    world.runs.load(undefined, 3, 0);
    await world.store(5);
    const [{ address: bundle }] = (await world.records.bundles.load(2, 4)) as [Bundle];
    expect(world.left).toEqual([{ page: 2, address, bundle }]);
    for (const end of [6, 9]) await world.store(end);
    const refs = await world.records.loadRefs(0, 0, 9);
    const bundles = await world.records.bundles.load(0, 9);
    expect(bundles.map(({ first }) => first)).toEqual([2, 4, 6]);
    // Page 4 came by itself, and so did page 5 before the bundle of both.
    expect(world.left.map(({ page }) => page)).toEqual([2, 4, 5]);
    const inBundles = [2, 3, 4, 5, 6, 7].map((page) => bundles[Math.floor(page / 2) - 1]!.address);
    expect(refs.slice(2, 8).map(({ address }) => address)).toEqual(inBundles);
    expect((await world.refs()).slice(0, 2)).toEqual([0, 1]);
    // Hashes stay as they were.
    const plain = await World.of(false);
    await plain.store(9);
    const hashes = (await plain.records.loadRefs(0, 0, 9)).map(({ hash }) => hash);
    expect(refs.map(({ hash }) => hash)).toEqual(hashes);
  });
});
