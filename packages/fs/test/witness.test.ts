// The witness of a journal in a file: what it states survives the process, and no torn write takes back what was synced.

import { mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure } from "@remote-log/test-kit";
import { expect, onTestFinished, test } from "vitest";
import { fileWitness } from "../src/index.ts";

const SLOT = 4096;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function newPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-witness-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "journal.witness");
}

/** What a witness that is opened anew states. */
async function stated(path: string): Promise<string | undefined> {
  const witness = fileWitness(path);
  const statement = await witness.load();
  await witness.close();
  return statement && new TextDecoder().decode(statement);
}

test("there is nothing before the first statement, and then always the newest, at once", async () => {
  const path = await newPath();
  expect(await stated(path)).toBeUndefined();
  const witness = fileWitness(path);
  expect(await witness.load()).toBeUndefined();
  for (let i = 0; i < 20; i++) {
    await witness.save(text(`statement ${i}`));
    expect(await stated(path)).toBe(`statement ${i}`);
    // Through some syncs, too.
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 70));
  }
  await witness.close();
  expect(await stated(path)).toBe("statement 19");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const again = fileWitness(path);
  await again.load();
  await again.save(text("later"));
  await again.close();
  expect(await stated(path)).toBe("later");
});

test("a torn slot costs no more than the statement in it", async () => {
  const path = await newPath();
  const witness = fileWitness(path);
  const written: string[] = [];
  for (let i = 0; i < 3; i++) {
    // In turns: each goes to a slot of its own.
    await witness.load();
    await witness.save(text(`statement ${i}`));
    written.push(`statement ${i}`);
  }
  await witness.close();
  const sound = await readFile(path);
  const newest = written.length - 1;
  const of = (slot: number): string => sound.toString("latin1", slot * SLOT).split("\n")[3]!;
  for (let slot = 0; slot < 3; slot++) {
    for (const place of [0, 25, 40, 60]) {
      const torn = Buffer.from(sound);
      torn[slot * SLOT + place]! ^= 1;
      await writeFile(path, torn);
      const expected = of(slot) === written[newest] ? written[newest - 1] : written[newest];
      expect(await stated(path)).toBe(expected);
    }
  }
});

test("a file that states nothing any more is damaged: it does not count as new", async () => {
  const path = await newPath();
  const witness = fileWitness(path);
  await witness.save(text("a"));
  await witness.close();
  for (const damage of [
    () => truncate(path, 0),
    () => writeFile(path, new Uint8Array(3 * SLOT)),
    () => writeFile(path, "x"),
  ]) {
    await damage();
    expect(await failure(stated(path))).toMatchObject({ code: "ERR_JOURNAL_CORRUPT", reason: "witness" });
  }
  // What is stated after that, is there again.
  const renewed = fileWitness(path);
  await failure(renewed.load());
  await renewed.save(text("b"));
  await renewed.close();
  expect(await stated(path)).toBe("b");
});

test("a link in its place is not followed, and nothing that is too long is cut short", async () => {
  const path = await newPath();
  await symlink("/dev/null", path);
  expect(await failure(fileWitness(path).load())).toMatchObject({ code: "ELOOP" });
  await rm(path);
  const witness = fileWitness(path);
  expect(() => witness.save(new Uint8Array(513))).toThrow(RangeError);
  await witness.save(new Uint8Array(512).fill(7));
  await witness.close();
  expect((await stated(path))!.length).toBe(512);
});
