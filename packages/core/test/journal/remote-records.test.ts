// What the journal remembers of a remote: found again as it was, and refused if it says what no writer wrote.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Address, addressOf, rawSha256 } from "../../src/index.ts";
import { forgetRemotes } from "../../src/journal/forget-remotes.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { genesisKey, remoteKey } from "../../src/journal/keys.ts";
import { contentHash, RemoteRecords } from "../../src/journal/remote-records.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { text, textOf } from "../writer/log-contents.ts";
import { all, journalOf, keysOf } from "./small-log.ts";

const corrupt = (what: string) =>
  expect.objectContaining({ code: "ERR_JOURNAL_CORRUPT", message: expect.stringContaining(what) });
const addressFor = (content: string): Promise<Address> => addressOf(text(content), rawSha256);
type Part = Parameters<typeof remoteKey>[1];

const put = (journal: Journal, part: Part, value: unknown): Promise<void> => {
  const bytes = typeof value === "string" ? value : JSON.stringify(value);
  return journal.write([{ type: "put", key: remoteKey("one", part), value: text(bytes) }], true);
};

test("what a name holds is remembered by its SHA-256 in hexadecimal digits", () => {
  expect(contentHash(text("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("nothing is known of a remote at first", async () => {
  const records = new RemoteRecords((await journalOf(0)).journal, "one");
  expect(await records.loadPublished()).toBeUndefined();
  expect(await records.loadIntent()).toBeUndefined();
  expect(await records.loadDoubt()).toBeUndefined();
  expect(await records.loadTree()).toEqual({ pages: 0, nodes: [] });
});

test("an intent is durable with the checkpoint that it carries, until it is what is published", async () => {
  const { database, journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const further = [journal.recoveriesOperation(1)];
  await records.saveIntent({ size: 3, content: text("head") }, "note", further);
  expect(database.writes.map(({ sync }) => sync)).toEqual([true]);
  expect(keysOf(database.writes[0]!.operations)).toEqual([
    "put w",
    "put s",
    "put rone\0intent",
    "put rone\0content",
  ]);
  expect(await records.loadIntent()).toEqual({ size: 3, content: text("head") });
  expect(await journal.loadSigned()).toBe("note");
  // Another remote has none.
  expect(await new RemoteRecords(journal, "two").loadIntent()).toBeUndefined();

  const published = { size: 3, revision: "r", content: contentHash(text("head")), remoteId: "00" };
  await journal.write(records.publishedOperations(published), true);
  expect(await records.loadPublished()).toEqual(published);
  expect(await records.loadIntent()).toBeUndefined();
  for (const part of ["intent", "content"] as const)
    expect(await journal.get(remoteKey("one", part))).toBeUndefined();
});

test("the head of an intent is kept with it if the name holds its address alone", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const intent = { size: 3, content: text("pointer"), head: text("the head") };
  await records.saveIntent(intent, "note");
  expect(await records.loadIntent()).toEqual(intent);
  const published = { size: 3, revision: "r", content: contentHash(text("pointer")) };
  await journal.write(records.publishedOperations(published), true);
  expect(await journal.get(remoteKey("one", "head"))).toBeUndefined();
  // Without its head it is half of one, and one that fits its name needs none.
  await put(journal, "intent", { size: 3, apart: true });
  await put(journal, "content", "pointer");
  expect(await records.loadIntent()).toBeUndefined();
  await put(journal, "head", "another");
  await put(journal, "intent", { size: 3 });
  expect(await records.loadIntent()).toEqual({ size: 3, content: text("pointer") });
});

test("heads that may be stored as objects are noted, in order", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  expect(await records.loadHeadObjects()).toEqual([]);
  const heads = await Promise.all(
    [7, 0].map(async (size) => ({ address: await addressOf(text(`${size}`), rawSha256), size })),
  );
  await journal.write([records.headObjectsOperation(heads)], true);
  expect(await records.loadHeadObjects()).toEqual(heads);
  for (const wrong of [
    {},
    [7],
    [["x", 1]],
    [[`${heads[0]!.address}`, -1]],
    [[`${heads[0]!.address}`]],
    [[1, 1]],
  ]) {
    await put(journal, "heads", wrong);
    expect(await failure(records.loadHeadObjects())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  }
});

test("half of an intent is none", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  await put(journal, "intent", { size: 3 });
  expect(await records.loadIntent()).toBeUndefined();
  const other = new RemoteRecords(journal, "two");
  await journal.write([{ type: "put", key: remoteKey("two", "content"), value: text("head") }], true);
  expect(await other.loadIntent()).toBeUndefined();
});

test("a doubt ends the belief in all that was stored, until it is looked for again", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  await journal.write([records.treeOperation({ pages: 4, nodes: [null] })], true);
  expect(await records.loadTree()).toEqual({ pages: 4, nodes: [null] });
  for (const shown of ["ab", null]) {
    await journal.write(records.doubtOperations({ shown }), true);
    expect(await records.loadDoubt()).toEqual({ shown });
    expect(await records.loadTree()).toEqual({ pages: 0, nodes: [] });
  }
  await journal.write([records.beliefOperation()], true);
  expect(await records.loadDoubt()).toBeUndefined();
});

test("the labels are those of the remotes that have a tree, in use or not", async () => {
  const { journal } = await journalOf(0);
  for (const label of ["one", "zwei ü"]) {
    const records = new RemoteRecords(journal, label);
    await journal.write(records.doubtOperations({ shown: null }), true);
  }
  await new RemoteRecords(journal, "other").saveIntent({ size: 1, content: text("x") }, "note");
  expect(await RemoteRecords.labels(journal)).toEqual(["one", "zwei ü"]);
});

const good = {
  state: { size: 3, revision: "r", content: "c" },
  intent: { size: 0 },
  tree: { pages: 2, nodes: [{ address: "a", refs: 1 }, null] },
  doubt: { shown: "ab" },
} as const;

const wrong: readonly (readonly [keyof typeof good, unknown])[] = [
  ...(["state", "intent", "tree", "doubt"] as const).flatMap((part) =>
    [null, 7, "text", [], {}].map((value) => [part, JSON.stringify(value)] as const),
  ),
  ...(["size", "revision", "content"] as const).map(
    (name) => ["state", { ...good.state, [name]: {} }] as const,
  ),
  ...[{ remoteId: 5 }, { size: -1 }, { manifest: "1" }].map(
    (part) => ["state", { ...good.state, ...part }] as const,
  ),
  ...[-1, 0.5, "1", 2 ** 53].map((size) => ["intent", { size }] as const),
  ...[{ apart: 1 }, { manifest: -1 }].map((part) => ["intent", { size: 3, ...part }] as const),
  ...[-1, "2"].map((pages) => ["tree", { ...good.tree, pages }] as const),
  ...[{ length: 0 }, [7]].map((nodes) => ["tree", { ...good.tree, nodes }] as const),
  ["tree", { ...good.tree, nodes: [null, { address: 7, refs: 1 }] }],
  ...[-1, undefined].map((refs) => ["tree", { ...good.tree, nodes: [{ address: "a", refs }] }] as const),
  ...[null, 7, { from: -1, to: 4 }, { from: 0, to: "4" }].map(
    (bundled) => ["tree", { ...good.tree, bundled }] as const,
  ),
  ["doubt", { ...good.doubt, sends: 1 }],
  ...[1, [[0, -1]]].map((edge) => ["doubt", { ...good.doubt, edge }] as const),
  ...[7, undefined].map((shown) => ["doubt", { shown }] as const),
];

const load = (records: RemoteRecords, part: keyof typeof good): Promise<unknown> => {
  if (part === "state") return records.loadPublished();
  if (part === "intent") return records.loadIntent();
  return part === "tree" ? records.loadTree() : records.loadDoubt();
};

test("a record that says what no writer wrote is refused, also if its checksum fits", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  for (const part of ["state", "intent", "tree", "doubt"] as const) {
    await put(journal, part, good[part]);
    await put(journal, "content", "head");
    const expected = part === "intent" ? { size: 0, content: text("head") } : good[part];
    expect(await load(records, part)).toEqual(expected);
    await put(journal, part, "{");
    expect(await failure(load(records, part))).toEqual(corrupt("the record of one is damaged"));
  }
  for (const [part, value] of wrong) {
    await put(journal, part, value);
    expect([part, value, await failure(load(records, part))]).toEqual([
      part,
      value,
      corrupt("the record of one does not say what it should"),
    ]);
  }
});

test("the version of the manifest that is stored is noted with the objects that it names, until that is in doubt", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const loaded = async () => [await records.loadManifest(), [...(await records.loadNamedObjects())]];
  expect(await loaded()).toEqual([0, []]);
  await journal.write([records.manifestOperation(7)], true);
  expect(await loaded()).toEqual([7, []]);
  expect(textOf((await journal.get(remoteKey("one", "manifest")))!)).toBe('{"version":7}');
  await journal.write([records.manifestOperation(8, ["0a"])], true);
  expect(await loaded()).toEqual([8, ["0a"]]);
  await journal.write(records.doubtOperations({ shown: null }), true);
  expect(await loaded()).toEqual([0, []]);
  for (const value of [null, 7, {}, { version: -1 }, { version: 1, objects: 7 }]) {
    await put(journal, "manifest", value);
    expect(await failure(records.loadManifest())).toEqual(corrupt("does not say what it should"));
    expect(await failure(records.loadNamedObjects())).toEqual(corrupt("does not say what it should"));
  }
});

test("which removals the stored pages show is noted", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  expect(await records.loadRewrite()).toEqual({ removed: [], unshown: false });
  const removed = [
    { first: 0, count: 3 },
    { first: 9, count: 1 },
  ];
  for (const unshown of [true, false]) {
    await journal.write([records.rewriteOperation({ removed, unshown })], true);
    expect(await records.loadRewrite()).toEqual({ removed, unshown });
  }
  for (const value of [
    ...[null, 7, {}, { removed: [] }, { unshown: true }, { removed: {}, unshown: true }],
    ...[
      { removed: [], unshown: 1 },
      { removed: [7], unshown: true },
      { removed: [[1]], unshown: true },
    ],
    ...[
      { removed: [[1, 2, 3]], unshown: true },
      { removed: [[1, -1]], unshown: true },
    ],
  ]) {
    await put(journal, "removed", value);
    expect(await failure(records.loadRewrite())).toEqual(corrupt("does not say what it should"));
  }
});

test("a ref is found by itself, and all addresses, those of bundles too, are those of the remote", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const ref = { hash: new Uint8Array(32).fill(3), address: await addressFor("a") };
  expect(await records.loadRef(1, 4)).toBeUndefined();
  expect(await all(records.loadAddresses({ leafSize: 8, fanOut: 4 }))).toEqual([]);
  const other = new RemoteRecords(journal, "on").refOperation(0, 0, ref);
  await journal.write([records.refOperation(1, 4, ref), records.refOperation(0, 0, ref), other], true);
  expect(await records.loadRef(1, 4)).toMatchObject({ hash: ref.hash });
  const bundle = { ...ref, first: 8, lengths: [1, 2] };
  await journal.write([records.bundles.putOperation(bundle)], true);
  expect(
    (await all(records.loadAddresses({ leafSize: 8, fanOut: 4 }))).map((address) => `${address}`),
  ).toEqual([`${ref.address}`, `${ref.address}`, `${ref.address}`]);
});

test("the refs of a level are found again, and each one that is missing is told", async () => {
  const { journal } = await journalOf(0);
  const records = new RemoteRecords(journal, "one");
  const refs = await Promise.all(
    [0, 1, 2, 3].map(async (i) => ({ hash: new Uint8Array(32).fill(i), address: await addressFor(`${i}`) })),
  );
  const operations = refs.map((ref, i) => records.refOperation(1, 10 + i, ref));
  expect((operations[2] as { value: Uint8Array }).value).toEqual(
    Uint8Array.of(...refs[2]!.hash, ...refs[2]!.address.bytes),
  );
  await journal.write(operations, true);
  await journal.write([records.refOperation(0, 11, refs[0]!), records.refOperation(2, 11, refs[0]!)], true);
  const found = await records.loadRefs(1, 10, 14);
  expect(found.map(({ hash }) => hash)).toEqual(refs.map(({ hash }) => hash));
  expect(found.map(({ address }) => `${address}`)).toEqual(refs.map(({ address }) => `${address}`));
  expect(await records.loadRefs(1, 11, 12)).toHaveLength(1);
  expect(await records.loadRefs(1, 12, 12)).toEqual([]);
  for (const [first, end] of [
    [9, 11],
    [13, 15],
    [0, 1],
  ] as const)
    expect(await failure(records.loadRefs(1, first, end))).toEqual(corrupt("a ref of one is missing"));
});

test("records of uploads are found again, in order, each with its addresses", async () => {
  const { journal } = await journalOf(0);
  const records = new UploadRecords(journal, "one");
  expect(await records.load()).toEqual([]);
  const short = Address.create(0x55, 0x12, new Uint8Array(20).fill(3));
  const addresses = [await addressFor("a"), short, await addressFor("b")];
  const many = [
    { number: 2 ** 32 - 1, addresses: [] },
    { number: 0, addresses },
    { number: 258, addresses: [short] },
  ];
  const [, first] = many.map((record) => records.putOperation(record));
  expect((first as { value: Uint8Array }).value).toEqual(
    Uint8Array.of(...addresses.flatMap(({ bytes }) => [bytes.length, ...bytes])),
  );
  await journal.write(
    many.map((record) => records.putOperation(record)),
    true,
  );
  await journal.write([new UploadRecords(journal, "one2").putOperation({ number: 5, addresses: [] })], true);
  const texts = async () =>
    (await records.load()).map(({ number, addresses: some }) => [number, some.map(String)]);
  expect(await texts()).toEqual([
    [0, addresses.map(String)],
    [258, [`${short}`]],
    [2 ** 32 - 1, []],
  ]);
  await journal.write([records.deleteOperation(258)], true);
  expect((await texts()).map(([number]) => number)).toEqual([0, 2 ** 32 - 1]);
});

test("a record of uploads that holds no addresses is refused", async () => {
  const { journal } = await journalOf(0);
  const records = new UploadRecords(journal, "one");
  const operation = records.putOperation({ number: 1, addresses: [await addressFor("a")] });
  const { value } = operation as { value: Uint8Array };
  for (const wrong of [value.slice(0, -1), value.slice(1), Uint8Array.of(...value, 0)]) {
    await journal.write([{ type: "put", key: operation.key, value: wrong }], true);
    expect(await failure(records.load())).toEqual(corrupt("a record of uploads to one is damaged"));
  }
});

test("forgetting the remotes deletes all that is known of them, at once, and nothing else", async () => {
  const { database, journal } = await journalOf(2);
  await journal.saveGenesis(text("genesis"));
  for (const label of ["one", "two"]) {
    const records = new RemoteRecords(journal, label);
    await records.saveIntent({ size: 1, content: text("x") }, "note");
    const ref = { hash: new Uint8Array(32), address: await addressFor("a") };
    await journal.write(
      [records.treeOperation({ pages: 1, nodes: [] }), records.refOperation(0, 0, ref)],
      true,
    );
    await journal.write([new UploadRecords(journal, label).putOperation({ number: 1, addresses: [] })], true);
  }
  // Damage is why it is called.
  await database.batch([{ type: "put", key: remoteKey("one", "tree"), value: text("nonsense") }], {
    sync: true,
  });
  database.writes.length = 0;
  await forgetRemotes(journal);
  expect(database.writes.map(({ sync }) => sync)).toEqual([true]);
  const left = await all(journal.keys({ gte: new Uint8Array(0), lt: Uint8Array.of(255) }));
  expect(left.map((key) => textOf(key.subarray(0, 1)))).toEqual(["e", "e", "g", "s"]);
  expect(left).toContainEqual(genesisKey);
});
