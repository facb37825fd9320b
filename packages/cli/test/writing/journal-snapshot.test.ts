// A journal is read beside its writer: what is shown is a state that was there, with everything that was acknowledged by then.

import { mkdir, readdir, readFile, utimes } from "node:fs/promises";
import { openWriter } from "@remote-log/core";
import { runs } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { FolderSeeds } from "../../src/writing/folder-seed.ts";
import { hasJournal, journalOf } from "../../src/writing/journal-files.ts";
import { viewWriterFolder } from "../../src/writing/writer-folder.ts";
import { Place } from "../rlog.ts";

const VIEWS = runs(3, 60);
const { signal } = new AbortController();

test(`${VIEWS} views while a writer fills tables and drops logs: each is whole, and none lacks what was acknowledged`, async () => {
  const place = await Place.make();
  await place.log();
  const folder = place.path(".rlog");
  const seed = Buffer.from((await readFile(place.path(".rlog", "seed"), "utf8")).trim(), "hex");
  const writer = await openWriter({
    settings: { visibility: "public" },
    ...journalOf(folder),
    seed,
    publish: "manual",
  });
  // Entries that don't compress, so that the database moves its log to a table every two hundred of them.
  const content = (sequence: number): Uint8Array => {
    const bytes = new Uint8Array(20_000);
    const words = new Uint32Array(bytes.buffer);
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i ^ (sequence * 7919), 2654435761);
    return bytes;
  };
  const seeds = new FolderSeeds({ signal, warn: async () => undefined }, {});
  let acknowledged = 0;
  const write = async (count: number): Promise<void> => {
    for (const end = acknowledged + count; acknowledged < end; acknowledged += 4)
      await writer.appendAll([0, 1, 2, 3].map((i) => content(acknowledged + i)));
  };
  // A snapshot that a killed command left behind.
  await mkdir(place.path(".rlog", ".snapshot-1-0"));
  await utimes(place.path(".rlog", ".snapshot-1-0"), 1, 1);
  for (let i = 0; i < VIEWS; i++) {
    const writing = write(240);
    const before = acknowledged;
    await viewWriterFolder(folder, { signal, seeds, remotes: false }, async (view) => {
      expect(view.size).toBeGreaterThanOrEqual(before);
      let next = Math.max(0, view.size - 100);
      for await (const entry of view.entries(next)) {
        expect(entry.sequence).toBe(next);
        expect(Buffer.compare(entry.content, content(next))).toBe(0);
        next++;
      }
      expect(next).toBe(view.size);
    });
    await writing;
  }
  await writer.close();
  expect((await readdir(folder)).filter((name) => name.startsWith(".snapshot"))).toEqual([]);
  // Nothing reached the journal itself.
  const again = await openWriter({
    settings: { visibility: "public" },
    ...journalOf(folder),
    seed,
    publish: "manual",
  });
  let next = 0;
  for await (const entry of again.entries()) expect(Buffer.compare(entry.content, content(next++))).toBe(0);
  expect(next).toBe(acknowledged);
  await again.close();
  expect(
    (await readdir(place.path(".rlog", "journal"))).filter((name) => name.endsWith(".ldb")).length,
  ).toBeGreaterThan(0);
});

test("a journal that others open again and again is never told as gone", async () => {
  const place = await Place.make();
  await place.log();
  const folder = place.path(".rlog");
  let opened = 0;
  const opening = (async () => {
    for (; opened < 40; opened++) {
      const { journal } = journalOf(folder);
      await journal.open();
      await journal.close();
    }
  })();
  while (opened < 40) expect(await hasJournal(folder)).toBe(true);
  await opening;
});
