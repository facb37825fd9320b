// The tree of a log on one remote: what is sent, in which order, what is not sent twice, and what is looked for again.

import { memoryStorage } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address, addressOf, rawSha256, type StorageBackend, UnreachableError } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { RemoteRecords } from "../../src/journal/remote-records.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import type { Genesis } from "../../src/log/genesis.ts";
import type { VerifiedHead } from "../../src/log/head.ts";
import { decodePage } from "../../src/log/page.ts";
import { type Pair, pairLeafHash } from "../../src/log/pair.ts";
import { treeShape } from "../../src/log/tree-shape.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { RemoteTree } from "../../src/writer/remote-tree.ts";
import type { StoredTree } from "../../src/writer/stored-tree.ts";
import type { WriterState } from "../../src/writer/writer-state.ts";
import { entriesOf, journalOf, sealing, treeOf } from "../journal/small-log.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const { signal } = new AbortController();
const genesis = { leafSize: 2, fanOut: 8, identifiers: "sha256", visibility: "public" } as unknown as Genesis;

/** A remote with its storage; `put`, `asked` and `told` note what is done there, in order. */
function remoteOf({ has = true, slow = false, fails = (): Error | undefined => undefined } = {}) {
  const contents = new Map<string, Uint8Array>();
  const inner = memoryStorage({ contents });
  const puts: string[] = [];
  const asked: string[] = [];
  const storage: StorageBackend = {
    name: inner.name,
    get: (address, options) => inner.get(address, options),
    capabilities: { ...inner.capabilities, list: false },
    put: async (content, options) => {
      const error = fails();
      if (error !== undefined) throw error;
      // Uploads are acknowledged in another order than they were begun.
      for (let i = content[content.length - 1]! % 3; slow && i > 0; i--)
        await new Promise((go) => setImmediate(go));
      const address = await inner.put(content, options);
      puts.push(`${address}`);
      return address;
    },
    has: async (address, options) => {
      asked.push(`${address}`);
      return has && inner.has(address, options);
    },
  };
  return { contents, storage, puts, asked };
}

type Remote = ReturnType<typeof remoteOf>;

/** The tree on a remote, as a process finds it in a journal. */
async function treeOn(database: PowerCutDatabase, remote: Remote, largestEmbedded = 1024, journal?: Journal) {
  const opened =
    journal ?? (await Journal.open(new PowerCutDatabase(database.afterPowerCut(database.unsynced))));
  const records = new RemoteRecords(opened, "one");
  const told: [string, number][] = [];
  const tree = new RemoteTree({ journal: opened, genesis: { genesis }, sealing } as unknown as WriterState, {
    records,
    uploadRecords: new UploadRecords(opened, "one"),
    storage: remote.storage,
    largestEmbedded,
    onStored: (stage, entries) => told.push([stage, entries]),
  });
  await tree.load();
  const store = (size: number, last = true, root = treeOf(size).root()) =>
    tree.store(size, { root, last, signal });
  return { tree, store, told, journal: opened, records };
}

/** A journal with a number of entries, and a tree that has stored nothing of them. */
async function begin(size: number, remote = remoteOf(), largestEmbedded = 1024) {
  const { database, journal } = await journalOf(size);
  return { database, remote, ...(await treeOn(database, remote, largestEmbedded, journal)) };
}

/** The tree below a head, as its reader sees it. */
function viewOf({ levels, pairs }: StoredTree, size: number, { storage }: Remote): TreeView {
  const shape = treeShape(size, genesis);
  const checkpoint = { size, root: treeOf(size).root() };
  const head = { levels, pairs, shape, checkpoint, genesis: { genesis } } as unknown as VerifiedHead;
  return new TreeView(head, storage, defaultLimits, signal);
}

/** Reads all entries below a head, each verified, and the address of each page. */
async function readAll(
  stored: StoredTree,
  size: number,
  remote: Remote,
): Promise<{ pairs: Pair[]; pages: string[] }> {
  const view = viewOf(stored, size, remote);
  const pairs: Pair[] = [];
  const pages: string[] = [];
  for (let index = 0; index < view.pages; index++) {
    pages.push(`${(await view.ref(0, index, signal)).address}`);
    const page = await view.page(index, signal);
    pairs.push(...page.pairs);
    // Each page leads to the one before it.
    const { tail } = decodePage(
      remote.contents.get(pages[index]!)!,
      genesis.leafSize,
      (await view.ref(0, index, signal)).hash,
    );
    expect(tail).toEqual(index === 0 ? new Uint8Array(0) : Address.fromString(pages[index - 1]!).bytes);
  }
  pairs.push(...stored.pairs);
  for (const { place, contentHash } of pairs)
    if (place.kind === "pointer") await view.content(place.address, contentHash, signal);
  const expected = entriesOf(0, size).map((entry) => ({ ...entry, place: { kind: "removed" } as const }));
  expect(pairs.map(pairLeafHash)).toEqual(expected.map(pairLeafHash));
  return { pairs, pages };
}

const sizes = [0, 1, 3, 9, 12, 17, 45];

test("at every size all entries are there below the head, and no more was sent than is needed", async () => {
  for (const largestEmbedded of [1024, 0]) {
    const { store, remote, tree } = await begin(45, remoteOf(), largestEmbedded);
    expect(tree.inPages).toBe(0);
    for (const size of sizes) {
      const { pairs } = await readAll(await store(size), size, remote);
      expect(
        pairs.every(({ place }) => place.kind === (largestEmbedded === 0 ? "pointer" : "embedded")),
      ).toBe(true);
      expect(tree.inPages).toBe(treeShape(size, genesis).pages * genesis.leafSize);
    }
    // Each object once.
    expect(new Set(remote.puts).size).toBe(remote.puts.length);
    expect(tree.acknowledged.count).toBe(remote.puts.length);
  }
});

test("a content as large as is embedded is, and one byte more is an object of its own", async () => {
  const { store } = await begin(12, remoteOf(), "entry 9".length);
  const { pairs } = await store(12);
  const all = await begin(11, remoteOf(), "entry 9".length);
  const { pairs: newest } = await all.store(11);
  expect([...newest, ...pairs].map(({ place }) => place.kind)).toEqual(
    ["pointer", "pointer", "pointer"].slice(0, newest.length + pairs.length),
  );
  const { pairs: small } = await (await begin(10, remoteOf(), "entry 9".length)).store(10);
  expect(small.every(({ place }) => place.kind === "embedded")).toBe(true);
});

test("another process continues where one has ended, and sends nothing again", async () => {
  const first = await begin(45, remoteOf(), 7);
  let { database, journal } = first;
  const { remote } = first;
  await first.store(9);
  await first.tree.acknowledged.save();
  for (const size of sizes.filter((size) => size >= 9)) {
    const before = remote.puts.length;
    database = new PowerCutDatabase(database.afterPowerCut(database.unsynced));
    journal = await Journal.open(database);
    const again = await treeOn(database, remote, 7, journal);
    await readAll(await again.store(size), size, remote);
    // As every publish does at its end.
    await again.tree.acknowledged.save();
    if (size === 9) expect(remote.puts).toHaveLength(before);
  }
  expect(new Set(remote.puts).size).toBe(remote.puts.length);
});

test("contents are there before their page, pages before the nodes above them", async () => {
  const { store, remote, database } = await begin(45, remoteOf({ slow: true }), 0);
  database.writes.length = 0;
  const stored = await store(45);
  // Nothing of it has to be on disk at once: what is forgotten is sent again.
  expect(database.writes.every(({ sync }) => !sync)).toBe(true);
  const { pairs, pages } = await readAll(stored, 45, remote);
  const place = (text: string): number => remote.puts.indexOf(text);
  pages.forEach((page, index) => {
    for (const pair of pairs.slice(index * 2, index * 2 + 2))
      expect(place(pair.place.kind === "pointer" ? `${pair.place.address}` : "")).toBeLessThan(place(page));
  });
  for (const level of stored.levels)
    for (const ref of level.node ? [level.node] : [])
      expect(place(`${ref.address}`)).toBeGreaterThan(place(pages[0]!));
  const nodes = remote.puts.filter((text) => !pages.includes(text) && place(text) > place(pages.at(-1)!));
  expect(nodes.length).toBeGreaterThan(3);
  for (const level of stored.levels)
    for (const { address } of level.refs) expect(place(`${address}`)).toBeGreaterThanOrEqual(0);
});

test("what is stored is told on the way: contents in order, then with their pages", async () => {
  const { store, told, remote } = await begin(9, remoteOf({ slow: true }), 0);
  const texts = await Promise.all(
    entriesOf(0, 9).map(async ({ stored }) => `${await addressOf(stored, rawSha256)}`),
  );
  const { push } = told;
  told.push = (event) => {
    // Whatever is told is there.
    for (const text of texts.slice(0, event[1])) expect(remote.contents.has(text)).toBe(true);
    return push.call(told, event);
  };
  await store(9);
  const uploaded = told.filter(([stage]) => stage === "uploaded").map(([, entries]) => entries);
  expect(uploaded).toEqual([...uploaded].sort((a, b) => a - b));
  expect(uploaded.at(-1)).toBe(9);
  expect(told.filter(([stage]) => stage === "stored")).toEqual([["stored", 8]]);
});

test("an upload that fails keeps what was acknowledged: the next publish sends the rest", async () => {
  let fails = true;
  const remote = remoteOf({
    fails: () => (fails && remote.puts.length >= 7 ? new Error("broken") : undefined),
  });
  const { store, database, tree } = await begin(21, remote, 0);
  expect(await failure(store(21))).toMatchObject({ message: "broken" });
  fails = false;
  expect(tree.acknowledged.count).toBe(7);
  const again = await treeOn(new PowerCutDatabase(database.afterPowerCut(database.unsynced)), remote, 0);
  await readAll(await again.store(21), 21, remote);
  expect(new Set(remote.puts).size).toBe(remote.puts.length);
});

test("uploads that no page stands for are noted; the last step of a publish forgets what is of no use", async () => {
  const { store, journal, tree } = await begin(21, remoteOf(), 0);
  const noted = async (): Promise<string[]> => {
    await tree.acknowledged.save();
    return (await new UploadRecords(journal, "one").load()).flatMap(({ addresses }) => addresses.map(String));
  };
  const addressesOf = ({ pairs }: StoredTree) =>
    pairs.map(({ place }) => (place.kind === "pointer" ? `${place.address}` : ""));
  // Nothing but the entries of the head has no page yet.
  expect(await noted()).toEqual([]);
  const first = await store(4, false);
  expect(await noted()).toEqual(addressesOf(first));
  const second = await store(5, true);
  await store(5, true);
  expect(await noted()).toEqual(expect.arrayContaining(addressesOf(second)));
});

test("entries that do not give the root that they had are never signed", async () => {
  for (const size of [3, 9]) {
    const { store } = await begin(9);
    expect(await failure(store(size, true, treeOf(size - 1).root()))).toMatchObject({
      code: "ERR_JOURNAL_CORRUPT",
    });
  }
});

test("a journal with more entries than its log holds is refused before anything is sent", async () => {
  const { store, remote } = await begin(3);
  expect(await failure(store(2 ** 53 - 1, true, treeOf(3).root()))).toMatchObject({
    code: "ERR_TOO_LARGE",
    reason: "log-full",
  });
  expect(remote.puts).toEqual([]);
});

test("the tree of any number of entries comes from what is stored and the journal", async () => {
  const { store, tree, database } = await begin(45);
  for (const stored of [0, 11, 45]) {
    if (stored > 0) await store(stored);
    if (stored === 45) {
      // From what is stored: the hashes of two nodes and six pages, and one entry.
      database.iterated = 0;
      await tree.prefix(45);
      expect(database.iterated).toBeLessThan(10);
    }
    for (let size = 0; size <= 45; size += 1 + (size % 7))
      expect((await tree.prefix(size)).root()).toEqual(treeOf(size).root());
  }
});

test("a short backlog is published at once, and a long one is divided", async () => {
  const { tree } = await begin(45);
  const planned = (from: number, size: number) =>
    tree.planSteps(from, { size } as ReturnType<typeof treeOf>, signal);
  expect(await planned(0, 256)).toEqual([]);
  expect(await planned(44, 300)).toEqual([]);
  // One entry more is looked at: these are not in the journal.
  expect(await failure(planned(0, 257))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
});

test("in doubt everything is looked for, and what is missing is put back; then it is believed again", async () => {
  const { store, tree, remote, database, records } = await begin(21, remoteOf(), 7);
  const stored = await store(21);
  expect([tree.doubted, tree.found]).toEqual([false, { asked: 0, missing: 0 }]);
  const { pages } = await readAll(stored, 21, remote);
  const all = [...remote.contents.keys()];
  for (const lost of [[], [pages[3]!], all]) {
    for (const text of lost) remote.contents.delete(text);
    remote.puts.length = 0;
    remote.asked.length = 0;
    const before = tree.found;
    let told = 0;
    tree.onAsked = () => told++;
    await tree.doubt({ shown: "aa" });
    expect([tree.doubted, tree.inPages, await records.loadDoubt()]).toEqual([true, 0, { shown: "aa" }]);
    await readAll(await store(21), 21, remote);
    expect([...remote.puts].sort()).toEqual([...lost].sort());
    expect([...remote.asked].sort()).toEqual([...all].sort());
    expect(tree.found).toEqual({ asked: before.asked + all.length, missing: before.missing + lost.length });
    expect(told).toBe(all.length);
    expect([tree.doubted, await records.loadDoubt()]).toEqual([false, undefined]);
  }
  // A doubt that was not resolved is that of the next process.
  await tree.doubt({ shown: null });
  const again = await treeOn(database, remote, 7);
  expect([again.tree.doubted, again.tree.inPages]).toEqual([true, 0]);
  remote.asked.length = 0;
  await again.store(21);
  expect(remote.asked).toHaveLength(all.length);
  const after = await treeOn(new PowerCutDatabase(database.afterPowerCut(database.unsynced)), remote, 7);
  expect(after.tree.doubted).toBe(true);
});

test("objects that are known to be damaged count as missing, and with reading all that are", async () => {
  const { store, tree, remote } = await begin(21, remoteOf(), 7);
  const { pages } = await readAll(await store(21), 21, remote);
  const view = viewOf(await store(21), 21, remote);
  const { address } = await view.ref(0, 2, signal);
  remote.puts.length = 0;
  await tree.doubt({ shown: null }, { damaged: [address] });
  await store(21);
  expect(remote.puts).toEqual([pages[2]]);
  remote.contents.set(pages[4]!, new Uint8Array(3));
  remote.puts.length = 0;
  await tree.doubt({ shown: null }, { reads: true });
  await store(21);
  expect(remote.puts).toEqual([pages[4]]);
});

test("while something is in doubt a failure leaves it so", async () => {
  let fails = false;
  const remote = remoteOf({
    has: false,
    fails: () =>
      fails ? new UnreachableError("no", { operation: "storage.put", retry: "never" }) : undefined,
  });
  const { store, tree } = await begin(9, remote);
  await store(9);
  await tree.doubt({ shown: null });
  fails = true;
  await failure(store(9));
  expect(tree.doubted).toBe(true);
  fails = false;
  await store(9);
  expect(tree.doubted).toBe(false);
});
