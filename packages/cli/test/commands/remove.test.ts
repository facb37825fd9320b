// `rlog remove` and `rlog keep-newest`: what is gone afterwards, and what they say.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

/** A log of 40 entries on one remote in the folder `r`. */
async function published(): Promise<{ place: Place; link: string }> {
  const place = await Place.make();
  await place.ok(["init", "--public", "--remote", `r=${place.uri("r")}`]);
  await place.ok(["append", ...Array.from({ length: 40 }, (_, i) => `text-${i}-`), "--publish"]);
  return { place, link: (await place.ok(["link"])).out.trim() };
}

/** Whether any file in a folder has a text. */
async function holds(folder: string, text: string): Promise<boolean> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    if ((await readFile(join(file.parentPath, file.name), "latin1")).includes(text)) return true;
  }
  return false;
}

const numbers = (out: string): number[] =>
  out
    .trim()
    .split("\n")
    .map((line) => Number(line.split("-")[1]));

test("removed entries are read by nobody, and in no file of the remote or of the journal", async () => {
  const { place, link } = await published();
  const { err } = await place.ok(["remove", "5", "7-9", "--now"]);
  expect(err).toContain("Removed the contents of 4 entries.");
  for (const n of [5, 7, 8, 9]) {
    expect(await holds(place.path("r/contents"), `text-${n}-`)).toBe(false);
    expect(await holds(place.path(".rlog"), `text-${n}-`)).toBe(false);
  }
  const left = Array.from({ length: 40 }, (_, i) => i).filter((n) => ![5, 7, 8, 9].includes(n));
  const read = await place.ok(["read", link, "--no-state"]);
  expect(numbers(read.out)).toEqual(left);
  expect(read.err).toContain("The writer removed entry 5.\n");
  expect(read.err).toContain("The writer removed entries 7 to 9.\n");
  expect(numbers((await place.ok(["read"])).out)).toEqual(left);
  expect(numbers((await place.ok(["latest", link, "40", "--no-state"])).out)).toEqual(left);
  const verified = await place.ok(["verify", link, "--chain"]);
  expect(verified.out).toContain("; the writer removed 4 contents");
  expect(verified.out).toMatch(/chain {4}\d pages along tail, the same entries from 16 on/);
  expect((await place.ok(["doctor", "--whole"])).out).toMatch(/^ok {3}r /m);
});

test("without --now readers on their way get their time, and --no-publish leaves the remotes as they are", async () => {
  const { place } = await published();
  const later = await place.ok(["remove", "5"]);
  expect(later.err).toMatch(
    /r: 1 object with what was removed will be deleted by rlog publish from \S+ on, so that/,
  );
  expect(await holds(place.path("r/contents"), "text-5-")).toBe(true);
  const here = await place.ok(["remove", "20", "--no-publish", "--now"]);
  expect(here.err).toContain("r: still has them. Run rlog publish.");
});

test("the newest are kept by their number or by their age", async () => {
  const { place, link } = await published();
  const { err } = await place.ok(["keep-newest", "10", "--now"]);
  expect(err).toContain("Removed the contents of 30 entries. The first that is kept is 30.");
  expect(numbers((await place.ok(["read", link, "--no-state"])).out)).toEqual([
    30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
  ]);
  const old = await place.ok(["keep-newest", "--older-than", "1h", "--now"]);
  expect(old.err).toContain("Removed the contents of 0 entries. The first that is kept is 30.");
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await place.ok(["keep-newest", "--older-than", "1s", "--now"])).err).toContain("of 10 entries");
});

test("what is no entry, no range or no age is refused before anything is done", async () => {
  const { place } = await published();
  for (const words of [["remove"], ["remove", "x"], ["remove", "9-7"], ["remove", "-1"], ["remove", "3,4"]])
    expect((await place.rlog(words)).code, words.join(" ")).toBe(2);
  for (const words of [["keep-newest"], ["keep-newest", "-5"], ["keep-newest", "--older-than", "30"]])
    expect((await place.rlog(words)).code, words.join(" ")).toBe(2);
  expect((await place.rlog(["remove", "40"])).err).toContain("[ERR_INVALID_INPUT]");
  expect(numbers((await place.ok(["read"])).out)).toHaveLength(40);
});
