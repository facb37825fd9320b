// A log in one file: carried by hand between machines that never meet, and brought back.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `entry ${from + i}\n`).join("");

test("a stick is all that two machines share that never meet", async () => {
  const [here, there] = [await Place.make(), await Place.make()];
  // The log has no remote at all.
  await here.ok(["init"]);
  await here.ok(["append"], lines(0, 50));
  expect(await here.rlog(["link"])).toMatchObject({ code: 2 });
  const link = (await here.ok(["link", "--offline"])).out.trim();
  const { out } = await here.ok(["export", "first.car"]);
  expect(out).toMatch(/^exported 50 entries to .*first\.car: \d+ blocks, \d+ bytes\n$/);
  const carry = async (name: string): Promise<void> =>
    writeFile(there.path(name), await readFile(here.path(name)));
  await carry("first.car");
  expect((await there.ok(["read", link, "--remote", "first.car"])).out).toBe(lines(0, 50));
  expect((await there.ok(["verify", link, "--remote", "./first.car"])).out).toContain("ok");

  // What is new since the first, which the other machine has already.
  await here.ok(["append"], lines(50, 70));
  await here.ok(["export", "second.car", "--since", "first.car"]);
  await carry("second.car");
  expect((await there.ok(["import", "first.car", link, "--to", "./log"])).out).toMatch(
    /^imported 50 entries .* the name was set\n$/,
  );
  expect((await there.ok(["import", "second.car", link, "--to", "./log"])).out).toMatch(
    /^imported 70 entries .* the name was set\n$/,
  );
  expect((await there.ok(["read", link, "--remote", "./log"])).out).toBe(lines(0, 70));
  // An older file takes nothing away.
  expect((await there.ok(["import", "first.car", link, "--to", "./log"])).out).toMatch(
    /the name already showed that/,
  );
  expect((await there.ok(["read", link, "--remote", "./log", "--no-state"])).out).toBe(lines(0, 70));

  // Nothing of the copy that the journal made is left.
  expect((await readdir(here.path(".rlog"))).filter((name) => name.startsWith("export-"))).toEqual([]);
  expect((await here.ok(["status"])).out).not.toContain(".export");
});

test("a file that lacks what the remote lacks, too, is told, and the name stays", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 30));
  await place.ok(["export", "first.car", id, "--remote", uri]);
  await place.ok(["append", "--publish"], lines(30, 60));
  await place.ok(["export", "second.car", id, "--remote", uri, "--since", "first.car"]);
  const { code, err } = await place.rlog(["import", "second.car", "--to", "./copy"]);
  expect(code).toBe(4);
  expect(err).toContain("[ERR_INCOMPLETE]");
  expect(err).toContain("import that first");
  expect((await place.rlog(["read", id, "--remote", "./copy", "--no-state"])).code).toBe(4);
  await place.ok(["import", "first.car", "--to", "./copy"]);
  await place.ok(["import", "second.car", "--to", "./copy"]);
  expect((await place.ok(["read", id, "--remote", "./copy", "--no-state"])).out).toBe(lines(0, 60));
});

test("a remote that lost something gets it back from the file with --whole", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 40));
  await place.ok(["export", "backup.car", id, "--remote", uri]);
  await rm(remote, { recursive: true });
  const { out } = await place.ok(["import", "backup.car", "--to", uri, "--whole", "--json"]);
  expect(JSON.parse(out)).toMatchObject({ logId: id, size: 40, missingEntries: 0, name: "updated" });
  expect((await place.ok(["read", id, "--remote", uri])).out).toBe(lines(0, 40));
});

test("a file with some entries has these, and says what it lacks", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 200));
  const range = ["export", "part.car", id, "--remote", uri, "--from", "100", "--until", "120"];
  expect(JSON.parse((await place.ok([...range, "--json"])).out)).toMatchObject({
    logId: id,
    size: 200,
    missing: [],
  });
  const read = ["read", "part.car", "--no-state", "--from"];
  expect((await place.rlog([...read, "100"])).out.startsWith(lines(100, 120))).toBe(true);
  const lacking = await place.rlog([...read, "0"]);
  expect(lacking).toMatchObject({ code: 4, out: "" });
});

test("rlog mirror takes a file as its source and as its target", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 20));
  await place.ok(["mirror", id, "--remote", uri, "--to", "copy.car"]);
  await place.ok(["mirror", "copy.car", "--to", "./mirror"]);
  expect((await place.ok(["read", id, "--remote", "./mirror"])).out).toBe(lines(0, 20));
  // Whatever an earlier run left there, the file is whole.
  await place.ok(["mirror", id, "--remote", uri, "--to", "copy.car"]);
  expect((await place.ok(["read", "copy.car"])).out).toBe(lines(0, 20));
  const follow = await place.rlog(["mirror", id, "--remote", uri, "--to", "copy.car", "--follow"]);
  expect(follow).toMatchObject({ code: 2 });
});

test("what is no file of a log, and what can't be done with one, is refused", async () => {
  const place = await Place.make();
  await writeFile(place.path("text.car"), "no car");
  expect(await place.rlog(["read", "text.car"])).toMatchObject({ code: 3 });
  expect(await place.rlog(["read", "none.car"])).toMatchObject({ code: 4 });
  expect(await place.rlog(["export", "log.txt"])).toMatchObject({ code: 2 });
  await place.ok(["init"]);
  expect(await place.rlog(["export", "log.car"])).toMatchObject({ code: 1 });
  expect(await place.rlog(["export", "log.car", "--remote", "./remote"])).toMatchObject({ code: 2 });
  expect(await place.rlog(["remote", "add", "log.car"])).toMatchObject({ code: 2 });
  expect((await readdir(place.folder)).sort()).toEqual([".rlog", "text.car"]);
});
