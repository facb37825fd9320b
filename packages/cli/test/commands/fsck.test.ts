// Everything that remotes hold is read, and put back from wherever it is.

import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `entry ${from + i}\n`).join("");

async function contentsIn(remote: string): Promise<string[]> {
  const entries = await readdir(join(remote, "contents"), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return files.sort();
}

/** A log on two remotes in folders, with pages, an index node and a content of its own. */
async function onTwo(): Promise<{ readonly place: Place; readonly link: string }> {
  const place = await Place.make();
  await place.ok(["init", "--remote", "attic=./attic", "--remote", "shed=./shed"]);
  await place.ok(["append"], lines(0, 150));
  await place.ok(["append", "--whole", "--publish"], "x".repeat(5_000));
  const link = (await place.ok(["link"])).out.trim();
  return { place, link };
}

const json = async (place: Place, words: readonly string[]): Promise<Record<string, never>[]> => {
  const { out } = await place.rlog(["fsck", ...words, "--json"]);
  return (JSON.parse(out) as { remotes: Record<string, never>[] }).remotes;
};

test("of a log that is whole, every object is read, and nothing is wrong", async () => {
  const { place, link } = await onTwo();
  const { out } = await place.ok(["fsck"]);
  expect(out).toMatch(
    /^ok {6}attic: \d+ objects of 151 entries read\nok {6}shed: \d+ objects of 151 entries read\n$/,
  );
  const stored = (await contentsIn(place.path("attic"))).length;
  expect(Number(/attic: (\d+)/.exec(out)![1])).toBeGreaterThanOrEqual(stored);
  expect((await place.ok(["fsck", link])).out).toContain("ok");
  const sampled = await place.ok(["fsck", link, "--sample", "2"]);
  expect(Number(/attic.*: (\d+)/.exec(sampled.out)![1])).toBeLessThan(stored);
});

test("every single object that is lost or damaged is found, and put back from the other remote", async () => {
  const { place, link } = await onTwo();
  const files = await contentsIn(place.path("attic"));
  expect(files.length).toBeGreaterThan(5);
  for (const [i, file] of sample("objects of a remote", [...files.entries()], 4)) {
    const before = await readFile(file);
    if (i % 2 === 0) await rm(file);
    else
      await writeFile(
        file,
        before.map((byte, at) => (at === 0 ? byte ^ 1 : byte)),
      );
    const [attic] = await json(place, [link]);
    const kind = i % 2 === 0 ? { missing: 1, damaged: 0 } : { missing: 0, damaged: 1 };
    expect(attic, file).toMatchObject({ status: "care", ...kind, putBack: 0, lostEntries: 0 });
    expect(await place.rlog(["fsck", link])).toMatchObject({ code: 5 });
    const repair = ["--remote", "./attic", "--remote", "./shed", "--repair"];
    const id = /rlog:([0-9a-f]{64})/.exec(link)![1]!;
    const [mended] = await json(place, [id, ...repair]);
    expect(mended, file).toMatchObject({ status: "mended", ...kind, putBack: 1 });
    expect(await readFile(file)).toEqual(before);
  }
  expect((await place.ok(["fsck"])).out).not.toContain("care");
});

test("what both remotes lost is put back from a file, or from the journal", async () => {
  const { place, link } = await onTwo();
  await place.ok(["export", "backup.car", link]);
  const ruin = async (): Promise<void> => {
    for (const name of ["attic", "shed"])
      for (const [i, file] of (await contentsIn(place.path(name))).entries())
        await (i % 2 === 0 ? rm(file) : truncate(file, 3));
  };
  await ruin();
  const lost = await json(place, [link]);
  for (const one of lost) expect(one["lostEntries"]).toBeGreaterThan(100);
  const id = /rlog:([0-9a-f]{64})/.exec(link)![1]!;
  const own = [id, "--remote", "attic=./attic", "--remote", "shed=./shed"];
  const { out } = await place.ok(["fsck", ...own, "--repair", "--from", "backup.car"]);
  expect(out.match(/^mended /gm)).toHaveLength(2);
  expect((await place.ok(["read", link, "--no-state"])).out).toContain("entry 149\n");

  await ruin();
  const journal = await place.ok(["fsck", "--repair"]);
  expect(journal.out.match(/^mended /gm)).toHaveLength(2);
  expect((await place.ok(["fsck"])).out.match(/^ok /gm)).toHaveLength(2);
});

test("a remote that is behind or empty is told, and brought up", async () => {
  const { place, link } = await onTwo();
  await place.ok(["mirror", link, "--to", "./mirror"]);
  await place.ok(["append", "more", "--publish"]);
  const id = /rlog:([0-9a-f]{64})/.exec(link)![1]!;
  const both = [id, "--remote", "attic=./attic", "--remote", "mirror=./mirror", "--remote", "new=./new"];
  const told = await place.rlog(["fsck", ...both]);
  expect(told.code).toBe(5);
  expect(told.out).toMatch(/care {4}mirror: .* it shows 151 of 152 entries\n/);
  expect(told.out).toMatch(/care {4}new: has nothing of the log\n/);
  expect((await place.ok(["fsck", ...both, "--repair"])).out.match(/^ok /gm)).toHaveLength(3);
  const verified = await place.ok(["verify", id, "--remote", "./new", "--no-state"]);
  expect(verified.out).toContain("size     152 entries\n");
});

test("what can't be checked, and what is forged, is told by the exit code", async () => {
  const { place, link } = await onTwo();
  const id = /rlog:([0-9a-f]{64})/.exec(link)![1]!;
  const other = await Place.make();
  await other.ok(["init", "--remote", other.uri("theirs")]);
  await other.ok(["append", "theirs", "--publish"]);
  await writeFile(place.path("text.car"), "no car");
  const forged = await place.rlog(["fsck", id, "--remote", "./attic", "--remote", "text.car"]);
  expect(forged.code).toBe(3);
  expect(forged.out).toMatch(/^ok .*\ncare .*could not be checked/);
  expect(await place.rlog(["fsck", "--repair", "--sample", "5"])).toMatchObject({ code: 2 });
  expect(await place.rlog(["fsck", "--sample", "0"])).toMatchObject({ code: 2 });
  expect(await place.rlog(["fsck", "--remote", "./attic"])).toMatchObject({ code: 2 });
});

test("a remote is removed only once enough others hold everything", async () => {
  const { place } = await onTwo();
  const remove = ["remote", "remove", "attic", "--after"];
  expect(await place.rlog([...remove, "2"])).toMatchObject({ code: 5 });
  await place.ok(["append", "more"]);
  const behind = await place.rlog([...remove, "1"]);
  expect(behind.code).toBe(5);
  expect(behind.err).toContain("shed shows 151 of 152 entries");
  await place.ok(["publish"]);
  const [file] = await contentsIn(place.path("shed"));
  const whole = await readFile(file!);
  await rm(file!);
  expect((await place.rlog([...remove, "1"])).err).toMatch(/shed lacks 1 missing object/);
  expect((await place.ok(["remote", "list"])).out).toContain("attic");
  await writeFile(file!, whole);
  await place.ok([...remove, "1"]);
  expect((await place.ok(["remote", "list"])).out).not.toContain("attic");
});

test("a recovery leaves out a remote that is gone, and says what that risks", async () => {
  const { place } = await onTwo();
  await rm(place.path(".rlog", "journal"), { recursive: true });
  await rm(place.path("shed"), { recursive: true });
  await writeFile(place.path("shed"), "a file in the place of the folder");
  expect((await place.rlog(["recover"])).code).not.toBe(0);
  expect(await place.rlog(["recover", "--without", "barn"])).toMatchObject({ code: 2 });
  expect(await place.rlog(["recover", "--without", "shed", "--without", "attic"])).toMatchObject({ code: 2 });
  const { err } = await place.ok(["recover", "--without", "shed"]);
  expect(err).toContain("shed was not asked");
  expect(err).toContain("Recovered 151 entries");
  expect((await place.ok(["read"])).out).toContain("entry 149\n");
});
