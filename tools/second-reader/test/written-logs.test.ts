// Whatever the real writer writes, the second reader reads: of every kind of log, at every size around pages and nodes.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type GenesisSettings, mirrorLog, openReader } from "@remote-log/core";
import { fsNames, fsRemote, fsStorage, staticRemote } from "@remote-log/fs";
import { sample } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { openFolder, readLog } from "../index.mjs";
import { bytesOf, contentOf, expected, shown, shownByFirst, writeLog } from "./written-log.ts";

const kinds: Readonly<Record<string, Partial<GenesisSettings>>> = {
  public: { visibility: "public" },
  private: { visibility: "private" },
  unpadded: { visibility: "private", padding: "none" },
};
const shapes = [
  { leafSize: 1, fanOut: 2, size: 19 },
  { leafSize: 2, fanOut: 4, size: 38 },
  { leafSize: 8, fanOut: 2, size: 35 },
];

const each = Object.keys(kinds).flatMap((kind) => shapes.map((shape) => ({ kind, ...shape })));

test.each(sample("kinds of logs", each, 4))(
  "a log that is $kind, with pages of $leafSize and nodes of $fanOut, at every size to $size",
  async ({ kind, leafSize, fanOut, size }) => {
    const log = await writeLog({ ...kinds[kind], leafSize, fanOut });
    const contents: Uint8Array[] = [];
    let known = { size: 0 };
    for (let i = 0; i < size; i++) {
      contents.push(contentOf(i));
      await log.writer.append(contentOf(i));
      await log.writer.publish();
      const read = log.read({ known });
      expect(read.size).toBe(i + 1);
      expect(shown(read.entries())).toEqual(expected(contents));
      known = read;
    }
    expect(await shownByFirst(log)).toEqual(expected(contents));
    await log.writer.close();
  },
);

test("a log with the default settings, around its first pages", async () => {
  const log = await writeLog({});
  const contents: Uint8Array[] = [];
  for (const size of [15, 16, 17, 32, 33, 300]) {
    const more = Array.from({ length: size - contents.length }, (_, i) => contentOf(contents.length + i));
    contents.push(...more);
    await log.writer.appendAll(more);
    await log.writer.publish();
    expect(shown(log.read().entries())).toEqual(expected(contents));
  }
  await log.writer.close();
});

test("a log without entries", async () => {
  const log = await writeLog({});
  await log.writer.setRemotes(["file:///somewhere"]);
  await log.writer.publish();
  const read = log.read();
  expect(read.size).toBe(0);
  expect(read.remotes).toEqual(["file:///somewhere"]);
  expect([...read.entries()]).toEqual([]);
  await log.writer.close();
});

test.each(["public", "private"] as const)(
  "contents of every length around steps of padding, in a %s log",
  async (visibility) => {
    const log = await writeLog({ visibility });
    const lengths = [
      0, 1, 30, 31, 32, 33, 63, 64, 65, 255, 256, 1023, 1024, 1100, 4095, 65_536, 100_000, 1_100_000,
    ];
    const contents = lengths.map((length) => new Uint8Array(length).fill(0x80, length >> 1));
    await log.writer.appendAll(contents);
    await log.writer.publish();
    const read = Array.from(log.read().entries(), ({ content }) => content!);
    expect(read.map((content, i) => Buffer.compare(content, contents[i]!))).toEqual(lengths.map(() => 0));
    await log.writer.close();
  },
);

// Fields 6001 to 6004 of 2/MVDS: group, timestamp -1, body, a parent.
const message = (body: string): Uint8Array =>
  bytesOf(
    `8af70220${"ab".repeat(32)}90f702ffffffffffffffffff019af702${body.length.toString(16).padStart(2, "0")}` +
      `${Buffer.from(body).toString("hex")}a2f702220a20${"cd".repeat(32)}`,
  );

test.each(["public", "private"] as const)("a %s log of 2/MVDS messages", async (visibility) => {
  const log = await writeLog({ visibility, identifiers: "mvds", leafSize: 2, fanOut: 2 });
  const contents = Array.from({ length: 9 }, (_, i) => message(`body ${i} ${"long ".repeat(i)}`));
  await log.writer.appendAll(contents);
  await log.writer.publish();
  expect(shown(log.read().entries())).toEqual(expected(contents));
  await log.writer.close();
});

test("a head that is too large for its name", async () => {
  const remoteIn = (root: string) => ({
    label: "small names",
    storage: fsStorage({ root, sync: false }),
    names: fsNames({ root, sync: false, largestContent: 300 }),
  });
  const log = await writeLog({ leafSize: 4, fanOut: 2 }, { remoteIn });
  const contents = Array.from({ length: 30 }, (_, i) => contentOf(i));
  await log.writer.appendAll(contents);
  await log.writer.publish();
  expect(shown(log.read().entries())).toEqual(expected(contents));
  await log.writer.close();
});

test("a folder for web servers, and one that a mirror wrote", async () => {
  const log = await writeLog(
    { leafSize: 2, fanOut: 2 },
    { remoteIn: (root) => staticRemote({ root, sync: false }) },
  );
  const contents = Array.from({ length: 12 }, (_, i) => contentOf(i));
  await log.writer.appendAll(contents);
  await log.writer.publish();
  const original = log.read();
  expect(shown(original.entries())).toEqual(expected(contents));
  expect(original.remoteId).toHaveLength(16);

  const root = await temporaryFolder();
  await using reader = await openReader({
    logId: log.writer.logId,
    remotes: [staticRemote({ root: log.root })],
  });
  await mirrorLog({ reader, to: fsRemote({ root, sync: false }) });
  const key = log.writer.readKey!.toBytes();
  const copy = readLog({ remote: openFolder(root), logId: original.logId, key, known: original });
  expect(shown(copy.entries())).toEqual(expected(contents));
  expect(copy.remoteId).toBeUndefined();
  await log.writer.close();
});

test("a content that is gone is withheld, a page that is gone ends the reading", async () => {
  const log = await writeLog({ visibility: "public", leafSize: 2, fanOut: 2 });
  await log.writer.appendAll(Array.from({ length: 5 }, (_, i) => contentOf(i)));
  await log.writer.publish();
  const removed = await removeOneByOne(log.root, () => shown(log.read().entries()));
  expect(removed).toContain("0 withheld");
  expect(removed).toContain("missing");
  await log.writer.close();
});

/** Removes each object for a moment; what is then read of the log. */
async function removeOneByOne(root: string, read: () => string[]): Promise<string[]> {
  const { readdir, rename } = await import("node:fs/promises");
  const seen: string[] = [];
  const files = await readdir(join(root, "contents"), { recursive: true, withFileTypes: true });
  for (const file of files.filter((each) => each.isFile())) {
    const path = join(file.parentPath, file.name);
    await rename(path, join(root, "aside"));
    try {
      seen.push(...read());
    } catch (error) {
      seen.push((error as { kind?: string }).kind ?? `${error}`);
    }
    await rename(join(root, "aside"), path);
  }
  await rm(join(root, "aside"), { force: true });
  return seen;
}
