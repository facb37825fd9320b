// Remotes that lost what was published: what `rlog` says, and that each piece of its advice works.

import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

/** A log of 40 entries and more on one remote in the folder `r`. */
async function published(
  options: { readonly apart?: boolean } = {},
): Promise<{ place: Place; logId: string }> {
  const place = await Place.make(options);
  const { out } = await place.ok(["init", "--public", "--remote", `r=${place.uri("r")}`]);
  await place.ok(["append", ...Array.from({ length: 40 }, (_, i) => `${i + 1}`), "--publish"]);
  return { place, logId: out.trim() };
}

async function expectWhole(place: Place, entries: number): Promise<void> {
  const link = (await place.ok(["link"])).out.trim();
  const { out } = await place.ok(["read", link, "--no-state"]);
  expect(out.trim().split("\n")).toHaveLength(entries);
  expect((await place.ok(["status"])).out).toContain(
    `stored ${entries}, published ${entries}, confirmed ${entries}`,
  );
  expect((await place.ok(["doctor", "--whole"])).out).toMatch(/^ok {3}r /m);
}

/** The commands that a report of the doctor names, as words. */
async function advised(place: Place): Promise<string[]> {
  const { code, out } = await place.rlog(["doctor", "--whole"]);
  expect(code).toBe(5);
  const [, command] = /(rlog (?:repair|publish)[^\n[(]*?)(?: publishes| fills|\s*\[|$)/m.exec(out) ?? [];
  if (command === undefined) throw new Error(`The doctor names no command: ${out}`);
  return command.split(" ").slice(1);
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

test("a folder that was emptied: the next publish says so, changes nothing, and a repair gives a new reader everything", async () => {
  const { place } = await published({ apart: true });
  await empty(place.path("r"));
  const refused = await place.rlog(["append", "x", "--publish"]);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.err).toContain("[ERR_REMOTE_CHANGED]");
  expect(refused.err).toContain("The command for that is: rlog repair");
  expect(await readdir(place.path("r"))).toEqual([]);
  const status = await place.ok(["status"]);
  expect(status.out).toContain("confirmed 0");
  expect(status.out).toContain("[ERR_REMOTE_CHANGED]");
  const repaired = await place.ok(["repair"]);
  expect(repaired.err).toMatch(/r: looked for \d+ objects, \d+ were missing and are back\./);
  await expectWhole(place, 41);
});

test("a drive that is not mounted is not made anew, and is published to once it is back", async () => {
  const { place } = await published();
  await rename(place.path("r"), place.path("unplugged"));
  expect((await place.rlog(["append", "x", "--publish"])).err).toContain("[ERR_REMOTE_CHANGED]");
  expect(await readdir(place.folder)).not.toContain("r");
  await rename(place.path("unplugged"), place.path("r"));
  await place.ok(["publish"]);
  await expectWhole(place, 41);
});

test("another URI under the same label: an empty place is not filled unasked, and with --whole it is", async () => {
  const { place } = await published();
  const file = place.path(".rlog", "config.json");
  const config = await readFile(file, "utf8");
  await writeFile(file, config.replace(place.uri("r"), place.uri("elsewhere")));
  expect((await place.rlog(["publish"])).err).toContain("[ERR_REMOTE_CHANGED]");
  await place.ok(["publish", "--whole"]);
  await expectWhole(place, 40);
});

test.each([
  ["its contents", "contents", ["repair", "--remote", "r", "--read"]],
  ["its names", "names", ["repair", "--remote", "r"]],
])("a folder that lost %s needs care, and what the doctor advises heals it", async (_, area, command) => {
  const { place } = await published();
  await empty(place.path("r", area));
  expect(await advised(place)).toEqual(command);
  await place.ok(command);
  await expectWhole(place, 40);
});

test("objects that were lost or damaged are found by the doctor that reads all, and healed as it advises", async () => {
  const { place } = await published();
  const contents = place.path("r", "contents");
  const files: string[] = [];
  for (const shard of await readdir(contents)) {
    for (const name of await readdir(join(contents, shard))) files.push(join(contents, shard, name));
  }
  expect(files.length).toBeGreaterThan(1);
  await rm(files[0]!);
  await writeFile(files[1]!, "rubbish");
  await place.ok(await advised(place));
  await expectWhole(place, 40);
  const second = await place.ok(["repair", "--read"]);
  expect(second.err).toContain("nothing was missing");
});

test("contents that are missing are put back by the next publish without being told", async () => {
  const { place } = await published();
  await empty(place.path("r", "contents"));
  expect((await place.ok(["append", "x", "--publish"])).err).toContain("Published 41 entries");
  await expectWhole(place, 41);
});

test("a repair of a remote that is not there by that name is refused", async () => {
  const { place } = await published();
  expect(await place.rlog(["repair", "--remote", "s"])).toMatchObject({ code: 2 });
});
