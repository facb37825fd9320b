// What the journal promises of each record: durable together, found again, and refused if it is not what was written.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { Journal, type JournalEntry } from "../../src/journal/journal.ts";
import { entryKey, genesisKey, recoveriesKey, signedKey, treeKey } from "../../src/journal/keys.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { text, textOf } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";
import { all, contentOf, entriesOf, journalOf, keysOf, sealing, treeOf } from "./small-log.ts";

const corrupt = (what: string) =>
  expect.objectContaining({ code: "ERR_JOURNAL_CORRUPT", message: expect.stringContaining(what) });
const everything = { gte: new Uint8Array(0), lt: Uint8Array.of(255) };
const sequences = (entries: readonly { readonly sequence: number }[]) =>
  entries.map(({ sequence }) => sequence);

test("the witness is closed before the database, and the database even if the witness fails", async () => {
  const order: string[] = [];
  const database = new PowerCutDatabase();
  vi.spyOn(database, "close").mockImplementation(async () => void order.push("database"));
  const close = vi.fn<() => Promise<void>>(async () => void order.push("witness"));
  const witness = { load: async () => undefined, save: () => undefined, close };
  await (await Journal.open(database, witness)).close();
  expect(order).toEqual(["witness", "database"]);
  const broken = new Error("broken");
  close.mockRejectedValue(broken);
  const second = await Journal.open(database, witness);
  expect(second.witness).toBeDefined();
  expect(await failure(second.close())).toBe(broken);
  expect(order).toEqual(["witness", "database", "database"]);
});

test("a database that fails is an error that says what could not be done, with its cause", async () => {
  const { database, journal } = await journalOf(2);
  const cause = new Error("No space left on device");
  const error = (verb: string) =>
    expect.objectContaining({
      code: "ERR_JOURNAL",
      cause,
      message: expect.stringContaining(`could not be ${verb}.`),
    });
  vi.spyOn(database, "get").mockRejectedValue(cause);
  vi.spyOn(database, "batch").mockRejectedValue(cause);
  vi.spyOn(database, "iterator").mockImplementation(async function* () {
    yield* [];
    throw cause;
  });
  expect(await failure(journal.get(genesisKey))).toEqual(error("read"));
  expect(await failure(journal.write([], true))).toEqual(error("written"));
  expect(await failure(all(journal.range(everything)))).toEqual(error("read"));
  expect(await failure(all(journal.keys(everything)))).toEqual(error("read"));
});

test("a database that gave no answer is told as that", async () => {
  const database = new PowerCutDatabase();
  const journal = await Journal.open(database, undefined, 1);
  vi.spyOn(database, "get").mockReturnValue(new Promise(() => undefined));
  const error = await failure(journal.get(genesisKey));
  expect(error).toMatchObject({ code: "ERR_JOURNAL", reason: "no-answer" });
  // And nothing is written after that.
  expect(await failure(journal.write([], true))).toBe(error);
  expect(await failure(all(journal.range(everything)))).toBe(error);
  expect(database.writes).toEqual([]);
});

test("a witness has the time of its journal", async () => {
  const witness = {
    load: () => new Promise<never>(() => undefined),
    save: () => undefined,
    close: async () => undefined,
  };
  const journal = await Journal.open(new PowerCutDatabase(), witness, 1);
  expect(await failure(Promise.resolve(journal.witness!.load()))).toMatchObject({ reason: "no-answer" });
});

test("entries take the places of others, whole or removed, and nothing is left of those", async () => {
  const { journal } = await journalOf(4);
  const [zero, one, two, three] = entriesOf(0, 4) as [JournalEntry, JournalEntry, JournalEntry, JournalEntry];
  const removed = ({ sequence, localHash, contentHash }: JournalEntry) => ({
    sequence,
    removed: true as const,
    localHash,
    contentHash,
  });
  await journal.write(journal.replaceOperations([removed(zero), removed(two)], treeOf(4)), true);
  const first = [removed(zero), one, removed(two), three];
  expect(await all(journal.entries(0, 4, sealing))).toEqual(first);
  expect((await all(journal.removedEntries(0, 4))).map(({ sequence }) => sequence)).toEqual([0, 2]);
  const operations = journal.replaceOperations([zero, removed(one), removed(two)], treeOf(4));
  await journal.write(operations, true);
  expect(await all(journal.entries(0, 4, sealing))).toEqual([zero, removed(one), removed(two), three]);
  expect(await all(journal.keys({ gte: entryKey(0), lt: entryKey(9) }))).toHaveLength(4);
});

test("a record that is damaged is refused, and its key can still be listed", async () => {
  const { database, journal } = await journalOf(2);
  expect(await journal.get(genesisKey)).toBeUndefined();
  await database.batch([{ type: "put", key: genesisKey, value: text("nonsense") }]);
  expect(await failure(journal.get(genesisKey))).toEqual(corrupt('the record under "g" is damaged'));
  expect(await failure(all(journal.range(everything)))).toEqual(corrupt('the record under "g" is damaged'));
  expect(await all(journal.keys(everything))).toEqual([entryKey(0), entryKey(1), genesisKey]);
});

test("a journal is empty until something is written, and one look is enough to see that", async () => {
  for (const key of [genesisKey, entryKey(0), recoveriesKey]) {
    const { database, journal } = await journalOf(0);
    expect(await journal.isEmpty()).toBe(true);
    await journal.write(
      [
        { type: "put", key, value: text("x") },
        { type: "put", key: text("x"), value: text("x") },
      ],
      false,
    );
    expect(await journal.isEmpty()).toBe(false);
    expect(database.iterated).toBe(1);
  }
});

test("a batch is durable if that is asked for, and may be lost otherwise", async () => {
  const { database, journal } = await journalOf(0);
  await journal.write([{ type: "put", key: treeKey, value: text("x") }], false);
  expect(database.afterPowerCut().size).toBe(0);
  await journal.write([{ type: "del", key: treeKey }], true);
  expect(database.writes.map(({ sync }) => sync)).toEqual([false, true]);
  expect(await journal.get(treeKey)).toBeUndefined();
});

test("the genesis record is durable together with further steps", async () => {
  const { database, journal } = await journalOf(0);
  expect(await journal.loadGenesis()).toBeUndefined();
  await journal.saveGenesis(text("genesis"), [journal.recoveriesOperation(3)]);
  const again = await Journal.open(new PowerCutDatabase(database.afterPowerCut()));
  expect(textOf((await again.loadGenesis())!)).toBe("genesis");
  expect(await again.loadRecoveries()).toBe(3);
  expect(database.writes).toHaveLength(1);
});

test("the largest signed checkpoint is kept as its note, until there is none", async () => {
  const { journal } = await journalOf(0);
  expect(await journal.loadSigned()).toBeUndefined();
  await journal.write([journal.signedOperation("the nöte")], true);
  expect(textOf((await journal.get(signedKey))!)).toBe("the nöte");
  expect(await journal.loadSigned()).toBe("the nöte");
  await journal.write([journal.signedOperation(undefined)], true);
  expect(await journal.loadSigned()).toBeUndefined();
});

test("the count of recoveries is 0 until one is counted", async () => {
  const { journal } = await journalOf(0);
  expect(await journal.loadRecoveries()).toBe(0);
  await journal.write([journal.recoveriesOperation(12)], true);
  expect(textOf((await journal.get(recoveriesKey))!)).toBe("12");
  expect(await journal.loadRecoveries()).toBe(12);
});

test("any stretch of entries is read as it was appended", async () => {
  const { database, journal } = await journalOf(6);
  for (const [from, to] of [
    [0, 6],
    [2, 5],
    [5, 6],
  ] as const) {
    expect(await all(journal.entries(from, to, sealing))).toEqual(entriesOf(from, to));
  }
  // Of none, the database is not asked.
  const iterator = vi.spyOn(database, "iterator");
  expect(await all(journal.entries(3, 3, sealing))).toEqual([]);
  expect(await all(journal.entries(4, 2, sealing))).toEqual([]);
  expect(iterator).not.toHaveBeenCalled();
});

test("entries are delivered up to the first that is missing or damaged, and that one is told", async () => {
  const { database, journal } = await journalOf(6);
  const read = async (to: number) => {
    const found: { readonly sequence: number }[] = [];
    const reading = (async () => {
      for await (const entry of journal.entries(1, to, sealing)) found.push(entry);
    })();
    return { error: await failure(reading), found: sequences(found) };
  };
  expect(await read(8)).toEqual({ error: corrupt("entry 6 is missing"), found: [1, 2, 3, 4, 5] });
  await database.batch([{ type: "del", key: entryKey(4) }]);
  expect(await read(6)).toEqual({ error: corrupt("entry 4 is missing"), found: [1, 2, 3] });
  const [other] = entriesOf(0, 1);
  const value = Uint8Array.of(...other!.localHash, ...contentOf(2));
  await journal.write([{ type: "put", key: entryKey(2), value }], true);
  expect(await read(6)).toEqual({ error: corrupt("entry 2 is damaged"), found: [1] });
});

test("an entry that was read is its reader's own: the database's bytes are not in it", async () => {
  const { database, journal } = await journalOf(1);
  const stored = (await database.get(entryKey(0)))!;
  vi.spyOn(database, "iterator").mockImplementation(async function* () {
    yield [entryKey(0), stored];
  });
  const [entry] = await all(journal.entries(0, 1, sealing));
  stored.fill(0);
  expect(entry).toMatchObject({ content: contentOf(0) });
});

test("appending saves a tree whenever a 256th entry was passed", async () => {
  const { journal } = await journalOf(0);
  const [entry] = entriesOf(0, 1);
  for (const [from, to, saves] of [
    [0, 1, false],
    [0, 255, false],
    [255, 256, true],
    [250, 260, true],
    [256, 257, false],
    [256, 511, false],
    [500, 512, true],
    [200, 600, true],
  ] as const) {
    const entries = Array.from({ length: to - from }, (_, i) => ({ ...entry!, sequence: from + i }));
    const keys = keysOf(journal.appendOperations(entries, () => anyTreeOf(to)));
    expect(keys).toHaveLength(entries.length + (saves ? 1 : 0));
    expect(keys.includes("put t")).toBe(saves);
  }
});

/** A tree of a size, of whatever entries. */
function anyTreeOf(size: number): CompactRange {
  const peaks = size.toString(2).replaceAll("0", "").length;
  return CompactRange.fromHashes(
    size,
    Array.from({ length: peaks }, () => new Uint8Array(32)),
  );
}

test("the saved tree is its size in eight bytes and its hashes, and anything else is corrupt", async () => {
  const { journal } = await journalOf(0);
  expect((await journal.savedTree()).size).toBe(0);
  await journal.write([journal.treeOperation(CompactRange.empty())], true);
  expect((await journal.savedTree()).size).toBe(0);
  const tree = treeOf(7);
  await journal.write([journal.treeOperation(tree)], true);
  const bytes = (await journal.get(treeKey))!;
  expect(bytes).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, ...tree.hashes().flatMap((hash) => [...hash])));
  expect((await journal.savedTree()).root()).toEqual(tree.root());
  for (const wrong of [
    bytes.slice(0, -1),
    bytes.slice(0, 7),
    Uint8Array.of(...bytes, ...bytes.slice(8, 40)),
  ]) {
    await journal.write([{ type: "put", key: treeKey, value: wrong }], true);
    expect(await failure(journal.savedTree())).toEqual(corrupt("the tree is damaged"));
  }
});

test("the tree of all entries comes from the saved one and those since, and is shown at one size on the way", async () => {
  const { database, journal } = await journalOf(9);
  await journal.write([journal.treeOperation(treeOf(6))], true);
  const load = async (at?: number) => {
    const shown: [number, Uint8Array][] = [];
    database.iterated = 0;
    const tree = await journal.loadTree(sealing, at, (one) => shown.push([one.size, one.root()]));
    expect(tree.root()).toEqual(treeOf(9).root());
    for (const [size, root] of shown) expect(root).toEqual(treeOf(size).root());
    return { shown: shown.map(([size]) => size), read: database.iterated };
  };
  expect(await load()).toEqual({ shown: [], read: 3 });
  // From the saved tree, unless it is past that size.
  expect(await load(6)).toEqual({ shown: [6], read: 3 });
  expect(await load(8)).toEqual({ shown: [8], read: 3 });
  expect(await load(9)).toEqual({ shown: [9], read: 3 });
  expect(await load(10)).toEqual({ shown: [], read: 3 });
  expect(await load(5)).toEqual({ shown: [5], read: 9 });
  expect(await load(0)).toEqual({ shown: [0], read: 9 });
  expect((await journal.loadTree(sealing, 7)).size).toBe(9);
});

test("a journal with fewer entries than its saved tree, or a gap behind it, is corrupt", async () => {
  const { database, journal } = await journalOf(9);
  await journal.write([journal.treeOperation(treeOf(6))], true);
  await database.batch([{ type: "del", key: entryKey(7) }]);
  expect(await failure(journal.loadTree(sealing))).toEqual(corrupt("entry 7 is missing"));
  await database.batch([4, 5, 6, 8].map((sequence) => ({ type: "del", key: entryKey(sequence) })));
  // With the saved tree nothing before it is read.
  expect((await journal.loadTree(sealing)).size).toBe(6);
  expect(await failure(journal.loadTree(sealing, 3))).toEqual(corrupt("entry 4 is missing"));
});

test("the intact tree ends before the first entry that is missing or damaged", async () => {
  const { database, journal } = await journalOf(9);
  await journal.write([journal.treeOperation(CompactRange.empty())], true);
  expect((await journal.loadIntactTree(sealing)).root()).toEqual(treeOf(9).root());
  await database.batch([{ type: "put", key: entryKey(5), value: text("nonsense") }]);
  expect((await journal.loadIntactTree(sealing)).root()).toEqual(treeOf(5).root());
  await database.batch([{ type: "del", key: entryKey(3) }]);
  expect((await journal.loadIntactTree(sealing)).root()).toEqual(treeOf(3).root());
  // What says nothing about the entries is told instead.
  vi.spyOn(database, "iterator").mockImplementation(() => {
    throw new Error("broken");
  });
  expect(await failure(journal.loadIntactTree(sealing))).toMatchObject({ code: "ERR_JOURNAL" });
});
