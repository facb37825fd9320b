// What a recovery takes over into a journal, and in which steps: batch by batch, each with the tree that says how far it is.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { generateSeed } from "../../src/index.ts";
import { EntriesAside } from "../../src/journal/entries-aside.ts";
import { Journal } from "../../src/journal/journal.ts";
import { entryKey } from "../../src/journal/keys.ts";
import { removeFromJournal } from "../../src/journal/removal.ts";
import { verifyHead } from "../../src/log/head.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { defaultLimits } from "../../src/tree/reader-limits.ts";
import { TreeView } from "../../src/tree/tree-view.ts";
import { ownPrefix, takeOver } from "../../src/writer/take-over.ts";
import { all, sealing } from "../journal/small-log.ts";
import { contents, smallCuts, writeLog } from "../reader/written-log.ts";
import { text, textOf } from "./log-contents.ts";
import { plainRemote } from "./plain-remote.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const { signal } = new AbortController();
const seed = generateSeed();
const log = await writeLog(contents(150), { seed, settings: smallCuts, publishAt: [70] });
/** Another history from the tenth entry on. */
const fork = await writeLog(contents(150, " elsewhere", 9), { seed, settings: smallCuts });

async function viewOf(of = log, head = of.head, more: object = {}): Promise<TreeView> {
  const { storage } = plainRemote(of.contents, head, "one");
  return new TreeView({ ...(await verifyHead(head, of.logId)), ...more }, storage, defaultLimits, signal);
}

function treeOf(entries: readonly Uint8Array[]): CompactRange {
  const tree = CompactRange.empty();
  for (const content of entries) {
    const { localHash, contentHash } = sealing.seal(tree.size, content);
    tree.appendLeaf(leafHashOf(localHash, contentHash));
  }
  return tree;
}

/** A journal with entries into which is taken over; `steps` are how many entries each write replaced. */
async function journalOf(entries: readonly Uint8Array[]) {
  const database = new PowerCutDatabase();
  const journal = await Journal.open(database);
  const made = entries.map((content, sequence) => ({
    sequence,
    content,
    ...sealing.seal(sequence, content),
  }));
  const tree = treeOf(entries);
  await journal.write(
    journal.appendOperations(made, () => tree),
    true,
  );
  const write = vi.spyOn(journal, "write");
  const range = journal.range.bind(journal);
  let reading = 0;
  vi.spyOn(journal, "range").mockImplementation(async function* (of) {
    reading++;
    try {
      yield* range(of);
    } finally {
      reading--;
    }
  });
  const steps = (): number[] =>
    write.mock.calls
      .map(([operations]) => operations.filter((operation) => "parts" in operation).length)
      .filter((count) => count > 0);
  const seal = vi.fn<typeof sealing.seal>((sequence, content) => sealing.seal(sequence, content));
  const take = async (view?: TreeView, start = 0, keptTo = 0) => {
    write.mockClear();
    reading = 0;
    const anew = { ...sealing, seal };
    const taken = await takeOver({ journal, sealing, tree }, { view, start, keptTo, anew }, signal);
    const { common, recovered, appendedAnew, renumbering } = taken;
    // What a database is read with has to be ended.
    expect(reading).toBe(0);
    expect(write.mock.calls.map(([, durable]) => durable)).not.toContain(false);
    expect(taken.tree.root()).toEqual((await journal.savedTree()).root());
    await journal.write(taken.end, true);
    // Where the first and the last of the journal's own entries are now.
    const moved = [common, entries.length - 1].map((sequence) => renumbering.of(sequence));
    return { common, recovered, appendedAnew, size: taken.tree.size, moved };
  };
  /** What the journal has now, and that the tree is that of it. */
  const found = async () => {
    expect(await EntriesAside.underWay(journal)).toBe(false);
    const saved = await journal.savedTree();
    expect((await ownPrefix({ journal, sealing }, saved.size)).root()).toEqual(saved.root());
    const read = await all(journal.entries(0, saved.size, sealing));
    return read.map((entry) => (entry.removed ? undefined : textOf(entry.content)));
  };
  return { database, journal, seal, steps, take, found, reading: () => reading };
}

const texts = (...parts: readonly (readonly Uint8Array[])[]): string[] => parts.flat().map(textOf);

test("what a remote has is written 64 entries at a time", async () => {
  const { take, steps, found } = await journalOf([]);
  expect(await take(await viewOf())).toMatchObject({ common: 0, recovered: 150, appendedAnew: 0, size: 150 });
  expect(steps()).toEqual([64, 64, 22]);
  expect(await found()).toEqual(texts(log.entries));
});

test("of large entries no more are written at a time than make eight MiB, and what was removed counts for nothing", async () => {
  const half = 2 ** 22;
  const large = [1, half, half - 1, 1, half, half - 1, 1, 1].map((length) => new Uint8Array(length));
  const { journal, take, steps } = await journalOf(large);
  await removeFromJournal(journal, [{ first: 0, count: 1 }], { sealing, size: large.length });
  expect(await take()).toMatchObject({ recovered: 0, appendedAnew: large.length, size: large.length });
  // Without the one that was removed.
  expect(steps()).toEqual([3, 3, 1]);
});

test("entries that both have stay, and those of the journal alone follow, sealed at their new numbers", async () => {
  // After the first that differs, one that happens to be the same is another all the same.
  const more = [text("x"), log.entries[21]!];
  for (const start of [0, 5, 20]) {
    const { journal, take, steps, found, seal } = await journalOf([...log.entries.slice(0, 20), ...more]);
    // That of a recovery that ended, or of none.
    await journal.write([journal.treeOperation(treeOf(log.entries.slice(0, 7)))], true);
    expect(await take(await viewOf(), start)).toEqual({
      ...{ common: 20, recovered: 130, appendedAnew: 2, size: 152 },
      moved: [150, 151],
    });
    expect(steps()).toEqual([64, 64, 22 - start, 2].filter((count) => count > 0));
    expect(await found()).toEqual(texts(log.entries, more));
    for (const [i, content] of more.entries()) expect(seal).toHaveBeenCalledWith(150 + i, content);
  }
});

test("of entries that were removed the hashes are taken over, whether the remote or the journal has nothing else", async () => {
  const { journal, take, found } = await journalOf([text("x"), text("y")]);
  await removeFromJournal(journal, [{ first: 1, count: 1 }], { sealing, size: 2 });
  const removed = [
    { first: 10, count: 3 },
    { first: 69, count: 20 },
  ];
  const manifest = { manifest: { firstKept: 2, removed } };
  await take(await viewOf(log, log.heads.get(70), { manifest }));
  const left = texts(log.entries.slice(0, 70)).map((content, sequence) =>
    [0, 1, 10, 11, 12, 69].includes(sequence) ? undefined : content,
  );
  expect(await found()).toEqual([...left, "x", undefined]);
});

test("entries past what the remote has, up to where the journal is kept, stay at their places", async () => {
  const { take, found } = await journalOf(log.entries.slice(0, 75));
  const view = await viewOf(log, log.heads.get(70));
  expect(await take(view, 70, 75)).toMatchObject({ common: 70, recovered: 0, size: 80 });
  expect((await found()).slice(0, 75)).toEqual(texts(log.entries.slice(0, 75)));
});

const own = [...log.entries.slice(0, 7), text("x")];

/** Takes over the whole log into a journal, and fails at a write, and at all that follow. */
async function interrupted(write: number, { entries = own, start = 0 } = {}) {
  const rig = await journalOf(entries);
  let writes = 0;
  rig.database.onWrite = () => {
    if (++writes >= write) throw new Error("killed");
  };
  await failure(rig.take(await viewOf(), start));
  rig.database.onWrite = () => undefined;
  return rig;
}

test.each([
  // Two writes set the entries aside, one says that nothing was taken over, and the others take over 64 each.
  ["is not written again", 5, log, [64, 22, 1]],
  ["is not written again, if it is all that there is", 7, log, [1]],
  ["is replaced by another history", 5, fork, [64, 64, 22, 1]],
  ["is replaced if the remote has less", 6, undefined, [64, 6, 1]],
] as const)("what an earlier one took over that did not end %s", async (_, write, of, steps) => {
  const rig = await interrupted(write);
  const view = of === undefined ? await viewOf(log, log.heads.get(70)) : await viewOf(of);
  expect(await rig.take(view)).toEqual({
    ...{ common: 7, recovered: view.size - 7, appendedAnew: 1, size: view.size + 1 },
    moved: [view.size, view.size],
  });
  expect(rig.steps()).toEqual(steps);
  expect(await rig.found()).toEqual(texts((of ?? log).entries.slice(0, view.size), [text("x")]));
});

test("one that ended before it took over anything begins where entries may differ", async () => {
  const entries = [...log.entries.slice(0, 6), text("x")];
  const rig = await interrupted(3, { entries, start: 6 });
  expect(await rig.take(await viewOf(), 6)).toMatchObject({ common: 6, recovered: 144, appendedAnew: 1 });
  expect(rig.steps()).toEqual([64, 64, 16, 1]);
});

test("what can't be read ends it, and what was read before is kept for the next one", async () => {
  const rig = await journalOf([text("x")]);
  const gone = [...log.contents].filter(([, content]) => textOf(content) !== textOf(log.entries[101]!));
  await failure(rig.take(await viewOf({ ...log, contents: new Map(gone) })));
  expect((await rig.journal.savedTree()).size).toBe(101);
  await rig.take(await viewOf());
  expect(rig.steps()).toEqual([49, 1]);
  expect(await rig.found()).toEqual(texts(log.entries, [text("x")]));
});

test("one that was begun is undone if no remote is ahead", async () => {
  const rig = await interrupted(5);
  expect(await rig.take()).toMatchObject({ recovered: 0, appendedAnew: 8, size: 8 });
  expect(await rig.found()).toEqual(texts(own));
});

test("what the database is read with is ended, also if it can't be written, or holds what is damaged", async () => {
  const rig = await interrupted(5);
  expect(rig.reading()).toBe(0);
  const key = entryKey(40);
  const damaged = (await rig.database.get(key))!;
  damaged[damaged.length - 1]! ^= 1;
  await rig.database.batch([{ type: "put", key, value: damaged }], { sync: true });
  expect(await failure(rig.take(await viewOf()))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(rig.reading()).toBe(0);
});
