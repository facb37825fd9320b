// Which revision of a name is the newest, by the folders and links alone: what writers leave, and what a copy lacks.

import { link, mkdir, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes, failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { isNewest, pointerAfter, readNewest } from "../src/chain.ts";
import { encodeValue, formatRevision, type NameRevision } from "../src/revision.ts";

const context = { operation: "names.resolve", action: "reading a name" };
const options = { limit: 100, sync: true, context };
const revision = (number: number, digit = "a"): NameRevision => ({ number, id: digit.repeat(32) });
const textOf = ({ number, id }: NameRevision): string => `value ${number} ${id[0]}`;

/** Prepares a revision, as its writer does before it is won. */
async function prepare(folder: string, made: NameRevision): Promise<void> {
  const own = join(folder, formatRevision(made));
  await mkdir(own);
  await writeFile(join(own, "value"), encodeValue(made, bytes(textOf(made))));
}

/** Wins the place after a revision. */
async function win(folder: string, made: NameRevision, after?: NameRevision): Promise<void> {
  await prepare(folder, made);
  await link(join(folder, formatRevision(made), "value"), pointerAfter(folder, after));
}

/** A name with some revisions, one after the other. */
async function nameWith(count: number): Promise<string> {
  const folder = await temporaryFolder();
  for (let number = 1; number <= count; number++)
    await win(folder, revision(number), number > 1 ? revision(number - 1) : undefined);
  return folder;
}

const newest = async (folder: string) => {
  const found = await readNewest(folder, options);
  return found && [found.revision, new TextDecoder().decode(found.content)];
};
const removeFolder = (folder: string, of: NameRevision) =>
  rm(join(folder, formatRevision(of)), { recursive: true });

test("a name without a first revision is absent, also if one was prepared", async () => {
  const folder = await nameWith(0);
  expect(await newest(folder)).toBeUndefined();
  await prepare(folder, revision(1));
  expect(await newest(folder)).toBeUndefined();
});

test.each([1, 2, 3, 11])("of %i revisions the last one is the newest", async (count) => {
  const folder = await nameWith(count);
  const last = revision(count);
  expect(await newest(folder)).toEqual([last, textOf(last)]);
  expect(await isNewest(folder, last, context)).toBe(true);
  if (count > 1) expect(await isNewest(folder, revision(count - 1), context)).toBe(false);
  // Nobody ever made this one.
  expect(await isNewest(folder, revision(count, "b"), context)).toBe(false);
});

test("what a writer left who was killed before it won is passed by", async () => {
  const folder = await nameWith(3);
  await prepare(folder, revision(4, "b"));
  await prepare(folder, revision(3, "b"));
  await writeFile(join(folder, "something else"), "");
  expect(await newest(folder)).toEqual([revision(3), textOf(revision(3))]);
});

test("old revisions are removed from the first on, and are not needed", async () => {
  const folder = await nameWith(5);
  for (const number of [1, 2, 3]) await removeFolder(folder, revision(number));
  expect(await newest(folder)).toEqual([revision(5), textOf(revision(5))]);
});

test("a revision whose folder is missing has not arrived, and a first one without a folder, neither", async () => {
  const folder = await nameWith(4);
  await removeFolder(folder, revision(4));
  expect(await failure(readNewest(folder, options))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "incomplete",
    message: expect.stringContaining("revision 4 was found without its folder"),
  });
  const first = await nameWith(1);
  await removeFolder(first, revision(1));
  expect(await failure(readNewest(first, options))).toMatchObject({
    code: "ERR_UNREACHABLE",
    reason: "incomplete",
    message: expect.stringContaining("the folder of a revision was missing"),
  });
});

test("a value of more than the limit is not read, and a signal ends the search", async () => {
  const folder = await nameWith(2);
  expect(await failure(readNewest(folder, { ...options, limit: 3 }))).toMatchObject({
    code: "ERR_TOO_LARGE",
  });
  const signal = AbortSignal.abort("gave up");
  for (const path of [folder, await nameWith(0)])
    expect(await failure(readNewest(path, { ...options, signal }))).toBe("gave up");
});

test("a writer that moves on while a name is read is followed", async () => {
  const folder = await nameWith(2);
  const reading = newest(folder);
  await win(folder, revision(3), revision(2));
  const [found] = (await reading)!;
  expect([2, 3]).toContain((found as NameRevision).number);
  await unlink(join(folder, formatRevision(revision(2)), "next"));
  expect(await newest(folder)).toEqual([revision(2), textOf(revision(2))]);
});
