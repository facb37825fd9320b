// What a log does by itself: said when it begins or later, kept in config.json, and done by the commands that write.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const configOf = async (place: Place, dir = ".rlog"): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(place.path(dir, "config.json"), "utf8")) as Record<string, unknown>;

test("settings are shown and changed one by one, and remotes come and go beside them", async () => {
  const place = await Place.make();
  const begun = ["--rotate-read-key-after", "30d", "--rotate-read-key-after", "1000", "--keep-newest", "5"];
  await place.ok(["init", ...begun]);
  expect(await configOf(place)).toMatchObject({
    rotateKey: { afterEntries: 1000, afterMilliseconds: 2_592_000_000 },
    retention: { entries: 5 },
  });
  expect((await place.ok(["settings"])).out).toBe(
    "read key  changes after 30d or 1000 entries\nkept      the newest 5 entries\nbundles   as this version does it\ncopies    it is published when all remotes have everything\n",
  );
  const changed = await place.ok(["settings", "--keep-newest", "90m"]);
  expect(changed.out).toBe(
    "read key  changes after 30d or 1000 entries\nkept      what is at most 90m old\nbundles   as this version does it\ncopies    it is published when all remotes have everything\n",
  );
  expect(changed.err).toContain("From the next rlog publish on");
  await place.ok(["remote", "add", "attic=./attic"]);
  await place.ok(["remote", "remove", "attic"]);
  expect(JSON.parse((await place.ok(["settings", "--json"])).out)).toEqual({
    rotateReadKeyAfter: { entries: 1000, milliseconds: 2_592_000_000 },
    keepNewest: { milliseconds: 5_400_000 },
    bundles: null,
    copies: null,
  });
  await place.ok(["settings", "--keep-newest", "all", "--rotate-read-key-after", "never"]);
  expect((await place.ok(["settings"])).out).toBe(
    "read key  never changes by itself\nkept      everything\nbundles   as this version does it\ncopies    it is published when all remotes have everything\n",
  );
  expect(Object.keys(await configOf(place))).toEqual(["version", "logId", "genesis", "remotes"]);
  expect(JSON.parse((await place.ok(["settings", "--json"])).out)).toEqual({
    rotateReadKeyAfter: null,
    keepNewest: null,
    bundles: null,
    copies: null,
  });
});

test("who stores older pages together is said when the log begins, or later", async () => {
  const place = await Place.make();
  await place.ok(["init", "--bundles", "writer"]);
  const shown = async (): Promise<string> => (await place.ok(["settings"])).out.split("\n")[2]!;
  expect(await configOf(place)).toMatchObject({ bundles: "writer" });
  expect(await shown()).toBe("bundles   older pages are stored together");
  await place.ok(["settings", "--keep-newest", "5"]);
  expect(await configOf(place)).toMatchObject({ bundles: "writer", retention: { entries: 5 } });
  await place.ok(["settings", "--bundles", "off"]);
  expect(await configOf(place)).toMatchObject({ bundles: "off", retention: { entries: 5 } });
  expect(await shown()).toBe("bundles   none: each page is stored by itself");
  expect(JSON.parse((await place.ok(["settings", "--json"])).out)).toMatchObject({ bundles: "off" });
  await place.ok(["settings", "--bundles", "default"]);
  expect(await configOf(place)).not.toHaveProperty("bundles");
  for (const command of ["init", "settings"])
    expect((await place.rlog([command, "--bundles", "reader"])).code).toBe(2);
  const begun = await place.rlog(["init", "--dir", "other", "--bundles", "default"]);
  expect(begun).toMatchObject({ code: 2, err: expect.stringContaining("writer, off") });
});

test("the read key changes after the number of entries that was set, readers by name follow, and an old link does not", async () => {
  const place = await Place.make();
  await place.ok(["init", "--remote", `r=${place.uri("r")}`, "--rotate-read-key-after", "2"]);
  const bob = (await place.ok(["reader-key", "bob"])).out.trim();
  await place.ok(["grant", bob, "--with-history"]);
  expect((await place.ok(["append", "a", "b", "--publish"])).err).not.toContain("The read key has changed");
  const before = (await place.ok(["link"])).out.trim();
  const rotated = await place.ok(["append", "c", "--publish"]);
  expect(rotated.err).toContain("The read key has changed, as rlog settings says. Whoever has a link");
  const old = await place.rlog(["read", before, "--no-state"]);
  expect([old.code, old.out]).toEqual([1, "a\nb\n"]);
  const open = (await place.ok(["link", "--no-key"])).out.trim();
  expect((await place.ok(["read", open, "--no-state", "--identity", "bob"])).out).toBe("a\nb\nc\n");
  await place.ok(["settings", "--rotate-read-key-after", "never"]);
  await place.ok(["append", "d", "e", "--publish"]);
  expect((await place.ok(["append", "f", "--publish"])).err).not.toContain("The read key has changed");
});

test("older entries are removed with each publish, in steps of a page", async () => {
  const place = await Place.make();
  await place.ok(["init", "--public", "--leaf-size", "4", "--remote", `r=${place.uri("r")}`]);
  const texts = Array.from({ length: 18 }, (_, i) => `${i}`);
  await place.ok(["append", ...texts, "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  const read = async (): Promise<string> => (await place.ok(["read", link, "--no-state"])).out;
  expect(await read()).toBe(`${texts.join("\n")}\n`);
  await place.ok(["settings", "--keep-newest", "5"]);
  const published = await place.ok(["publish"]);
  expect(published.err).toContain("The contents of entries before 12 were removed, as rlog settings says.");
  // The newest 5 begin at entry 13, and its page at entry 12.
  expect(await read()).toBe(`${texts.slice(12).join("\n")}\n`);
  expect((await place.ok(["settings"])).out).toBe(
    "read key  none: the log is public\nkept      the newest 5 entries\nbundles   as this version does it\ncopies    it is published when all remotes have everything\n",
  );
});

test.each([
  [
    "a public log has no read key",
    ["init", "--public", "--rotate-read-key-after", "5"],
    "is for private logs",
  ],
  ["a limit is a number or an age", ["init", "--keep-newest", "soon"], "with its unit"],
  ["nothing is not a limit", ["init", "--keep-newest", "0"], "number of entries from 1"],
  ["nor is no time", ["init", "--rotate-read-key-after", "0d"], "number of entries from 1"],
] as const)("%s: 2", async (_, words, why) => {
  const { code, err } = await (await Place.make()).rlog(words);
  expect(code).toBe(2);
  expect(err).toContain(why);
});

test("a public log stays without a read key, and what config.json can't mean is refused", async () => {
  const place = await Place.make();
  await place.ok(["init", "--public"]);
  const refused = await place.rlog(["settings", "--rotate-read-key-after", "5"]);
  expect([refused.code, refused.out]).toEqual([2, ""]);
  const nowhere = await place.rlog(["settings", "--keep-newest", "5", "--dir", "nowhere"]);
  expect(nowhere.err).toContain("[ERR_NO_LOG]");
  expect(await readdir(place.folder)).not.toContain("nowhere");
  const config = await configOf(place);
  for (const [name, value] of [
    ["rotateKey", { afterEntries: 0 }],
    ["rotateKey", {}],
    ["rotateKey", { after: 1 }],
    ["retention", { entries: "5" }],
    ["retention", null],
    ["retention", 5],
  ] as const) {
    await writeFile(place.path(".rlog", "config.json"), JSON.stringify({ ...config, [name]: value }));
    const { code, err } = await place.rlog(["append", "x"]);
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`its ${name} is not .*\\[ERR_CONFIG\\]`));
  }
});
