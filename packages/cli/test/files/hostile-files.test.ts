// Files that never end, and pipes to which nobody writes, in the place of every file that `rlog` reads by a name.

import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readText, UnusableFile } from "../../src/files/read-text.ts";
import { Place } from "../rlog.ts";

/** What may be in the place of a file, and how it is put there. */
const kinds: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
  ["a device that never ends", (path) => symlink("/dev/zero", path)],
  ["a pipe to which nobody writes", async (path) => execFileSync("mkfifo", [path])],
  ["a folder", (path) => mkdir(path)],
  ["a file of a terabyte", async (path) => writeFile(path, "").then(() => truncate(path, 2 ** 40))],
];

/** The files, the command that reads each, and the code of its error. `undefined`: it is done without the file. */
const files = [
  ["fork.json", ["verify-fork", "fork.json"], "ERR_FORK_FILE"],
  [".rlog/config.json", ["status"], "ERR_CONFIG"],
  [".rlog/config.json", ["publish"], "ERR_CONFIG"],
  [".rlog/config.json", ["recover"], "ERR_CONFIG"],
  [".rlog/config.json", ["link"], "ERR_CONFIG"],
  [".rlog/config.json", ["doctor"], "ERR_CONFIG"],
  [".rlog/config.json", ["append", "a"], "ERR_CONFIG"],
  [".rlog/seed", ["status"], "ERR_CONFIG"],
  [".rlog/seed", ["doctor"], "ERR_CONFIG"],
  [".rlog/last-publish.json", ["status"], undefined],
] as const;

test.each(kinds)("%s in the place of a file holds nobody up", async (_, put) => {
  for (const [name, words, code] of files) {
    const place = await Place.make();
    await place.log();
    const path = place.path(...name.split("/"));
    await rm(path, { force: true });
    await put(path);
    const run = await place.rlog([...words]);
    if (code === undefined) expect(run).toMatchObject({ code: 0, err: "" });
    else expect(run.err, words[0]).toContain(`[${code}]`);
  }
});

test("what is appended from a device that never ends is refused, and a pipe is left by a signal", async () => {
  const place = await Place.make();
  await place.log();
  for (const words of [
    ["append", "--file", "/dev/zero"],
    ["append", "--whole", "--file", "/dev/zero"],
  ]) {
    expect((await place.rlog(words)).err).toContain("[ERR_TOO_LARGE]");
  }
  execFileSync("mkfifo", [place.path("pipe")]);
  const waiting = place.start(["append", "--file", "pipe"]);
  const silent = await writerOf(place.path("pipe"));
  waiting.child.kill("SIGINT");
  expect((await waiting.ended).code).toBe(130);
  await silent.close();
  const given = place.start(["append", "--file", "pipe"]);
  const writer = await writerOf(place.path("pipe"));
  await writer.write("b\nc\n");
  await writer.close();
  expect(await given.ended).toMatchObject({ code: 0, err: expect.stringContaining("Appended 2 entries") });
});

/** Opens a pipe for writing as soon as somebody reads from it. */
async function writerOf(path: string): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENXIO") throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

test("a file is read up to its limit, and no further", async () => {
  const place = await Place.make();
  const path = place.path("file");
  await writeFile(path, "abc");
  expect(await readText(path, 3)).toBe("abc");
  await expect(readText(path, 2)).rejects.toThrow(UnusableFile);
  // Its size is said to be nothing.
  if (process.platform === "linux") {
    await expect(readText("/proc/self/maps", 10)).rejects.toThrow(UnusableFile);
    // It says that it holds nothing.
    expect(await readText("/proc/self/maps", 2 ** 20)).toContain("\n");
  }
  await expect(readText(place.path("gone"), 2)).rejects.toMatchObject({ code: "ENOENT" });
});
