// The second witness of what was acknowledged: a journal that lost some of it is refused, and recovered.

import { memoryRemote } from "@remote-log/memory";
import { failure } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { type JournalWitness, openWriter, type Writer, type WriterOptions } from "../../src/index.ts";
import { entryKey } from "../../src/journal/keys.ts";
import { tiny } from "../writer/crashing-device.ts";
import { readCold, text, textOf } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";

const seed = new Uint8Array(32).fill(5);
const at = (sequence: number): string => String.fromCharCode(...entryKey(sequence));
const numbered = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => text(`entry ${from + i}`));

/** A witness in memory; `order` gets what it was told, among other things. */
function memoryWitness(
  order: string[] = [],
): JournalWitness & { statement: Uint8Array | undefined; full: boolean } {
  return {
    statement: undefined,
    full: false,
    async load() {
      return this.statement;
    },
    save(statement) {
      if (this.full) throw new Error("No space left on device");
      this.statement = statement;
      order.push(`stated ${JSON.parse(new TextDecoder().decode(statement)).size}`);
    },
    close: async () => undefined,
  };
}

/** A journal of 9 entries, the first `published` of them published, and its witness; then its database loses records. */
async function damagedLog({
  published = 0,
  lose,
}: {
  readonly published?: number;
  readonly lose: (disk: Map<string, Uint8Array>) => void;
}) {
  const remote = memoryRemote({ label: "one" });
  const witness = memoryWitness();
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, witness, remotes: [remote] });
  await writer.appendAll(numbered(0, published));
  if (published > 0) await writer.publish();
  await writer.appendAll(numbered(published, 9));
  await writer.close();
  const disk = journal.afterPowerCut(journal.unsynced);
  lose(disk);
  const { logId } = writer;
  const open = (more: Partial<WriterOptions> = {}): Promise<Writer> =>
    openWriter({
      ...tiny,
      seed,
      journal: new PowerCutDatabase(disk),
      witness,
      remotes: [remote],
      logId,
      ...more,
    });
  return { remote, witness, disk, logId, open };
}

async function own(writer: Writer): Promise<string[]> {
  const contents: string[] = [];
  for await (const { content } of writer.entries()) contents.push(textOf(content));
  return contents;
}

const loseFrom = (first: number) => (disk: Map<string, Uint8Array>) => {
  for (let sequence = first; sequence < 9; sequence++) disk.delete(at(sequence));
};

test("entries are stated after they are durable, and before they are acknowledged", async () => {
  const order: string[] = [];
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, witness: memoryWitness(order) });
  journal.onWrite = (operations, sync) => {
    if (sync) order.push(`written ${operations.length}`);
  };
  await writer.appendAll(numbered(0, 3)).then(() => order.push("acknowledged"));
  await writer.append(text("x")).then(() => order.push("acknowledged"));
  await writer.close();
  expect(order).toEqual([
    "stated 0",
    "written 3",
    "stated 3",
    "acknowledged",
    "written 1",
    "stated 4",
    "acknowledged",
  ]);
});

test("what can't be stated is not acknowledged, and the writer takes nothing more until it is opened again", async () => {
  const witness = memoryWitness();
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, witness });
  await writer.append(text("a"));
  witness.full = true;
  expect(await failure(writer.append(text("b")))).toMatchObject({ code: "ERR_JOURNAL" });
  witness.full = false;
  expect(await failure(writer.append(text("c")))).toMatchObject({ code: "ERR_JOURNAL" });
  await writer.close();
  const again = await openWriter({
    ...tiny,
    seed,
    journal: new PowerCutDatabase(journal.afterPowerCut()),
    witness,
  });
  expect(await own(again)).toEqual(["a", "b"]);
});

test("a journal that has fewer entries than were acknowledged is refused: what is safe, and what is lost", async () => {
  const { open } = await damagedLog({ lose: loseFrom(6) });
  const error = await failure(open());
  expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "lost", lost: { from: 6, to: 9 } });
  expect(error.message).toContain("entries 6 to 8 are missing");
});

test("a journal of which all is gone is refused, with the id of its log and without", async () => {
  const { open, disk } = await damagedLog({ lose: (all) => all.clear() });
  expect(await failure(open())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "empty" });
  const journal = new PowerCutDatabase(disk);
  const { witness } = await damagedLog({ lose: () => undefined });
  const error = await failure(openWriter({ ...tiny, seed, journal, witness }));
  expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "empty", lost: { from: 0, to: 9 } });
  expect(journal.writes).toEqual([]);
});

test("a journal with other entries than were acknowledged is refused", async () => {
  const { witness, logId } = await damagedLog({ lose: () => undefined });
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal });
  await writer.appendAll(numbered(1, 12));
  await writer.close();
  const other = new PowerCutDatabase(journal.afterPowerCut());
  const error = await failure(openWriter({ ...tiny, seed, journal: other, witness, logId }));
  expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "lost" });
});

test("a journal that is ahead of its witness is sound, also past a tree that was saved since", async () => {
  const witness = memoryWitness();
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, witness });
  await writer.appendAll(numbered(0, 7));
  const earlier = witness.statement;
  await writer.appendAll(numbered(7, 1100));
  await writer.close();
  witness.statement = earlier;
  const disk = journal.afterPowerCut();
  const again = await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(disk), witness });
  expect(again.size).toBe(1100);
  await again.close();
  disk.delete(at(3));
  expect(
    await failure(openWriter({ ...tiny, seed, journal: new PowerCutDatabase(disk), witness })),
  ).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
  });
});

test("a journal that had no witness gets one when it is opened", async () => {
  const journal = new PowerCutDatabase();
  const first = await openWriter({ ...tiny, seed, journal });
  await first.appendAll(numbered(0, 5));
  await first.close();
  const witness = memoryWitness();
  const disk = journal.afterPowerCut();
  await (await openWriter({ ...tiny, seed, journal: new PowerCutDatabase(disk), witness })).close();
  disk.delete(at(4));
  expect(
    await failure(openWriter({ ...tiny, seed, journal: new PowerCutDatabase(disk), witness })),
  ).toMatchObject({
    reason: "lost",
    lost: { from: 4, to: 5 },
  });
});

test("a witness that is damaged, or that of another log, is told as such", async () => {
  const { witness, open } = await damagedLog({ published: 9, lose: () => undefined });
  const other = memoryWitness();
  const seedOfOther = new Uint8Array(32).fill(6);
  await (
    await openWriter({ ...tiny, seed: seedOfOther, journal: new PowerCutDatabase(), witness: other })
  ).close();
  for (const statement of [other.statement, text("{}"), text("nonsense"), new Uint8Array(0)]) {
    witness.statement = statement;
    expect(await failure(open())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "witness" });
  }
  const writer = await open({ forRecovery: true });
  expect(await failure(writer.append(text("x")))).toMatchObject({ code: "ERR_RESTORED" });
  await writer.recover();
  expect((await writer.append(text("x"))).sequence).toBe(9);
  await writer.close();
});

test.each([
  { what: "the end", lose: loseFrom(4) },
  { what: "all", lose: (disk: Map<string, Uint8Array>) => disk.clear() },
  { what: "an entry within", lose: (disk: Map<string, Uint8Array>) => void disk.delete(at(2)) },
  { what: "the genesis record", lose: (disk: Map<string, Uint8Array>) => void disk.delete("g") },
  {
    what: "the signed checkpoint and the end",
    lose: (disk: Map<string, Uint8Array>) => {
      loseFrom(5)(disk);
      disk.delete("s");
    },
  },
  {
    what: "refs of the index",
    lose: (disk: Map<string, Uint8Array>) => {
      for (const key of disk.keys()) if (key.startsWith("n")) disk.delete(key);
    },
  },
])("a recovery brings back what the journal lost and a remote has: $what", async ({ lose }) => {
  const { open, remote, logId } = await damagedLog({ published: 9, lose });
  expect(await failure(open())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const writer = await open({ forRecovery: true });
  const error = await failure(writer.append(text("x")));
  expect(error).toMatchObject({ code: "ERR_RESTORED" });
  expect(await writer.recover()).toMatchObject({ size: 9 });
  expect((await writer.append(text("entry 9"))).sequence).toBe(9);
  await writer.publish();
  await writer.close();
  const all = numbered(0, 10).map(textOf);
  expect(await readCold(logId, remote)).toEqual(all);
});

test("entries past a gap stay at their places if the remote closes the gap", async () => {
  const { open } = await damagedLog({ published: 5, lose: (disk) => void disk.delete(at(3)) });
  const writer = await open({ forRecovery: true });
  expect(await writer.recover()).toMatchObject({ size: 9, appendedAnew: 0 });
  expect(await own(writer)).toEqual(numbered(0, 9).map(textOf));
  await writer.close();
  await (await open({ journal: new PowerCutDatabase(), forRecovery: true })).close();
});

test("an old entry that opening does not read is found when it is read, and recovered", async () => {
  const remote = memoryRemote({ label: "one" });
  const witness = memoryWitness();
  const journal = new PowerCutDatabase();
  const open = (database: PowerCutDatabase, more: Partial<WriterOptions> = {}) =>
    openWriter({
      ...tiny,
      seed,
      settings: { visibility: "public" },
      journal: database,
      witness,
      remotes: [remote],
      ...more,
    });
  const writer = await open(journal);
  await writer.appendAll(numbered(0, 1200));
  await writer.publish();
  await writer.close();
  const disk = journal.afterPowerCut(journal.unsynced);
  disk.delete(at(500));
  const damaged = await open(new PowerCutDatabase(disk));
  expect(damaged.size).toBe(1200);
  expect(await failure(own(damaged))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  await damaged.close();
  const mended = await open(new PowerCutDatabase(disk), { forRecovery: true });
  expect(await mended.recover()).toMatchObject({ size: 1200, appendedAnew: 0 });
  expect(await own(mended)).toEqual(numbered(0, 1200).map(textOf));
  await mended.close();
});

test("what nobody has any more is lost by request alone, and then its numbers are told", async () => {
  const { open, disk } = await damagedLog({ published: 5, lose: loseFrom(7) });
  const before = new Map(disk);
  const writer = await open({ forRecovery: true });
  const error = await failure(writer.recover());
  expect(error).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    reason: "lost-for-good",
    lost: { from: 7, to: 9 },
  });
  expect(await failure(writer.append(text("x")))).toMatchObject({ code: "ERR_RESTORED" });
  expect(await writer.recover({ acceptLoss: true })).toEqual({
    recovered: 0,
    appendedAnew: 0,
    size: 7,
    lost: { from: 7, to: 9 },
  });
  expect((await writer.append(text("other"))).sequence).toBe(7);
  await writer.publish();
  await writer.close();
  expect(disk).toEqual(before);
});

test("entries that were signed are never replaced by others: then only a new log helps", async () => {
  const lose = loseFrom(3);
  const { open, remote, logId } = await damagedLog({ published: 8, lose });
  // The remote lost them as well.
  await remote.names.update(logId, text("nothing"), {
    expected: revisionOf(await remote.names.resolve(logId)),
  });
  const writer = await open({ forRecovery: true });
  expect(await failure(writer.recover({ acceptLoss: true }))).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    reason: "lost-signed",
    lost: { from: 3, to: 9 },
  });
  await writer.close();
});

function revisionOf(found: { readonly status: string; readonly revision?: string }): string {
  if (found.revision === undefined) throw new Error(`The name is ${found.status}.`);
  return found.revision;
}

test("a recovery that replaced entries is known to a witness that missed its end", async () => {
  const remote = memoryRemote({ label: "one" });
  const witness = memoryWitness();
  const journal = new PowerCutDatabase();
  const open = (database: PowerCutDatabase, mine: JournalWitness) =>
    openWriter({ ...tiny, seed, journal: database, witness: mine, remotes: [remote] });
  const first = await open(journal, witness);
  await first.appendAll(numbered(0, 3));
  await first.publish();
  await first.close();
  const backup = journal.afterPowerCut(journal.unsynced);
  const [restored, its] = [new PowerCutDatabase(backup), memoryWitness()];
  its.statement = witness.statement;
  const further = await open(new PowerCutDatabase(backup), witness);
  await further.appendAll(numbered(3, 6));
  await further.publish();
  await further.close();

  const late = await open(restored, its);
  await late.appendAll([text("x"), text("y")]);
  expect(await failure(late.publish())).toMatchObject({ code: "ERR_RESTORED" });
  const before = its.statement;
  expect(await late.recover()).toMatchObject({ recovered: 3, appendedAnew: 2, size: 8 });
  await late.close();
  its.statement = before;
  const again = await open(new PowerCutDatabase(restored.afterPowerCut(restored.unsynced)), its);
  expect(await own(again)).toEqual([...numbered(0, 6).map(textOf), "x", "y"]);
  await again.close();
});
