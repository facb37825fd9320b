import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BrowserLevel } from "browser-level";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { generateSeed, type KeyValueDatabase, openWriter } from "../../src/index.ts";

/** That each is taken without a cast, in the encodings that it has by default, is for the compiler to check. */
const databases = {
  ClassicLevel: (path: string): KeyValueDatabase => new ClassicLevel(path),
  MemoryLevel: (): KeyValueDatabase => new MemoryLevel(),
  // Runs in browsers only, where the browser tests use it.
  BrowserLevel: (name: string): KeyValueDatabase => new BrowserLevel(name),
};

test.each(["ClassicLevel", "MemoryLevel"] as const)("a %s as it comes holds a journal", async (kind) => {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-databases-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const journal = databases[kind](join(folder, "journal"));
  const seed = generateSeed();
  const contents = [new Uint8Array([0, 255, 128]), new Uint8Array(0)];
  const first = await openWriter({ settings: { visibility: "public" }, seed, journal });
  await first.appendAll(contents);
  await first.close();

  const second = await openWriter({ settings: { visibility: "public" }, seed, journal });
  onTestFinished(() => second.close());
  const read: Uint8Array[] = [];
  for await (const { content } of second.entries()) read.push(content);
  expect(read).toEqual(contents);
});
