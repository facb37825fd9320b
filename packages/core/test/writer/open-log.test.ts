// Which log a journal is opened as: the one it holds, a new one, or the one that is meant; and what is refused.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { WriterKeys } from "../../src/crypto/index.ts";
import {
  DeviceSeed,
  type GenesisSettings,
  generateSeed,
  type RemoteLogError,
  type WriterOptions,
} from "../../src/index.ts";
import { EntriesAside } from "../../src/journal/entries-aside.ts";
import { Journal } from "../../src/journal/journal.ts";
import { entryKey, manifestKey } from "../../src/journal/keys.ts";
import type { JournalWitness } from "../../src/journal/witness.ts";
import { EpochSealing } from "../../src/log/epoch-sealing.ts";
import { createGenesis } from "../../src/log/genesis.ts";
import { EpochKeeper } from "../../src/writer/epoch-keeper.ts";
import { openLog } from "../../src/writer/open-log.ts";
import { entriesOf, treeOf } from "../journal/small-log.ts";
import { text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = generateSeed();
const settings: Partial<GenesisSettings> = { visibility: "public", leafSize: 4, fanOut: 8 };

/** A journal, empty or as another one left it; `statement` is what its witness states. */
async function journalOn(disk?: ReadonlyMap<string, Uint8Array>, statement?: () => Uint8Array | undefined) {
  const database = new PowerCutDatabase(disk);
  const saved: { size: number; signed: number }[] = [];
  const witness: JournalWitness = {
    load: async () => statement?.(),
    save: (bytes) => void saved.push(JSON.parse(textOf(bytes))),
    close: async () => undefined,
  };
  const journal = await Journal.open(database, statement && witness);
  const open = (more: Partial<WriterOptions> = {}) =>
    openLog(journal, { seed, journal: database, settings, leastCapacity: 1, ...more });
  return { database, journal, open, saved };
}

/** The disk of a journal that holds a log, with a number of entries. */
async function diskWith(size: number, more: Partial<WriterOptions> = {}) {
  const { database, journal, open } = await journalOn();
  const { genesis } = await open(more);
  if (size > 0)
    await journal.write(
      journal.appendOperations(entriesOf(0, size), () => treeOf(size)),
      true,
    );
  return { disk: database.afterPowerCut(), logId: genesis.logId };
}

const stating = (logId: string, size: number) => () =>
  text(
    JSON.stringify({
      version: 1,
      logId,
      size,
      root: Buffer.from(treeOf(size).root()).toString("hex"),
      signed: 0,
      recoveries: 0,
    }),
  );

test("an empty journal begins a log with the settings that are asked for, which is there the next time", async () => {
  const { database, open, journal } = await journalOn();
  const log = await open();
  expect(log.genesis.genesis).toMatchObject({ ...settings, identifiers: "sha256", visibility: "public" });
  expect([log.tree.size, log.incomplete, log.acknowledged, log.signer.largest]).toEqual([
    0,
    false,
    undefined,
    undefined,
  ]);
  expect(database.writes.map(({ sync }) => sync)).toEqual([true]);
  expect(await EntriesAside.underWay(journal)).toBe(false);
  const again = await journalOn(database.afterPowerCut());
  // The settings of a log that exists are its own.
  const same = await again.open({
    settings: { visibility: "public", leafSize: 16, fanOut: 16 },
    logId: log.genesis.logId,
  });
  expect(same.genesis).toEqual(log.genesis);
  expect(again.database.writes).toEqual([]);
});

test("the entries of a journal are its log's, and a checkpoint that is signed is stated to the witness", async () => {
  const { disk, logId } = await diskWith(5);
  const { open, saved } = await journalOn(disk, stating(logId, 4));
  const log = await open();
  expect([log.tree.root(), log.incomplete, log.acknowledged?.size]).toEqual([treeOf(5).root(), false, 4]);
  await log.signer.record(await log.signer.sign(log.tree), async () => undefined);
  expect(saved).toMatchObject([{ size: 5, signed: 5 }]);
});

test("a seed that is not that of the log is refused, and so is another log than the one that is meant", async () => {
  const { disk, logId } = await diskWith(0);
  const { open } = await journalOn(disk);
  const error = await failure(open({ seed: generateSeed() }));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT" });
  expect(error.message).toContain(`The seed does not belong to log ${logId}`);
  const { logId: other } = await diskWith(0, { settings: { visibility: "public", leafSize: 8, fanOut: 8 } });
  expect(await failure(open({ logId: other }))).toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "other-log",
  });
  expect(await failure(open({ logId: "nonsense" }))).toMatchObject({ code: "ERR_INVALID_INPUT" });
});

test("a log has one recovery key, or none: the seed of a device that knows another does not belong to it", async () => {
  const parts = { generation: 0, recoveryKeyHash: new Uint8Array(32).fill(1) };
  const [device, other] = [
    new DeviceSeed(seed, parts),
    new DeviceSeed(seed, { ...parts, recoveryKeyHash: new Uint8Array(32) }),
  ];
  const { disk, logId } = await diskWith(0, { seed: device });
  for (const wrong of [other, seed])
    expect(await failure((await journalOn(disk)).open({ seed: wrong }))).toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
  expect((await (await journalOn(disk)).open({ seed: device })).genesis.logId).toBe(logId);
});

test("a log is that of its first signing key, whichever key its device has now", async () => {
  const recoveryKeyHash = new Uint8Array(32).fill(1);
  const device = new DeviceSeed(seed, { generation: 1, recoveryKeyHash });
  const { disk, logId } = await diskWith(0, { seed: device });
  const { genesis, keys } = await (await journalOn(disk)).open({ seed: device });
  expect(genesis.logId).toBe(logId);
  expect(genesis.genesis.signingKey).toEqual((await keys.signingKey(0)).publicKey);
  expect(genesis.genesis.signingKey).not.toEqual((await keys.signingKey(1)).publicKey);
});

test("a private log is sealed, and says who may read it; a public one does neither", async () => {
  for (const [visibility, isPrivate] of [
    ["public", false],
    ["private", true],
  ] as const) {
    const { open } = await journalOn();
    const { epochs, sealing } = await open({ settings: { ...settings, visibility } });
    expect([epochs instanceof EpochKeeper, sealing instanceof EpochSealing]).toEqual([isPrivate, isPrivate]);
  }
});

test("settings that no log can have are refused before anything is written", async () => {
  for (const more of [
    { leastCapacity: 2 ** 52 },
    { settings: { ...settings, leafSize: 65_536 } },
    { largestContent: -1 },
    { logId: "nonsense" },
  ] as const) {
    const { database, open } = await journalOn();
    const { code } = await failure<RemoteLogError>(open(more));
    expect(["ERR_INVALID_INPUT", "ERR_UNSUPPORTED"]).toContain(code);
    expect(database.writes).toEqual([]);
  }
});

test("nothing is begun in a journal that lost its genesis record", async () => {
  const { disk } = await diskWith(2);
  disk.delete("g");
  const { open, database } = await journalOn(disk);
  expect(await failure(open())).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    message: expect.stringContaining("genesis record is missing"),
  });
  expect(database.writes).toEqual([]);
});

test("nothing is begun in an empty journal if there was a log: its witness says so, or whoever opens it", async () => {
  const { logId } = await diskWith(0);
  for (const [statement, meant, lost] of [
    [stating(logId, 3), undefined, { from: 0, to: 3 }],
    [stating(logId, 1), undefined, { from: 0, to: 1 }],
    [stating(logId, 3), logId, { from: 0, to: 3 }],
    [stating(logId, 0), logId, undefined],
    [() => undefined, logId, undefined],
    [undefined, logId, undefined],
  ] as const) {
    const { open, database } = await journalOn(undefined, statement);
    const error = await failure(open(meant === undefined ? {} : { logId: meant }));
    expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "empty" });
    expect((error as { lost?: unknown }).lost).toEqual(lost);
    expect(error.message).toContain(logId);
    expect(database.writes).toEqual([]);
  }
  // Of a log without entries nothing is lost.
  const { open } = await journalOn(undefined, stating(logId, 0));
  expect((await open()).genesis.logId).toBe(logId);
});

test("an empty journal is opened for a recovery of the log that is meant, whatever its settings, and waits for that", async () => {
  for (const own of [
    settings,
    { leafSize: 2048, fanOut: 256 },
    { leafSize: 1, fanOut: 2 },
    { identifiers: "mvds" as const },
    { padding: "none" as const },
  ]) {
    const { logId } = await diskWith(0, { settings: own });
    const { open, journal, database } = await journalOn();
    // How many entries there are to be is asked of new logs alone.
    const log = await open({ logId, forRecovery: true, leastCapacity: 2 ** 52 });
    expect([log.genesis.logId, log.incomplete]).toEqual([logId, true]);
    // It is recovered before anything is appended, also by the next process.
    expect(await EntriesAside.underWay(journal)).toBe(true);
    const again = await journalOn(database.afterPowerCut());
    expect((await again.open({ logId, forRecovery: true })).incomplete).toBe(false);
    expect(await EntriesAside.underWay(again.journal)).toBe(true);
  }
  const { open, database } = await journalOn();
  const error = await failure(open({ logId: "0a".repeat(32), forRecovery: true }));
  expect(error).toMatchObject({ code: "ERR_INVALID_INPUT", message: expect.stringContaining("0a0a") });
  expect(database.writes).toEqual([]);
});

test("a log of an earlier version, with the largest pages and nodes, is found as well", async () => {
  const { publicKey: signingKey } = await new WriterKeys(seed).signingKey(0);
  const largest = { leafSize: 65_536, fanOut: 256, identifiers: "mvds", visibility: "public" } as const;
  const { logId } = createGenesis({ ...largest, signingKey });
  const { open } = await journalOn();
  expect((await open({ logId, forRecovery: true })).genesis.genesis).toMatchObject(largest);
});

test("a journal that lost its genesis record, or entries, is opened for a recovery as far as it is intact", async () => {
  const { disk, logId } = await diskWith(5);
  const lost = new Map(disk);
  lost.delete("g");
  const one = await journalOn(lost);
  const log = await one.open({ logId, forRecovery: true });
  expect([log.genesis.logId, log.incomplete, log.tree.size]).toEqual([logId, true, 5]);
  // It has entries: what a recovery has to put aside is there.
  expect(await EntriesAside.underWay(one.journal)).toBe(false);
  disk.delete(String.fromCharCode(...entryKey(2)));
  const two = await journalOn(disk);
  expect(await failure(two.open())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const part = await two.open({ forRecovery: true });
  expect([part.incomplete, part.tree.size]).toEqual([true, 2]);
});

test("a journal whose manifest is damaged is opened for a recovery alone, and one that can't be read for none", async () => {
  const { disk } = await diskWith(2);
  const first = await journalOn(disk);
  const log = await first.open();
  await log.manifests.change((content) => ({ ...content, firstKept: 1 }));
  const [intact, damaged] = [first.database.afterPowerCut(), first.database.afterPowerCut()];
  const key = String.fromCharCode(...manifestKey);
  damaged.set(key, damaged.get(key)!.with(9, damaged.get(key)![9]! ^ 1));
  const two = await journalOn(damaged);
  expect(await failure(two.open())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const part = await two.open({ forRecovery: true });
  expect([part.incomplete, part.manifests.isDamaged, part.tree.size]).toEqual([true, true, 2]);
  const whole = await (await journalOn(intact)).open({ forRecovery: true });
  expect([whole.incomplete, whole.manifests.isDamaged, whole.manifests.version]).toEqual([false, false, 1]);
  const broken = await journalOn(intact);
  const get = broken.database.get.bind(broken.database);
  // It fails once: what can be read the next time is not damaged.
  let reads = 0;
  broken.database.get = (asked) =>
    String.fromCharCode(...asked) === key && reads++ === 0
      ? Promise.reject(new Error("I/O error"))
      : get(asked);
  expect(await failure(broken.open({ forRecovery: true }))).toMatchObject({ code: "ERR_JOURNAL" });
});
