// The versions of a manifest in the journal: one after the other, durable, and none signed twice.

import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { JournalError } from "../../src/index.ts";
import { Journal } from "../../src/journal/journal.ts";
import { manifestKey } from "../../src/journal/keys.ts";
import { encodeManifest, nothingSaid, readManifest } from "../../src/log/manifest.ts";
import type { SignedCheckpoint } from "../../src/writer/checkpoint-signer.ts";
import type { ManifestKeeper } from "../../src/writer/manifest-keeper.ts";
import { openLog } from "../../src/writer/open-log.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const seed = new Uint8Array(32).fill(6);

interface Opened {
  readonly manifests: ManifestKeeper;
  readonly journal: Journal;
  readonly database: PowerCutDatabase;
}

async function open(database = new PowerCutDatabase(), forRecovery = false): Promise<Opened> {
  const journal = await Journal.open(database);
  const { manifests } = await openLog(journal, { seed, journal: database, forRecovery });
  return { manifests, journal, database };
}

/** The same journal, as it is on its disk, or as the process left it. */
const again = ({ database }: Opened, forRecovery = false, kept = database.unsynced): Promise<Opened> =>
  open(new PowerCutDatabase(database.afterPowerCut(kept)), forRecovery);

const keep = ({ manifests }: Opened, firstKept: number): Promise<boolean> =>
  manifests.change((content) => ({ ...content, firstKept }));

/** Signs the newest version, and keeps that in the journal. */
async function sign({ manifests, journal }: Opened): Promise<SignedCheckpoint> {
  const signed = await manifests.sign();
  await journal.write([manifests.signedOperation(signed)], true);
  manifests.adopt(signed);
  return signed;
}

test("a version is durable, and changes that are made at once follow each other", async () => {
  const log = await open();
  const both = [
    keep(log, 1),
    log.manifests.change((content) => ({ ...content, snapshot: content.firstKept })),
  ];
  expect(await Promise.all(both)).toEqual([true, true]);
  const { manifests } = await again(log, false, 0);
  expect(manifests.version).toBe(2);
  expect(manifests.content).toMatchObject({ firstKept: 1, snapshot: 1 });
});

test("a version is signed once, and what was signed is known to the next process", async () => {
  const log = await open();
  await keep(log, 1);
  const signed = await sign(log);
  expect(signed.checkpoint.size).toBe(1);
  expect(await log.manifests.sign()).toBe(signed);
  expect(log.manifests.signed).toBe(signed.checkpoint);
  const next = await again(log);
  expect(next.manifests.signed).toEqual(signed.checkpoint);
  await keep(next, 2);
  expect((await sign(next)).checkpoint.size).toBe(2);
});

test("of two that were signed the larger one counts, whichever is noted last", async () => {
  const log = await open();
  await keep(log, 1);
  const first = await log.manifests.sign();
  await keep(log, 2);
  const second = await log.manifests.sign();
  log.manifests.adopt(second);
  expect(log.manifests.signedOperation(first)).toEqual(log.manifests.signedOperation(second));
  log.manifests.adopt(first);
  expect(log.manifests.signed).toBe(second.checkpoint);
});

test("no version is signed beside one that was signed, nor below it", async () => {
  const other = await open();
  await keep(other, 7);
  const elsewhere = await sign(other);
  await keep(other, 8);
  const newer = await sign(other);
  for (const signed of [elsewhere, newer]) {
    const log = await open();
    await keep(log, 1);
    log.manifests.adopt(signed);
    expect(await failure(log.manifests.sign())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  }
});

test("a state is one of this journal only if it has as many versions", async () => {
  const log = await open();
  await keep(log, 1);
  const { root } = (await log.manifests.sign()).checkpoint;
  expect(log.manifests.isOwn({ size: 1, root })).toBe(true);
  expect(log.manifests.isOwn({ size: 2, root })).toBe(false);
  expect(log.manifests.isOwn({ size: 0, root })).toBe(false);
});

test("a journal with a signature of other versions is damaged, and continues with its own ones in a recovery", async () => {
  const other = await open();
  await keep(other, 7);
  const log = await open();
  await keep(log, 1);
  const signed = await other.manifests.sign();
  await log.journal.write([log.manifests.records.signedOperation(signed.note)], true);
  expect(await failure(again(log))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const { manifests } = await again(log, true);
  expect(manifests.isDamaged).toBe(true);
  expect(manifests.signed).toEqual(signed.checkpoint);
  expect([manifests.version, manifests.content]).toMatchObject([1, { firstKept: 1 }]);
});

test("a manifest that is none, though it is stored well, is damaged: nothing is left of it", async () => {
  const log = await open();
  await keep(log, 1);
  await sign(log);
  const none = new Uint8Array([0xff, 1, 2]);
  const steps = log.manifests.records.versionOperations(1, none);
  expect(() => readManifest(none)).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
  await log.journal.write(steps, true);
  expect(await failure(again(log))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const { manifests } = await again(log, true);
  expect([manifests.newest, manifests.version]).toEqual([undefined, 0]);
  expect(manifests.signed).toMatchObject({ size: 1 });
});

test("a signature that is not the log's is damaged, and forgotten in a recovery", async () => {
  const log = await open();
  await keep(log, 1);
  const { note } = await log.manifests.sign();
  const at = note.length - 20;
  const other = note.slice(0, at) + (note[at] === "A" ? "B" : "A") + note.slice(at + 1);
  await log.journal.write([log.manifests.records.signedOperation(other)], true);
  expect(await failure(again(log))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const { manifests } = await again(log, true);
  expect([manifests.signed, manifests.version]).toEqual([undefined, 1]);
});

test("a database that fails is no damage", async () => {
  const log = await open();
  await keep(log, 1);
  const disk = log.database.afterPowerCut();
  // Damaged, so that what is left is looked for.
  const key = String.fromCharCode(...manifestKey);
  disk.set(
    key,
    disk.get(key)!.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
  );
  const database = new PowerCutDatabase(disk);
  const get = database.get.bind(database);
  let reads = 0;
  database.get = (...[asked]: Parameters<typeof get>) =>
    String.fromCharCode(...asked) === key && ++reads > 2
      ? Promise.reject(new Error("I/O error"))
      : get(asked);
  expect(await failure(open(database, true))).toBeInstanceOf(JournalError);
});

test("what is taken over takes the place of what was here, with what was signed of it, and is whole", async () => {
  const other = await open();
  await keep(other, 7);
  await keep(other, 8);
  const signed = await other.manifests.sign();
  const log = await open();
  await keep(log, 1);
  const before = await sign(log);
  const damaged = log.database.afterPowerCut();
  const key = String.fromCharCode(...manifestKey);
  damaged.set(
    key,
    damaged.get(key)!.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
  );
  const { manifests } = await open(new PowerCutDatabase(damaged), true);
  expect(manifests.isDamaged).toBe(true);
  const versions = { bytes: other.manifests.newest!.bytes, leaves: other.manifests.leaves };
  manifests.replace(versions, undefined, manifests.signing);
  expect(manifests.isDamaged).toBe(false);
  expect(manifests.signed).toEqual(before.checkpoint);
  expect([manifests.version, manifests.content]).toMatchObject([2, { firstKept: 8 }]);
  manifests.replace(versions, signed, manifests.signing);
  expect(manifests.signed).toEqual(signed.checkpoint);
  expect(await manifests.sign()).toMatchObject(signed);
});

test("a manifest whose successions are none is damaged, and the first key signs until it is recovered", async () => {
  const log = await open();
  const bytes = encodeManifest({ ...nothingSaid, version: 1, successions: ["no succession"] });
  await log.journal.write(log.manifests.records.versionOperations(1, bytes), true);
  expect(await failure(again(log))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const { manifests } = await again(log, true);
  expect(manifests.isDamaged).toBe(true);
  expect(manifests.signing.successions).toEqual([]);
  expect(manifests.signing.key.publicKey).toEqual(log.manifests.signing.key.publicKey);
});
