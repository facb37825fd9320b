// When the key of a private log changes, whom the keyring names, and what a power cut or another device leaves of it.

import { failure } from "@remote-log/test-kit";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Journal } from "../../src/journal/journal.ts";
import { loadReaders } from "../../src/journal/reader-records.ts";
import { generateIdentity, recipientOf } from "../../src/keyring/index.ts";
import { openRemotes, sealRemotes } from "../../src/log/sealed-remotes.ts";
import type { EpochKeeper, KeyRotation } from "../../src/writer/epoch-keeper.ts";
import { type OpenLog, openLog } from "../../src/writer/open-log.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = new Uint8Array(32).fill(3);
let bob: string;
let carol: string;

beforeAll(async () => {
  [bob, carol] = await Promise.all([
    generateIdentity().then(recipientOf),
    generateIdentity().then(recipientOf),
  ]);
});

afterEach(() => {
  vi.restoreAllMocks();
});

interface Opened extends OpenLog {
  readonly epochs: EpochKeeper;
  readonly journal: Journal;
  readonly database: PowerCutDatabase;
  /** Where epochs begin. */
  readonly firsts: () => number[];
}

async function open(rotateKey?: KeyRotation, database = new PowerCutDatabase()): Promise<Opened> {
  const journal = await Journal.open(database);
  const log = await openLog(journal, { seed, journal: database, rotateKey });
  const firsts = () => log.manifests.content.epochs.map(({ first }) => first);
  return { ...log, epochs: log.epochs!, journal, database, firsts };
}

/** The same journal after a power cut. */
function afterPowerCut({ database }: Opened, rotateKey?: KeyRotation): Promise<Opened> {
  return open(rotateKey, new PowerCutDatabase(database.afterPowerCut()));
}

/** What another device says: its keyring takes the place of the one that is known here. */
function sayElsewhere({ manifests }: Opened): Promise<boolean> {
  const keyring = new Uint8Array(32).fill(9);
  return manifests.change((content) => {
    const keyId = new Uint8Array(16);
    const epochs = content.epochs.length > 0 ? content.epochs : [{ first: 0, keyId }];
    return {
      ...content,
      epochs: epochs.map((one, i) => (i === epochs.length - 1 ? { ...one, keyring } : one)),
    };
  });
}

function setClock(time: number): void {
  vi.spyOn(Date, "now").mockReturnValue(1_000_000 + time);
}

test("a reader of what follows becomes one of everything, and is named once", async () => {
  const { epochs, firsts } = await open();
  expect(epochs.readers).toEqual([]);
  expect(await epochs.grant([bob], false, 0)).toBe(true);
  // Nothing was sealed yet that Bob may not read.
  expect(firsts()).toEqual([0]);
  expect(await epochs.grant([bob, bob], true, 4)).toBe(true);
  expect(epochs.readers).toEqual([{ recipient: bob, withHistory: true, from: 0 }]);
  expect(await epochs.grant([bob], true, 4)).toBe(false);
  expect(await epochs.grant([bob], false, 4)).toBe(false);
  expect(firsts()).toEqual([0]);
});

test.each([1, 5])("a reader of what follows begins an epoch in a log of %i entries", async (size) => {
  const { epochs, firsts } = await open();
  await epochs.grant([bob], false, size);
  expect(firsts()).toEqual([0, size]);
  // Another one who comes at the same place needs no further one.
  await epochs.grant([carol], false, size);
  expect(firsts()).toEqual([0, size]);
});

test("readers, and who is one no more, survive a power cut", async () => {
  const before = await open();
  await before.epochs.grant([bob, carol], true, 2);
  const between = await afterPowerCut(before);
  expect(between.epochs.readers.map(({ recipient }) => recipient)).toEqual([bob, carol]);
  await between.epochs.revoke([bob], 2);
  const after = await afterPowerCut(between);
  expect(after.epochs.readers.map(({ recipient }) => recipient)).toEqual([carol]);
  expect(after.epochs.epoch).toBe(1);
});

test("an epoch without readers has no keyring", async () => {
  const { epochs, manifests } = await open();
  await epochs.grant([bob], true, 0);
  expect(manifests.content.epochs[0]!.keyring).toBeInstanceOf(Uint8Array);
  await epochs.revoke([bob], 3);
  expect(manifests.content.epochs[1]).not.toHaveProperty("keyring");
  expect(manifests.content).not.toHaveProperty("remotes");
});

test("whom another device has named is not known here, and nobody is taken for a reader", async () => {
  const log = await open();
  await log.epochs.grant([bob], true, 0);
  await sayElsewhere(log);
  expect(log.epochs.readers).toEqual([]);
  // They keep what they have: a new reader is named in an epoch of its own.
  expect(await log.epochs.grant([bob], true, 4)).toBe(true);
  expect(log.firsts()).toEqual([0, 4]);
  expect(log.epochs.readers.map(({ recipient }) => recipient)).toEqual([bob]);
});

test("a key changes once it is as old as the setting says, and has sealed something", async () => {
  const rotation = { afterMilliseconds: 100 };
  const log = await open(rotation);
  setClock(0);
  await log.epochs.rotateIfDue(1);
  setClock(99);
  await log.epochs.rotateIfDue(2);
  expect(log.firsts()).toEqual([]);
  // How old it is, is known to the next process.
  const again = await open(rotation, new PowerCutDatabase(log.database.afterPowerCut(log.database.unsynced)));
  setClock(100);
  await again.epochs.rotateIfDue(2);
  expect(again.firsts()).toEqual([0, 2]);
  setClock(250);
  await again.epochs.rotateIfDue(2);
  expect(again.firsts()).toEqual([0, 2]);
  await again.epochs.rotateIfDue(3);
  expect(again.firsts()).toEqual([0, 2, 3]);
  setClock(349);
  await again.epochs.rotateIfDue(4);
  expect(again.firsts()).toEqual([0, 2, 3]);
});

test("a key is as old as its epoch, whoever was named meanwhile", async () => {
  const log = await open({ afterMilliseconds: 100 });
  setClock(0);
  await log.epochs.grant([bob], true, 1);
  setClock(50);
  await log.epochs.grant([carol], true, 1);
  setClock(100);
  await log.epochs.rotateIfDue(1);
  expect(log.firsts()).toEqual([0, 1]);
  expect(log.epochs.readers).toHaveLength(2);
});

test("without a setting nothing is noted, and the key stays", async () => {
  for (const rotation of [undefined, {}, { afterEntries: undefined, afterMilliseconds: undefined }]) {
    const log = await open(rotation);
    await log.epochs.rotateIfDue(1_000_000);
    expect(log.firsts()).toEqual([]);
    expect(await loadReaders(log.journal)).toBeUndefined();
  }
});

test("keys that change by themselves leave room to shut readers out, until there is none", async () => {
  const log = await open({ afterEntries: 1 });
  const keyId = new Uint8Array(16);
  const many = Array.from({ length: 222 }, (_, i) => ({ first: i, keyId }));
  await log.manifests.change((content) => ({ ...content, epochs: many }));
  for (let size = 222; size < 227; size++) await log.epochs.rotateIfDue(size);
  expect(log.firsts().slice(221)).toEqual([221, 222, 223]);
  const left = Array.from({ length: 31 }, (_, i) => ({ first: 300 + i, keyId }));
  await log.manifests.change((content) => ({ ...content, epochs: [...content.epochs, ...left] }));
  await log.epochs.revoke([], 400);
  expect(log.firsts()).toHaveLength(256);
  const refusal = { code: "ERR_TOO_LARGE", reason: "epochs-full", limit: 256 };
  expect(await failure(log.epochs.revoke([], 500))).toMatchObject(refusal);
  // Who may read all of it needs no other key.
  expect(await log.epochs.grant([bob], true, 500)).toBe(true);
  expect(log.firsts()).toHaveLength(256);
});

test("what was changed here and lost to another device is said again in an epoch of its own", async () => {
  const log = await open();
  await log.epochs.grant([bob], true, 0);
  // Nothing was taken over.
  await log.epochs.recovered(2);
  await log.epochs.recovered(2, 0);
  expect(log.firsts()).toEqual([0]);
  await sayElsewhere(log);
  // The other device knew what was said here, and changed it.
  await log.epochs.recovered(2);
  await log.epochs.recovered(2, 1);
  expect(log.firsts()).toEqual([0]);
  await log.epochs.recovered(2, 0);
  expect(log.firsts()).toEqual([0, 2]);
  expect(log.epochs.readers.map(({ recipient }) => recipient)).toEqual([bob]);
});

test("a device that named nobody says nothing again after a recovery", async () => {
  const log = await open({ afterEntries: 10 });
  await log.epochs.recovered(1, 0);
  await log.epochs.rotateIfDue(1);
  expect(await loadReaders(log.journal)).toMatchObject({ readers: [], version: 0 });
  await sayElsewhere(log);
  await log.epochs.recovered(1, 0);
  expect(log.firsts()).toEqual([0]);
});

test("where the log lives is sealed for the readers of the newest epoch", async () => {
  const { epochs, manifests, genesis } = await open();
  await epochs.grant([bob], true, 0);
  const uris = ["one://place", "another://place"];
  const old = epochs.epochKey;
  await manifests.change((content) => ({ ...content, remotes: sealRemotes(uris, genesis, old) }));
  await epochs.revoke([bob], 1);
  const remotes = manifests.content.remotes!;
  expect(openRemotes(remotes, genesis, epochs.epochKey)).toEqual(uris);
  expect(openRemotes(remotes, genesis, old)).toBeUndefined();
});

test("where the log lives, sealed with a key of another device, is kept in the same epoch and forgotten in the next", async () => {
  const { epochs, manifests, genesis } = await open();
  const foreign = new Uint8Array(60).fill(1);
  await manifests.change((content) => ({ ...content, remotes: foreign }));
  await epochs.grant([bob], true, 0);
  expect(manifests.content.remotes).toEqual(foreign);
  await epochs.revoke([], 1);
  expect(openRemotes(manifests.content.remotes!, genesis, epochs.epochKey)).toEqual([]);
});
