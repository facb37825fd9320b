// The pages and nodes of a log on one remote: what is never signed, and what a head shows by itself.

import { memoryRemote, memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address, openWriter } from "../../src/index.ts";
import { entryKey, refKey } from "../../src/journal/keys.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { RemoteTree } from "../../src/writer/remote-tree.ts";
import { tiny } from "./crashing-device.ts";
import { text } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";
import { signal, World } from "./rewritten-pages.ts";

const seed = new Uint8Array(32).fill(4);

/** The journal of a writer that appended some entries. */
async function journalWith(contents: readonly string[]): Promise<PowerCutDatabase> {
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal });
  await writer.appendAll(contents.map(text));
  await writer.close();
  return journal;
}

test.each([
  ["in the head", 2],
  ["in a page", 0],
])("an intact entry that is not the one that was appended, %s, is never signed", async (_, sequence) => {
  const remote = memoryRemote({ label: "one" });
  const journal = new PowerCutDatabase((await journalWith(["one", "two", "three"])).afterPowerCut());
  const writer = await openWriter({ ...tiny, seed, journal, remotes: [remote] });
  const key = entryKey(sequence);
  const other = await journalWith(["uno", "due", "tre"]);
  await journal.batch([{ type: "put", key, value: (await other.get(key))! }], { sync: true });

  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(await remote.names.resolve(writer.logId)).toMatchObject({ status: "absent" });
  await writer.close();
});

/** Opens a log whose remote takes its time to store something. */
async function slowed(world: World): Promise<void> {
  const inner = memoryStorage({ contents: world.contents });
  const put: typeof inner.put = async (content, options) => {
    for (let i = 0; i < 20; i++) await new Promise((go) => setImmediate(go));
    return inner.put(content, options);
  };
  world.storage = { ...inner, put };
  await world.open();
}

test("a head shows its newest page by itself, also if a recovery left it in a bundle alone", async () => {
  const world = await World.of(4, 13, 13, true);
  const before = await world.records.loadRefs(0, 0, 4);
  const [bundle] = await world.records.bundles.load(0, 4);
  expect(before.map(({ address }) => address)).toEqual(new Array(4).fill(bundle!.address));
  // The entries past the ninth are others now.
  const tree = { pages: 4, nodes: [], bundled: { from: 0, to: 4 } };
  await world.journal.write([world.records.treeOperation(tree)], true);
  await slowed(world);
  const had = new Set(world.contents.keys());
  let refs = 0;
  world.database.onWrite = (operations) => {
    if (operations.length > 0 && refs++ === 0) expect(world.contents.size).toBe(had.size + 1);
  };
  await world.store(9);
  // The page, and the node that the head leads to.
  const [page, node, ...more] = [...world.contents.keys()].filter((text) => !had.has(text));
  expect([node, more]).toEqual([`${world.tree.levels[0]!.node!.address}`, []]);
  const shown = [...before.slice(0, 3), { ...before[3]!, address: Address.fromString(page!) }];
  expect(world.tree.levels[0]!.refs).toEqual(shown);
  expect(world.tree.levels[0]!.bundles).toEqual([bundle]);
  expect(await world.records.loadRefs(0, 0, 4)).toEqual(shown);
  // The next process knows that, and has nothing to store.
  const { database } = world;
  await world.open();
  expect(world.database).not.toBe(database);
  await world.store(9);
  expect(world.contents.size).toBe(had.size + 2);
});

test("what the journal says is stored was acknowledged before: pages, and nodes of every level", async () => {
  const world = await World.of(4, 75, 1);
  await slowed(world);
  const levels = [0, 1, 2].map(
    (level) => new Set(Array.from({ length: 40 }, (_, index) => `${refKey("one", level, index)}`)),
  );
  const noted = [0, 0, 0];
  world.database.onWrite = (operations) => {
    for (const operation of operations) {
      const level = levels.findIndex((keys) => keys.has(`${operation.key}`));
      if (operation.type !== "put" || level < 0) continue;
      noted[level]!++;
      // After the hash, and before a checksum.
      const address = Address.fromBytes(operation.value.slice(32, 32 + 36));
      expect(world.contents.has(`${address}`)).toBe(true);
    }
  };
  await world.store(75);
  expect(noted).toEqual([37, 9, 2]);
});

test("at most 4,096 entries are stored at once, or one page", async () => {
  const world = await World.of(4, 3, 1);
  const { journal, log, records, storage } = world;
  for (const [leafSize, expected] of [
    [2, 4096],
    [256, 4096],
    [16_384, 16_384],
  ] as const) {
    const genesis = { ...log.genesis, genesis: { ...log.genesis.genesis, leafSize } };
    const options = {
      records,
      uploadRecords: new UploadRecords(journal, "one"),
      storage,
      largestEmbedded: 9,
    };
    const tree = new RemoteTree({ ...log, journal, genesis }, { ...options, onStored: () => undefined });
    const asked: number[] = [];
    tree.pairs = (from, to) => {
      asked.push(from, to);
      return Promise.reject(new Error("enough"));
    };
    const root = log.tree.root();
    expect(await failure(tree.store(100_000, { root, last: true, signal }))).toMatchObject({
      message: "enough",
    });
    expect(asked).toEqual([0, expected]);
  }
});

test("a doubt is about the nodes that are stored then, whatever an earlier one was about", async () => {
  const world = await World.of(8, 125, 15);
  const { tree, records } = world;
  for (const size of [15, 125]) {
    await world.store(size);
    const edge = tree.levels.map(({ first, node }) => (node === undefined ? null : [first, node.refs]));
    expect(edge.some((node) => node !== null)).toBe(true);
    await tree.doubt({ shown: null });
    expect(await records.loadDoubt()).toMatchObject({ edge });
    await world.store(size);
  }
});

test("pages that were stored by themselves in a full node are not bundled later", async () => {
  const world = await World.of(4, 19, 11);
  const other = new World(4, world.database.afterPowerCut(world.database.unsynced), world.contents, true);
  await other.open();
  expect([other.tree.pages, other.tree.nextRun]).toEqual([5, 4]);
  await other.store(19);
  expect((await other.records.bundles.load(0, 9)).map(({ first }) => first)).toEqual([4]);
});
