// What a recovery makes of a journal, without a writer around it: which entries, in which order, and what is noted.

import { failure, sample } from "@remote-log/test-kit";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { addressOf, generateSeed, type Remote, rawSha256, UnreachableError } from "../../src/index.ts";
import { EntriesAside } from "../../src/journal/entries-aside.ts";
import { Journal } from "../../src/journal/journal.ts";
import { entryKey } from "../../src/journal/keys.ts";
import { contentHash, RemoteRecords } from "../../src/journal/remote-records.ts";
import { loadRemoved, removeFromJournal } from "../../src/journal/removal.ts";
import { UploadRecords } from "../../src/journal/upload-records.ts";
import { WitnessRecord } from "../../src/journal/witness.ts";
import { type VerifiedHead, verifyHead } from "../../src/log/head.ts";
import { leafHashOf } from "../../src/log/pair.ts";
import { CompactRange } from "../../src/merkle/index.ts";
import { ManifestKeeper } from "../../src/writer/manifest-keeper.ts";
import { recoverJournal } from "../../src/writer/recover.ts";
import type { WriterState } from "../../src/writer/writer-state.ts";
import { all, sealing } from "../journal/small-log.ts";
import { contents, smallCuts, type WrittenLog, writeLog } from "../reader/written-log.ts";
import { text, textOf } from "./log-contents.ts";
import { plainRemote } from "./plain-remote.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

let log: WrittenLog;
/** Another history after the first five entries. */
let fork: WrittenLog;
/** A log of the same key with other settings. */
let sibling: WrittenLog;
const heads = new Map<number, VerifiedHead>();
// A log without a manifest signs none.
const unusedKeys = { newest: 0, signingKey: () => undefined } as never;

beforeAll(async () => {
  const seed = generateSeed();
  log = await writeLog(contents(80), { seed, settings: smallCuts, publishAt: [5, 9, 21] });
  fork = await writeLog(contents(21, " elsewhere", 5), { seed, settings: smallCuts, publishAt: [9] });
  sibling = await writeLog(contents(3), { seed, settings: { leafSize: 8, fanOut: 4 } });
  for (const [size, head] of log.heads) heads.set(size, await verifyHead(head, log.logId));
});

const showing = (
  head: Uint8Array | undefined,
  label = "one",
  of = log,
  fail?: () => Error | undefined,
): Remote => plainRemote(of.contents, head, label, fail);

const at = (size: number, label = "one"): Remote => showing(log.heads.get(size), label);

function treeOf(entries: readonly Uint8Array[]): CompactRange {
  const tree = CompactRange.empty();
  for (const content of entries) {
    const { localHash, contentHash: hash } = sealing.seal(tree.size, content);
    tree.appendLeaf(leafHashOf(localHash, hash));
  }
  return tree;
}

interface Before {
  /** What the journal holds. */
  readonly entries: readonly Uint8Array[];
  readonly signed?: number;
  /** How many of its entries are intact; all, if it lacks none. */
  readonly intact?: number;
  readonly acknowledged?: number;
  readonly recoveries?: number;
}

/** A journal before its recovery; `recover` may be called again, as another process would. */
async function journalOf({ entries, signed, intact, acknowledged, recoveries = 0 }: Before) {
  const database = new PowerCutDatabase();
  const journal = await Journal.open(database);
  const made = entries.map((content, sequence) => ({
    sequence,
    content,
    ...sealing.seal(sequence, content),
  }));
  const steps = journal.appendOperations(made, () => treeOf(entries));
  if (made.length > 0) await journal.write(steps, true);
  const stated: { size: number; signed: number; recoveries: number }[] = [];
  const witness = {
    load: async () => undefined,
    save: (bytes: Uint8Array) => void stated.push(JSON.parse(textOf(bytes))),
    close: async () => undefined,
  };
  const tree = treeOf(entries.slice(0, intact ?? entries.length));
  const largest = signed === undefined ? undefined : heads.get(signed)!;
  const signer = {
    largest: largest as unknown,
    adopt: vi.fn<(next: unknown) => void>((next) => {
      signer.largest = next;
    }),
  };
  const now = { logId: log.logId, size: tree.size, root: tree.root(), signed: signed ?? 0, recoveries };
  const state = {
    ...{ journal, genesis: heads.get(5)!.genesis, sealing, signer, incomplete: intact !== undefined },
    manifests: await ManifestKeeper.load(journal, heads.get(5)!.genesis, unusedKeys),
    witnessed: new WitnessRecord(witness, now),
    acknowledged:
      acknowledged === undefined
        ? undefined
        : { ...now, size: acknowledged, root: treeOf(log.entries.slice(0, acknowledged)).root() },
  } as unknown as WriterState;
  const recover = (remotes: readonly Remote[], acceptLoss = false, signal = new AbortController().signal) =>
    recoverJournal(state, { remotes, tree }, { signal, acceptLoss });
  /** What another process finds: its entries, and that no recovery is under way. */
  const found = async () => {
    const again = await Journal.open(new PowerCutDatabase(database.afterPowerCut()));
    expect(await EntriesAside.underWay(again)).toBe(false);
    const loaded = await again.loadTree(sealing);
    const read = await all(again.entries(0, loaded.size, sealing));
    return read.map((entry) => (entry.removed ? undefined : textOf(entry.content)));
  };
  return { database, journal, recover, found, stated, signer };
}

const own = (...names: string[]): Uint8Array[] => names.map(text);
const texts = (...parts: readonly (readonly Uint8Array[])[]): string[] => parts.flat().map(textOf);

test("an empty journal gets all entries of the remote, its checkpoint, and its revision", async () => {
  const { journal, recover, found, stated, signer } = await journalOf({ entries: [], recoveries: 2 });
  const { tree, ...result } = await recover([at(21)]);
  expect(result).toEqual({ recovered: 21, appendedAnew: 0, size: 21 });
  expect(tree.root()).toEqual(treeOf(log.entries.slice(0, 21)).root());
  expect(await found()).toEqual(texts(log.entries.slice(0, 21)));
  const head = heads.get(21)!;
  expect([await journal.loadSigned(), await journal.loadRecoveries()]).toEqual([head.note, 3]);
  expect(signer.adopt).toHaveBeenCalledWith({ note: head.note, checkpoint: head.checkpoint });
  expect(stated).toMatchObject([{ size: 21, signed: 21, recoveries: 3 }]);
  const records = new RemoteRecords(journal, "one");
  expect(await records.loadPublished()).toEqual({
    size: 21,
    revision: "1",
    content: contentHash(log.heads.get(21)!),
  });
  expect(await records.loadDoubt()).toEqual({ shown: null });
});

test("what the journal has of it stays, and its other entries follow", async () => {
  const first = log.entries.slice(0, 7);
  for (const [entries, expected, after] of [
    [first, { recovered: 14, appendedAnew: 0, size: 21 }, []],
    [[...first, ...own("x", "y")], { recovered: 14, appendedAnew: 2, size: 23 }, own("x", "y")],
    [[...log.entries.slice(0, 5), ...own("x")], { recovered: 16, appendedAnew: 1, size: 22 }, own("x")],
    [log.entries.slice(0, 21), { recovered: 0, appendedAnew: 0, size: 21 }, []],
  ] as const) {
    const { recover, found } = await journalOf({ entries, signed: 5 });
    const { tree, ...result } = await recover([at(21)]);
    expect(result).toEqual(expected);
    const whole = [...log.entries.slice(0, 21), ...after];
    expect(await found()).toEqual(texts(whole));
    expect(tree.root()).toEqual(treeOf(whole).root());
  }
});

test("an entry whose content was removed here follows as that, at a new number", async () => {
  const entries = [...log.entries.slice(0, 5), ...own("a", "b")];
  const { journal, recover, found } = await journalOf({ entries, signed: 5 });
  await removeFromJournal(journal, [{ first: 5, count: 1 }], { sealing, size: 7 });
  expect(await recover([at(9)])).toMatchObject({ recovered: 4, appendedAnew: 2, size: 11 });
  expect(await found()).toEqual([...texts(log.entries.slice(0, 9)), undefined, "b"]);
  expect(await loadRemoved(journal)).toEqual([]);
});

test("the newest of what the remotes show is taken", async () => {
  for (const sizes of [
    [9, 21, 5],
    [21, 9],
    [undefined, 21],
  ]) {
    const remotes = sizes.map((size, i) => showing(size === undefined ? size : log.heads.get(size), `${i}`));
    const { journal, recover } = await journalOf({ entries: [] });
    expect(await recover(remotes)).toMatchObject({ size: 21 });
    const noted = remotes.map(
      async ({ label }) => (await new RemoteRecords(journal, label).loadPublished())?.size,
    );
    expect(await Promise.all(noted)).toEqual(sizes);
  }
});

test("if no remote is ahead, the journal is as it was, and the revisions are noted", async () => {
  const entries = [...log.entries.slice(0, 9), ...own("x")];
  for (const size of [5, 9]) {
    const { database, journal, recover, found, stated, signer } = await journalOf({ entries, signed: 9 });
    database.writes.length = 0;
    expect(await recover([at(size)])).toMatchObject({ recovered: 0, appendedAnew: 0, size: 10 });
    expect(await found()).toEqual(texts(entries));
    expect(await new RemoteRecords(journal, "one").loadPublished()).toMatchObject({ size, revision: "1" });
    expect([database.writes.length, stated, signer.adopt.mock.calls, await journal.loadRecoveries()]).toEqual(
      [1, [], [], 0],
    );
  }
  const { database, recover } = await journalOf({ entries, signed: 9 });
  database.writes.length = 0;
  expect(await recover([showing(undefined)])).toMatchObject({ size: 10 });
  expect(database.writes).toEqual([]);
});

test("a history that contradicts what was signed here, or what another remote shows, changes nothing", async () => {
  for (const [signed, remotes] of [
    [9, [showing(fork.head, "one", fork)]],
    [9, [showing(fork.heads.get(9), "one", fork)]],
    [5, [at(21), showing(fork.heads.get(9), "two", fork)]],
    [5, [showing(fork.heads.get(9), "two", fork), at(21)]],
    [21, [showing(fork.heads.get(9), "two", fork)]],
  ] as const) {
    const { database, recover } = await journalOf({ entries: log.entries.slice(0, 21), signed });
    database.writes.length = 0;
    expect(await failure(recover(remotes))).toMatchObject({ code: "ERR_CONFLICT" });
    expect(database.writes).toEqual([]);
  }
});

test("what is no head of this log is replaced later: nothing is taken from it but the revision", async () => {
  const { journal, recover } = await journalOf({ entries: log.entries.slice(0, 5), signed: 5 });
  expect(await recover([showing(text("hello"))])).toMatchObject({ recovered: 0, size: 5 });
  expect(await new RemoteRecords(journal, "one").loadPublished()).toMatchObject({ size: 0, revision: "1" });
});

test("a log of the same seed with other settings is named; that of a stranger is not", async () => {
  const { recover } = await journalOf({ entries: [] });
  const error = await failure(recover([showing(sibling.head, "one", sibling)]));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", reason: "other-settings" });
  expect(error.message).toContain(sibling.logId);
  expect(error.message).toContain("leaf size 8, fan-out 4, identifiers sha256");
  const stranger = await writeLog(contents(2));
  expect(await recover([showing(stranger.head, "one", stranger)])).toMatchObject({ size: 0 });
});

test("a journal that lost entries gets them back, and keeps those past the gap at their places", async () => {
  const entries = log.entries.slice(0, 12);
  const before = { entries, intact: 3, signed: 9, acknowledged: 12 };
  const { database, recover, found, stated } = await journalOf(before);
  await database.batch([{ type: "del", key: entryKey(3) }], { sync: true });
  expect(await recover([at(9)])).toMatchObject({ recovered: 6, appendedAnew: 0, size: 12 });
  expect(await found()).toEqual(texts(entries));
  expect(stated).toMatchObject([{ size: 12, recoveries: 1 }]);
  // What it wrote itself past the end of the intact ones is gone, if nothing states that it was acknowledged.
  const other = await journalOf({ entries, intact: 3, signed: 9 });
  await other.database.batch([{ type: "del", key: entryKey(3) }], { sync: true });
  expect(await other.recover([at(21)])).toMatchObject({ recovered: 18, size: 21 });
  expect(await other.found()).toEqual(texts(log.entries.slice(0, 21)));
});

test("a journal that lost entries which no remote has keeps what is intact, by request", async () => {
  const { journal, recover, found } = await journalOf({
    entries: log.entries.slice(0, 7),
    intact: 7,
    signed: 5,
    acknowledged: 9,
  });
  expect(await failure(recover([at(5)]))).toMatchObject({
    reason: "lost-for-good",
    lost: { from: 7, to: 9 },
  });
  const result = await recover([at(5)], true);
  expect(result).toMatchObject({ recovered: 0, appendedAnew: 0, size: 7, lost: { from: 7, to: 9 } });
  expect(await found()).toEqual(texts(log.entries.slice(0, 7)));
  // A damaged record of what was signed is written anew.
  expect(await journal.loadSigned()).toBe(heads.get(5)!.note);
  expect(await journal.loadRecoveries()).toBe(1);
});

test("a recovery that is interrupted anywhere loses nothing, and is finished by the next one", async () => {
  const entries = [...log.entries.slice(0, 5), ...own("x", "y")];
  const count = await (async () => {
    const { database, recover } = await journalOf({ entries, signed: 5 });
    database.writes.length = 0;
    await recover([at(80)]);
    return database.writes.length;
  })();
  // Entries are written 64 at a time.
  expect(count).toBeGreaterThanOrEqual(5);
  const stops = Array.from({ length: count }, (_, i) => i);
  for (const stop of sample("interrupted recoveries", stops, 2)) {
    const { database, recover, found } = await journalOf({ entries, signed: 5 });
    let writes = 0;
    database.onWrite = () => {
      if (writes++ >= stop) throw new Error("killed");
    };
    await failure(recover([at(80)]));
    database.onWrite = () => undefined;
    const remote = at(80);
    expect(await recover([remote])).toMatchObject({ recovered: 75, appendedAnew: 2, size: 82 });
    expect(await found()).toEqual(texts(log.entries, own("x", "y")));
  }
});

test("a recovery that was begun is undone if no remote is ahead any more", async () => {
  const entries = [...log.entries.slice(0, 5), ...own("x", "y")];
  const { database, recover, found } = await journalOf({ entries, signed: 5 });
  let writes = 0;
  database.onWrite = () => {
    if (writes++ >= 4) throw new Error("killed");
  };
  await failure(recover([at(80)]));
  database.onWrite = () => undefined;
  expect(await recover([at(5)])).toMatchObject({ recovered: 0, appendedAnew: 2, size: 7 });
  expect(await found()).toEqual(texts(entries));
});

test("pages of entries that were replaced are forgotten on every remote that was ever used, and no others", async () => {
  const { journal, recover } = await journalOf({
    entries: [...log.entries.slice(0, 9), ...own("x", "y", "z", "a", "b")],
    signed: 5,
  });
  const pagesOf = (label: string, pages: number) =>
    new RemoteRecords(journal, label).treeOperation({ pages, nodes: [null] });
  await journal.write([pagesOf("three", 3), pagesOf("two", 2), pagesOf("one", 1)], true);
  await recover([at(21, "other")]);
  const trees = await Promise.all(
    ["three", "two", "one"].map((label) => new RemoteRecords(journal, label).loadTree()),
  );
  expect(trees).toEqual([
    { pages: 2, nodes: [] },
    { pages: 2, nodes: [null] },
    { pages: 1, nodes: [null] },
  ]);
});

test("of a remote that shows what this journal put there everything is believed, of any other nothing", async () => {
  const address = await addressOf(text("a"), rawSha256);
  for (const isOurs of [true, false]) {
    const { journal, recover } = await journalOf({ entries: log.entries.slice(0, 9), signed: 9 });
    const records = new RemoteRecords(journal, "one");
    const uploads = new UploadRecords(journal, "one");
    const content = contentHash(isOurs ? log.heads.get(9)! : text("else"));
    await journal.write(records.publishedOperations({ size: 9, revision: "0", content }), true);
    await journal.write([uploads.putOperation({ number: 0, addresses: [address] })], true);
    await recover([at(9)]);
    expect(await records.loadPublished()).toMatchObject({ size: 9, revision: "1" });
    expect(await records.loadDoubt()).toEqual(isOurs ? undefined : { shown: null });
    expect((await uploads.load()).length).toBe(isOurs ? 1 : 0);
  }
});

test("reads that fail in a way that may pass are made again", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const silent = new UnreachableError("no answer", { operation: "storage.get", retry: "safe" });
  let requests = 0;
  // Every second request, so that each is made twice.
  const remote = showing(log.heads.get(21), "one", log, () => (requests++ % 2 === 0 ? silent : undefined));
  expect(await (await journalOf({ entries: [] })).recover([remote])).toMatchObject({ size: 21 });
  expect(requests).toBeGreaterThan(4);
});
