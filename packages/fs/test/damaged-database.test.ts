// A LevelDB journal of which the log file is damaged: either everything that was acknowledged is there, or it is refused.

import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRemoteLogError, openWriter, type Writer } from "@remote-log/core";
import { sample } from "@remote-log/test-kit";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test } from "vitest";
import { fileWitness } from "../src/index.ts";

const seed = new Uint8Array(32).fill(9);
const ENTRIES = 4;

const open = (folder: string): Promise<Writer> =>
  openWriter({
    settings: { visibility: "public" },
    seed,
    journal: new ClassicLevel(join(folder, "journal")),
    witness: fileWitness(join(folder, "journal.witness")),
    publish: "manual",
  });

/** A journal whose entries are in LevelDB's log file: half of them written by a process before. */
async function soundJournal(): Promise<{ folder: string; logFile: string; log: Uint8Array }> {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-damaged-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const sound = join(folder, "sound");
  await mkdir(sound);
  await (await open(sound)).close();
  const writer = await open(sound);
  for (let i = 0; i < ENTRIES; i += 2) {
    await writer.appendAll([0, 1].map((more) => new TextEncoder().encode(`entry ${i + more}`)));
  }
  await writer.close();
  const names = (await readdir(join(sound, "journal"))).filter((name) => name.endsWith(".log"));
  expect(names).toHaveLength(1);
  const logFile = join("journal", names[0]!);
  return { folder, logFile, log: await readFile(join(sound, logFile)) };
}

/** What becomes of a journal whose log file holds these bytes, or is gone. */
async function outcome(folder: string, logFile: string, log: Uint8Array | undefined): Promise<string> {
  const copy = await mkdtemp(join(folder, "copy-"));
  try {
    await cp(join(folder, "sound"), copy, { recursive: true });
    if (log === undefined) await rm(join(copy, logFile));
    else await writeFile(join(copy, logFile), log);
    const writer = await open(copy);
    try {
      const { sequence } = await writer.append(new Uint8Array([1]));
      expect(sequence).toBeGreaterThanOrEqual(ENTRIES);
      let number = 0;
      for await (const { content } of writer.entries()) {
        if (number < ENTRIES) expect(new TextDecoder().decode(content)).toBe(`entry ${number}`);
        number++;
      }
      return "whole";
    } finally {
      await writer.close();
    }
  } catch (error) {
    if (!isRemoteLogError(error)) throw error;
    expect(error.code).toBe("ERR_JOURNAL_CORRUPT");
    return "refused";
  } finally {
    await rm(copy, { recursive: true });
  }
}

test("whatever byte of LevelDB's log is flipped, and wherever it is cut short or zeroed, no number is given out twice", async () => {
  const { folder, logFile, log } = await soundJournal();
  expect(await outcome(folder, logFile, log)).toBe("whole");
  expect(await outcome(folder, logFile, undefined)).toBe("refused");
  // Behind the last entry, the log only says when entries were appended: without that, all of them are there.
  const last = `entry ${ENTRIES - 1}`;
  const end = Buffer.from(log).indexOf(last) + last.length;
  const allowed = (at: number): string[] => (at < end ? ["refused"] : ["refused", "whole"]);
  const damages = [...log.keys()].flatMap((at) => [
    { at, what: `byte ${at} flipped`, make: () => log.map((byte, i) => (i === at ? byte ^ 0x10 : byte)) },
    { at, what: `cut to ${at} bytes`, make: () => log.slice(0, at) },
  ]);
  for (const { at, what, make } of sample("leveldb-log", damages, 10)) {
    expect(allowed(at), what).toContain(await outcome(folder, logFile, make()));
  }
  for (const at of sample(
    "leveldb-log-zeros",
    [...log.keys()].filter((at) => at % 16 === 0),
    4,
  )) {
    const zeroed = log.map((byte, i) => (i >= at ? 0 : byte));
    expect(allowed(at), `zero from ${at} on`).toContain(await outcome(folder, logFile, zeroed));
  }
});
