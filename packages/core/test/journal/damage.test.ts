import type { WriterOptions } from "@remote-log/core";
import { memoryRemote } from "@remote-log/memory";
import { failure, runs } from "@remote-log/test-kit";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import {
  encodeMvdsMessage,
  isRemoteLogError,
  memoryReaderStore,
  openReader,
  openWriter,
  type Remote,
} from "../../src/index.ts";
import { withChecksum, withoutChecksum } from "../../src/journal/checksum.ts";
import { entryKey, remoteKey } from "../../src/journal/keys.ts";
import { REMOTE_ID_FIELD_BYTES } from "../../src/log/head.ts";
import { settings, tiny } from "../writer/crashing-device.ts";
import { readCold, SignedRoots, text, textOf } from "../writer/log-contents.ts";
import { PowerCutDatabase } from "../writer/power-cut-database.ts";
import { wrapRemote } from "../writer/wrapped-remote.ts";

const seed = new Uint8Array(32).fill(4);
type Disk = Map<string, Uint8Array>;

const contents = Array.from({ length: 9 }, (_, i) => `entry ${i}${i % 2 ? "" : " of the large sort"}`);
const at = (sequence: number): string => String.fromCharCode(...entryKey(sequence));

/** A journal with seven published entries, and two more of which the update was sent and no answer came. */
async function journalWithIntent(settings: WriterOptions["settings"], all: readonly Uint8Array[]) {
  const remote = memoryRemote({ label: "one" });
  let lost = false;
  const wrapped = wrapRemote(remote, async (call, proceed) => {
    if (call.kind === "update" && lost) throw new TypeError("fetch failed");
    return proceed();
  });
  const journal = new PowerCutDatabase();
  const writer = await openWriter({
    ...tiny,
    settings: { visibility: "public", ...settings },
    seed,
    journal,
    remotes: [wrapped],
  });
  await writer.appendAll(all.slice(0, 7));
  await writer.publish();
  lost = true;
  await writer.appendAll(all.slice(7));
  await failure(writer.publish());
  await writer.close();
  const signed = new SignedRoots();
  const found = await remote.names.resolve(writer.logId);
  if (found.status === "found") signed.add(found.content);
  return { remote, signed, logId: writer.logId, disk: journal.afterPowerCut(journal.unsynced) };
}

/** Opens a journal, appends and publishes; every failure must be of a known type, everything published right. */
async function useDamaged(
  disk: Disk,
  {
    remote,
    signed,
    logId,
    settings,
  }: { remote: Remote; signed: SignedRoots; logId: string; settings?: object },
  more: Uint8Array,
): Promise<"refused" | "published"> {
  const wrapped = wrapRemote(remote, (call, proceed) => {
    if (call.kind === "update") signed.add(call.content!);
    return proceed();
  });
  const store = memoryReaderStore();
  const reader = await openReader({ logId, remotes: [remote], store });
  await reader.sync();
  try {
    const journal = new PowerCutDatabase(disk);
    const writer = await openWriter({ ...tiny, ...settings, seed, journal, remotes: [wrapped] });
    expect(writer.logId).toBe(logId);
    await writer.append(more);
    await writer.publish();
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    expect(["ERR_JOURNAL_CORRUPT", "ERR_INVALID_INPUT"]).toContain(error.code);
    await reader.sync();
    return "refused";
  }
  await reader.sync();
  return "published";
}

/** The key of a time of an append names its minute, so that a journal written in another minute has another one. */
function sameRecord(disk: ReadonlyMap<string, Uint8Array>, known: string): string {
  return known[0] === "h" ? [...disk.keys()].find((own) => own[0] === "h")! : known;
}

test("whatever byte of whatever record is flipped, nothing wrong is ever signed or published", async () => {
  const base = await journalWithIntent(settings, contents.map(text));
  const keys = [...base.disk.keys()];
  for (const kind of [
    "g",
    "s",
    "e",
    "rone\0state",
    "rone\0intent",
    "rone\0content",
    "rone\0tree",
    "none\0",
  ]) {
    expect(keys.some((key) => key.startsWith(kind))).toBe(true);
  }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...keys),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (known, place, flip) => {
        const { remote, signed, logId, disk } = await journalWithIntent(settings, contents.map(text));
        const value = disk.get(sameRecord(disk, known))!;
        value[place % value.length]! ^= flip;
        const outcome = await useDamaged(disk, { remote, signed, logId }, text("one more"));
        if (outcome === "published") expect(await readCold(logId, remote)).toEqual([...contents, "one more"]);
      },
    ),
    { numRuns: runs(30, 150) },
  );
});

test("whatever record is lost, cut short or stored under another key, nothing wrong is ever signed or published", async () => {
  const base = await journalWithIntent(settings, contents.map(text));
  expect(base.disk.size).toBeGreaterThan(contents.length);
  for (const known of base.disk.keys()) {
    for (const way of ["lost", "cut", "swapped"]) {
      const { remote, signed, logId, disk } = await journalWithIntent(settings, contents.map(text));
      const key = sameRecord(disk, known);
      const other = [...disk.keys()].find((candidate) => candidate !== key && candidate[0] === key[0]);
      if (way === "lost") disk.delete(key);
      else if (way === "cut") disk.set(key, disk.get(key)!.slice(0, -1));
      else if (other !== undefined) {
        const mine = disk.get(key)!;
        disk.set(key, disk.get(other)!);
        disk.set(other, mine);
      }
      const outcome = await useDamaged(disk, { remote, signed, logId }, text("one more"));
      if (outcome === "published") expect(await readCold(logId, remote)).toEqual([...contents, "one more"]);
    }
  }
});

test("damage that the identifier of an MVDS message does not cover is found all the same", async () => {
  const mvds = { ...tiny.settings, identifiers: "mvds" as const };
  const message = (i: number): Uint8Array => {
    const parents = [new Uint8Array(32).fill(i)];
    return encodeMvdsMessage({
      groupId: new Uint8Array(32),
      timestamp: BigInt(i),
      body: text(`${i}`),
      parents,
      ephemeral: false,
    });
  };
  const all = Array.from({ length: 9 }, (_, i) => message(i + 1));
  const { remote, signed, logId, disk } = await journalWithIntent(mvds, all);
  const value = disk.get(at(3))!;
  // A byte of the parents: the identifier stays what it was.
  const place = value.lastIndexOf(4);
  value[place]! ^= 1;
  const outcome = await useDamaged(
    disk,
    { remote, signed, logId, settings: { settings: mvds } },
    message(10),
  );
  expect(outcome).toBe("refused");
});

test.each([0, 3, 6, 8])(
  "a journal that lacks entry %i is refused with ERR_JOURNAL_CORRUPT",
  async (sequence) => {
    const { remote, disk } = await journalWithIntent(settings, contents.map(text));
    disk.delete(at(sequence));
    const journal = new PowerCutDatabase(disk);
    const error = await failure(openWriter({ ...tiny, seed, journal, remotes: [remote] }));
    expect(error).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
    expect(error.message).toContain("recover from a remote");
  },
);

test("a journal that lost its genesis record begins no new log over the old entries: ERR_JOURNAL_CORRUPT", async () => {
  const { disk } = await journalWithIntent(settings, contents.map(text));
  disk.delete("g");
  const journal = new PowerCutDatabase(disk);
  const other = { ...tiny, settings: { visibility: "public" as const, leafSize: 8, fanOut: 8 } };
  expect(await failure(openWriter({ ...other, seed, journal }))).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
  });
});

test("a journal that was never published and lacks an entry in the middle is refused with ERR_JOURNAL_CORRUPT", async () => {
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal });
  await writer.appendAll(contents.map(text));
  const disk = journal.afterPowerCut();
  disk.delete(at(4));
  expect(await failure(openWriter({ ...tiny, seed, journal: new PowerCutDatabase(disk) }))).toMatchObject({
    code: "ERR_JOURNAL_CORRUPT",
    message: expect.stringContaining("entry 4 is missing"),
  });
});

test("an entry that is damaged after the journal was opened is found before anything is signed", async () => {
  const remote = memoryRemote({ label: "one" });
  const journal = new PowerCutDatabase();
  const writer = await openWriter({ ...tiny, seed, journal, remotes: [remote] });
  await writer.appendAll(contents.map(text));
  // Its checksum is right; its identifier is that of another content.
  const forged = concatBytes([sha256(text(contents[5]!)), text("forged")]);
  await journal.batch([{ type: "put", key: entryKey(5), value: withChecksum(entryKey(5), forged) }], {
    sync: true,
  });
  expect(await failure(writer.publish())).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(await remote.names.resolve(writer.logId)).toEqual({ status: "absent" });
  const read: string[] = [];
  const reading = (async () => {
    for await (const { content } of writer.entries()) read.push(textOf(content));
  })();
  expect(await failure(reading)).toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  expect(read).toEqual(contents.slice(0, 5));
});

/** What the journal has under the key of the head that was signed for the remote, and how it opens with another one. */
async function journalWithHead() {
  const base = await journalWithIntent(settings, contents.map(text));
  const key = remoteKey("one", "content");
  const at = String.fromCharCode(...key);
  const openWith = (head: Uint8Array) => {
    const journal = new PowerCutDatabase(new Map(base.disk).set(at, withChecksum(key, head)));
    return openWriter({
      ...tiny,
      settings,
      seed,
      journal,
      remotes: [base.remote],
    });
  };
  return { base, head: withoutChecksum(key, base.disk.get(at)!)!, openWith };
}

test("a head that was signed for a remote is verified before it is sent again, also if its checksum fits", async () => {
  const { head, openWith } = await journalWithHead();
  // At the end is the id of the remote, which nothing signs.
  const signed = head.length - REMOTE_ID_FIELD_BYTES;
  for (const place of [20, Math.floor(signed / 2), signed - 1]) {
    const changed = head.slice();
    changed[place]! ^= 1;
    await expect(openWith(changed)).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  }
});

test("a head that this writer did sign, but of another size than was noted, is not sent again either", async () => {
  const { base, head, openWith } = await journalWithHead();
  const earlier = await base.remote.names.resolve(base.logId);
  if (earlier.status !== "found") throw new Error("Nothing is published.");
  await expect(openWith(earlier.content)).rejects.toMatchObject({ code: "ERR_JOURNAL_CORRUPT" });
  const writer = await openWith(head);
  await writer.close();
});
