// What a journal holds when it is opened, compared with what was acknowledged and signed.

import { failure } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { signingKeyFromSeed } from "../../src/crypto/index.ts";
import { addressOf, rawSha256 } from "../../src/index.ts";
import { withChecksum } from "../../src/journal/checksum.ts";
import { Journal } from "../../src/journal/journal.ts";
import { entryKey, recoveryKey, treeKey } from "../../src/journal/keys.ts";
import type { JournalWitness } from "../../src/journal/witness.ts";
import { encodeHeadPointer } from "../../src/log/head.ts";
import { describeLost, loadHeld } from "../../src/writer/check-acknowledged.ts";
import { checkIntent } from "../../src/writer/check-intent.ts";
import { CheckpointSigner } from "../../src/writer/checkpoint-signer.ts";
import { entriesOf, journalOf, sealing, treeOf } from "../journal/small-log.ts";
import { smallCuts, writeLog } from "../reader/written-log.ts";
import { text, textOf } from "./log-contents.ts";
import { PowerCutDatabase } from "./power-cut-database.ts";

const key = await signingKeyFromSeed(new Uint8Array(32).fill(1));
const logId = "0a".repeat(32);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

interface Case {
  /** Entries in the journal. */
  readonly size: number;
  /** What the witness states. */
  readonly stated?: {
    readonly size: number;
    readonly root?: Uint8Array;
    readonly signed?: number;
    readonly recoveries?: number;
    readonly logId?: string;
  };
  /** The size of the largest signed checkpoint. */
  readonly signed?: { readonly size: number };
  readonly recoveries?: number;
  readonly underWay?: boolean;
  /** What is done to the journal at last. */
  readonly damage?: (database: PowerCutDatabase) => Promise<void>;
}

/** Loads a journal that is made so; `saved` has what its witness is told. */
async function held(
  { size, stated, signed, recoveries = 0, underWay = false, damage }: Case,
  forRecovery = false,
) {
  const saved: { size: number; root: string; signed: number; recoveries: number }[] = [];
  const { database, journal: first } = await journalOf(size);
  await first.write([first.treeOperation(treeOf(Math.min(size, 3)))], true);
  if (signed !== undefined) {
    const signer = new CheckpointSigner(() => key, logId, undefined);
    const { note } = await signer.sign(treeOf(signed.size));
    await first.write([first.signedOperation(note)], true);
  }
  if (recoveries > 0) await first.write([first.recoveriesOperation(recoveries)], true);
  if (underWay) await first.write([{ type: "put", key: recoveryKey, value: text("0 0") }], true);
  await damage?.(database);
  const statement =
    stated &&
    text(
      JSON.stringify({
        version: 1,
        logId: stated.logId ?? logId,
        size: stated.size,
        root: hex(stated.root ?? treeOf(stated.size).root()),
        signed: stated.signed ?? 0,
        recoveries: stated.recoveries ?? 0,
      }),
    );
  const witness: JournalWitness = {
    load: async () => statement,
    save: (bytes) => void saved.push(JSON.parse(textOf(bytes))),
    close: async () => undefined,
  };
  const journal = await Journal.open(new PowerCutDatabase(database.afterPowerCut()), witness);
  const load = () => loadHeld(journal, { logId, sealing, forRecovery });
  return { load, saved, journal };
}

const lacks = async (what: Case, expected: object, message?: string): Promise<void> => {
  const error = await failure((await held(what)).load());
  expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", ...expected });
  if (message !== undefined) expect(error.message).toContain(message);
  // For a recovery it is read as far as it is intact.
  const { load, saved } = await held(what, true);
  expect(await load()).toMatchObject({ incomplete: true });
  expect(saved).toEqual([]);
};

const lose = (sequence: number) => (database: PowerCutDatabase) =>
  database.batch([{ type: "del", key: entryKey(sequence) }], { sync: true });

test("a sound journal has its tree, its largest checkpoint, and what was acknowledged", async () => {
  const stated = { size: 5, signed: 2, recoveries: 3 };
  const { load, saved } = await held({ size: 7, stated, signed: { size: 4 }, recoveries: 3 });
  const found = await load();
  expect(found.tree.root()).toEqual(treeOf(7).root());
  expect(found.largest?.checkpoint).toMatchObject({ size: 4, root: treeOf(4).root() });
  expect(found).toMatchObject({ incomplete: false, acknowledged: { ...stated, logId } });
  expect(saved).toEqual([]);
  // What is stated from now on begins with what is here.
  await found.witnessed.renew();
  const now = { logId, size: 7, root: hex(treeOf(7).root()), signed: 4, recoveries: 3 };
  expect(saved).toMatchObject([now]);
});

test("a journal of which every entry was signed is sound", async () => {
  const { load } = await held({ size: 5, signed: { size: 5 } });
  expect(await load()).toMatchObject({ incomplete: false, tree: { size: 5 } });
});

test("a witness that knows of a larger checkpoint, or of more recoveries, keeps that", async () => {
  const stated = { size: 5, signed: 9, recoveries: 4 };
  const { load, saved } = await held({ size: 7, stated, signed: { size: 4 }, recoveries: 3 });
  await (await load()).witnessed.renew();
  expect(saved).toMatchObject([{ size: 7, signed: 9, recoveries: 4 }]);
});

test("a witness that is new is told what the journal holds", async () => {
  for (const signed of [undefined, { size: 2 }]) {
    const { load, saved } = await held({ size: 3, ...(signed && { signed }) });
    expect(await load()).toMatchObject({ incomplete: false, acknowledged: undefined });
    expect(saved).toMatchObject([{ logId, size: 3, signed: signed?.size ?? 0, recoveries: 0 }]);
  }
});

test("a journal that has completed a recovery since is newer than its witness, and tells it", async () => {
  const stated = { size: 9, recoveries: 1 };
  const { load, saved } = await held({ size: 3, stated, recoveries: 2 });
  expect(await load()).toMatchObject({ incomplete: false, acknowledged: undefined });
  expect(saved).toMatchObject([{ size: 3, recoveries: 2 }]);
  await lacks({ size: 3, stated, recoveries: 1 }, { reason: "lost" });
});

test("acknowledged entries that are gone are told, with their numbers", async () => {
  await lacks(
    { size: 5, stated: { size: 7 } },
    { reason: "lost", lost: { from: 5, to: 7 } },
    "it has 5 entries, and 7 were acknowledged: entries 5 to 6 are missing",
  );
  await lacks({ size: 5, stated: { size: 6 } }, { lost: { from: 5, to: 6 } }, "entry 5 is missing");
  expect(describeLost({ from: 3, to: 4 })).toBe("entry 3 is");
  expect(describeLost({ from: 3, to: 5 })).toBe("entries 3 to 4 are");
});

test("entries that are not the acknowledged ones are told, whatever their number", async () => {
  for (const size of [2, 3, 5]) {
    const what = { size: 5, stated: { size, root: treeOf(1).root() } };
    const error = await failure((await held(what)).load());
    expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "lost" });
    expect(error).not.toMatchObject({ lost: expect.anything() });
    await lacks(what, { reason: "lost" }, `first ${size} entries are not the ones that were acknowledged`);
  }
});

test("signed entries that are gone, or others, are told", async () => {
  await lacks(
    { size: 5, signed: { size: 7 } },
    { reason: "lost", lost: { from: 5, to: 7 } },
    "7 entries were signed, and it has 5",
  );
  const other = async (database: PowerCutDatabase): Promise<void> => {
    const [entry] = entriesOf(9, 10);
    const value = Uint8Array.of(...entry!.localHash, ...entry!.content);
    const key = entryKey(4);
    await database.batch([{ type: "put", key, value: withChecksum(key, value) }], { sync: true });
  };
  await lacks(
    { size: 5, signed: { size: 5 }, damage: other },
    { reason: "lost" },
    "not the ones that were signed",
  );
  // Of an earlier size that can't be seen here.
  expect(await (await held({ size: 5, signed: { size: 4 }, damage: other })).load()).toMatchObject({
    incomplete: false,
  });
});

test("a witness of another log is refused, or passed over by a recovery", async () => {
  const other = "0b".repeat(32);
  expect(other).not.toBe(logId);
  await lacks({ size: 3, stated: { size: 3, logId: other } }, { reason: "witness" }, other);
});

test("while a recovery is under way, what was acknowledged is not looked for, and nothing is stated", async () => {
  for (const stated of [{ size: 9 }, undefined]) {
    const { load, saved } = await held({ size: 3, underWay: true, ...(stated && { stated }) });
    expect(await load()).toMatchObject({ incomplete: false });
    expect(saved).toEqual([]);
  }
});

test("old entries are read by a recovery alone: it finds what opening does not", async () => {
  const damaged = { size: 7, damage: lose(1) };
  expect(await (await held(damaged)).load()).toMatchObject({ incomplete: false, tree: { size: 7 } });
  const found = await (await held(damaged, true)).load();
  expect([found.incomplete, found.tree.size]).toEqual([true, 1]);
  expect(await (await held({ size: 7 }, true)).load()).toMatchObject({ incomplete: false });
  // One that was begun has set entries aside, so that they are missing here.
  const { load } = await held({ ...damaged, underWay: true }, true);
  expect(await load()).toMatchObject({ incomplete: false });
});

test("a recovery gets what is intact, and still knows what was acknowledged and signed", async () => {
  const stated = { size: 7, signed: 6 };
  const damage = async (database: PowerCutDatabase): Promise<void> => {
    await database.batch([{ type: "put", key: treeKey, value: text("nonsense") }], { sync: true });
  };
  const { load } = await held({ size: 7, stated, signed: { size: 5 }, damage }, true);
  const found = await load();
  expect(found).toMatchObject({
    incomplete: true,
    acknowledged: { size: 7 },
    largest: { checkpoint: { size: 5 } },
  });
  expect(found.tree.root()).toEqual(treeOf(7).root());
});

test("a database that fails is no damage, also for a recovery", async () => {
  for (const forRecovery of [true, false]) {
    const { load, journal } = await held({ size: 3 }, forRecovery);
    const broken = new Error("broken");
    vi.spyOn(journal, "loadRecoveries").mockRejectedValue(broken);
    expect(await failure(load())).toBe(broken);
  }
});

test("an intent is the head that this key signed, of the size that was noted; anything else is corrupt", async () => {
  const log = await writeLog([text("a"), text("b")], { settings: smallCuts });
  await checkIntent({ size: 2, content: log.head }, log.logId);
  // Whoever follows a pointer verifies what it finds.
  await checkIntent({ size: 2, content: encodeHeadPointer(await addressOf(log.head, rawSha256)) }, log.logId);
  const changed = log.head.slice();
  changed[40]! ^= 1;
  for (const [size, content, id] of [
    [1, log.head, log.logId],
    [2, changed, log.logId],
    [2, text("nonsense"), log.logId],
    [2, log.head, logId],
  ] as const) {
    const error = await failure(checkIntent({ size, content }, id));
    expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
    expect(error.message).toContain(size === 1 ? "of another size" : "is damaged");
  }
});
