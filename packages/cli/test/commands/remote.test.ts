import { readdir, readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { parseLink } from "@remote-log/core";
import { whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

interface Listed {
  readonly label: string;
  readonly uri: string;
}

async function listed(place: Place): Promise<Listed[]> {
  const { out } = await place.ok(["remote", "list", "--json"]);
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Listed);
}

test("remotes are added and removed, and what is told and kept of them is true", async () => {
  const place = await Place.make();
  await place.ok(["init"]);
  expect((await place.ok(["remote", "list"])).err).toContain("rlog remote add");
  expect((await place.rlog(["append", "a", "--publish"])).err).toContain("rlog remote add");
  await place.ok(["append", "a", "b"]);
  expect((await place.ok(["remote", "add", "attic=./attic"])).err).toBe(
    `Added attic (${place.uri("attic")}). rlog publish sends it everything.\n`,
  );
  expect(await listed(place)).toEqual([{ label: "attic", uri: place.uri("attic") }]);
  expect((await place.ok(["publish"])).err).toMatch(/^Published 2 entries of log /);
  expect((await place.ok(["publish"])).err).toMatch(
    /^Nothing to publish: readers have all of log .*, 2 entries\.\n$/,
  );

  for (const [again, why] of [
    ["attic=./elsewhere", "has a remote called attic already"],
    ["other=./attic", "it is called attic"],
    ["bad=gopher://nowhere", "The scheme gopher: is unknown"],
    ["bad=bee+http://127.0.0.1:9", "stamp=BATCH"],
    ["bad=file://me:hunter2@host/x", "can't hold a user name"],
  ] as const) {
    const { code, err } = await place.rlog(["remote", "add", again]);
    expect(code).toBe(2);
    expect(err).toContain(why);
    expect(err).not.toContain("hunter2");
  }
  expect((await place.rlog(["remote", "remove", "stick"])).err).toContain("It has: attic.");
  expect(await listed(place)).toHaveLength(1);

  // Another folder under the same label begins at nothing, and the first one stays as it is.
  const before = await readdir(place.path("attic"), { recursive: true });
  expect((await place.ok(["remote", "remove", "attic"])).err).toContain(
    "What is stored there was not deleted.",
  );
  expect(await listed(place)).toEqual([]);
  await place.ok(["remote", "add", "attic=./elsewhere"]);
  expect((await place.ok(["status"])).out).toContain("stored 0, published 0, confirmed 0");
  expect((await place.ok(["publish"])).err).toMatch(/^Published 2 entries/);
  expect((await place.ok(["read", (await place.ok(["link"])).out.trim()])).out).toBe("a\nb\n");
  expect(await readdir(place.path("attic"), { recursive: true })).toEqual(before);
  // So does the first one, if it comes back: its state is seen there.
  await place.ok(["append", "c"]);
  await place.ok(["remote", "add", "old=./attic"]);
  expect((await place.ok(["publish"])).err).toMatch(/^Published 3 entries/);
});

test("a secret that somebody wrote into config.json is not shown, and its remote can be removed", async () => {
  const place = await Place.make();
  await place.log();
  const file = place.path(".rlog", "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as { remotes: Record<string, string> };
  config.remotes = {
    ...config.remotes,
    one: "s3://me:hunter2@bucket/x?region=eu-west-1",
    two: "s3://bucket/x?region=eu-west-1&secretAccessKey=hunter2&prefix=a",
  };
  await writeFile(file, JSON.stringify(config));
  for (const words of [["remote", "list"], ["remote", "list", "--json"], ["status"], ["doctor"], ["link"]]) {
    const { out, err } = await place.rlog(words);
    expect(out + err).not.toContain("hunter2");
  }
  expect((await place.ok(["remote", "list"])).out).toContain(
    "two s3://bucket/x?region=eu-west-1&secretAccessKey=…&prefix=a\n",
  );
  expect((await place.ok(["remote", "remove", "one"])).err).not.toContain("hunter2");
  expect((await place.ok(["remote", "remove", "two"])).err).not.toContain("hunter2");
  await place.ok(["status"]);
});

const all = "Grüße 日本 #1, 100%25 & more?x=1;y";
const each = ["with space", "with#hash", "100%", "what?", "a=b", "日本"];

test.each(whole ? [all, ...each] : [all])(
  "a folder called %j is a remote by its path and by its URI, for writers and readers",
  async (name) => {
    const place = await Place.make();
    const uri = pathToFileURL(place.path(name)).href;
    const id = (await place.ok(["init", "--public", "--remote", `./${name}`])).out.trim();
    await place.ok(["append", "a", "--publish"]);
    expect(await readdir(place.path(name))).toContain("names");
    expect((await listed(place))[0]).toMatchObject({ uri, label: expect.not.stringMatching(/C3|E6/) });
    const link = (await place.ok(["link"])).out.trim();
    expect(parseLink(link).remotes).toEqual([uri]);
    for (const words of [
      [link],
      [id, "--remote", uri],
      [id, "--remote", place.path(name)],
      [id, "--remote", `here=./${name}`],
    ]) {
      expect((await place.ok(["read", ...words])).out).toBe("a\n");
    }
    await place.ok(["mirror", link, "--to", `./copy of ${name}`]);
    expect((await place.ok(["read", id, "--remote", `copy=${place.path(`copy of ${name}`)}`])).out).toBe(
      "a\n",
    );
    await place.ok(["remote", "remove", `./${name}`]);
    expect(await listed(place)).toEqual([]);
  },
);

test("what could be a name or an address of something else is not taken for a path", async () => {
  const place = await Place.make();
  for (const text of ["backup", "backup/log", "/ipfs/bafy", "file:///a#b", "file:///a b"]) {
    const { code, err } = await place.rlog(["init", "--public", "--remote", text]);
    expect([code, text]).toEqual([2, text]);
    expect(err).toMatch(/\[ERR_(?:USAGE|INVALID_INPUT)\]/);
  }
  expect((await place.rlog(["init", "--public", "--remote", "backup"])).err).toContain("such as ./remote");
});
