import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedServer } from "@remote-log/test-kit/vitest";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `entry ${from + i}\n`).join("");

/** How many contents a remote in a folder holds. */
async function contentsIn(remote: string): Promise<string[]> {
  const entries = await readdir(join(remote, "contents"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

test("a mirror is read and verified by itself, when the original is gone", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append"], lines(0, 100));
  await place.ok(["append", "--whole", "--publish"], "x".repeat(5000));
  const copy = place.uri("copy");
  const { out, err } = await place.ok(["mirror", id, "--remote", uri, "--to", `attic=${copy}`]);
  expect(out).toMatch(
    /^mirrored 101 entries to attic: stored 1 content, 12 pages, \d index nodes?, \d+ bytes; the name was set\n$/,
  );
  expect(err).toBe("");
  await rm(remote, { recursive: true });
  expect((await place.ok(["read", id, "--remote", copy])).out).toBe(`${lines(0, 100)}${"x".repeat(5000)}\n`);
  expect((await place.ok(["verify", id, "--remote", copy, "--chain"])).out).toContain("ok");
});

test("a second run copies what is new, because it kept how far the first came; --whole copies everything", async () => {
  const place = await Place.make({ apart: true });
  await place.log();
  await place.ok(["append", "--publish"], lines(0, 200));
  const link = (await place.ok(["link"])).out.trim();
  const mirror = ["mirror", link, "--to", place.uri("copy")];
  await place.ok(mirror);
  await place.ok(["append", "--publish"], lines(200, 220));
  expect((await place.ok(mirror)).out).toMatch(
    /220 entries .* 0 contents, 3 pages, 0 index nodes, .* the name was set/,
  );
  expect((await place.ok(mirror)).out).toMatch(
    /220 entries .* 0 pages, 0 index nodes, 0 bytes; the name already showed that/,
  );
  expect((await place.ok([...mirror, "--whole"])).out).toMatch(/220 entries .* 27 pages/);
  // Another target is another mirror, and without state nothing is kept.
  expect((await place.ok(["mirror", link, "--to", place.uri("third")])).out).toMatch(/ 27 pages/);
  expect((await place.ok([...mirror, "--no-state"])).out).toMatch(/ 27 pages/);
});

test("with --bundles the copy of a log without them has some", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log({ args: ["--bundles", "off"] });
  await place.ok(["append", "--publish"], lines(0, 600));
  const stats = async (remote: string): Promise<number> => {
    const { out, err } = await place.ok(["read", id, "--remote", remote, "--no-state", "--stats"]);
    expect(out).toBe(lines(0, 600));
    return Number(/(\d+) requests?/.exec(err)![1]);
  };
  await place.ok(["mirror", id, "--remote", uri, "--to", place.uri("copy")]);
  await place.ok(["mirror", id, "--remote", uri, "--to", place.uri("bundled"), "--bundles"]);
  expect(await stats(place.uri("copy"))).toBeGreaterThan(60);
  expect(await stats(place.uri("bundled"))).toBeLessThan(30);
  const again = await place.ok(["mirror", id, "--remote", uri, "--to", place.uri("bundled"), "--bundles"]);
  expect(again.out).toContain("0 pages, 0 index nodes, 0 bytes; the name already showed that");
});

test("with --follow the mirror continues with what the writer publishes, until it is told to end", async () => {
  const place = await Place.make();
  const { id } = await place.log();
  await place.ok(["append", "before", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  const copy = place.uri("copy");
  const mirroring = place.start(["mirror", link, "--to", copy, "--follow", "--poll", "0.1"]);
  await mirroring.shows("mirrored 1 entry ");
  await place.ok(["append", "after", "--publish"]);
  await mirroring.shows("mirrored 2 entries ");
  mirroring.child.kill("SIGINT");
  const { code, out, err } = await mirroring.ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  // Where nothing is new it says nothing.
  expect(out.trim().split("\n")).toHaveLength(2);
  expect((await place.ok(["read", id, "--remote", copy])).out).toBe("before\nafter\n");
});

test("with --follow it waits for a log that is not published yet, and says so", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  const mirroring = place.start([
    "mirror",
    id,
    "--remote",
    uri,
    "--to",
    place.uri("copy"),
    "--follow",
    "--poll",
    "0.1",
  ]);
  await mirroring.warns("[ERR_NOT_FOUND]");
  await place.ok(["append", "a", "--publish"]);
  await mirroring.shows("mirrored 1 entry ");
  mirroring.child.kill("SIGTERM");
  expect((await mirroring.ended).code).toBe(0);
});

test("a damaged source ends it with 3, and nothing false is copied", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 100));
  await cp(remote, place.path("sound"), { recursive: true });
  const [victim] = await contentsIn(remote);
  const bytes = await readFile(victim!);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(victim!, bytes);
  const words = ["mirror", id, "--remote", uri, "--to", place.uri("copy")];
  const { code, out, err } = await place.rlog(words);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain("[ERR_INTEGRITY]");
  const read = await place.rlog(["read", id, "--remote", place.uri("copy"), "--no-state"]);
  expect(read.code).toBe(4);
  // With another source that is sound, the mirror is made.
  await place.ok([...words, "--remote", place.uri("sound")]);
  await place.ok(["verify", id, "--remote", place.uri("copy")]);
});

test("a mirror never sets a newer name back", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  await cp(remote, place.path("older"), { recursive: true });
  await place.ok(["append", "b", "--publish"]);
  const older = ["mirror", id, "--remote", place.uri("older"), "--no-state", "--to", uri];
  expect((await place.ok(older)).out).toContain("the name shows a newer state and was not changed");
  expect((await place.ok(["read", id, "--remote", uri])).out).toBe("a\nb\n");
});

test("a fork between source and target is found, and its proof kept", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await cp(place.path(".rlog"), place.path("copy"), { recursive: true });
  const other = place.uri("other");
  const config = JSON.parse(await readFile(place.path("copy", "config.json"), "utf8")) as object;
  await writeFile(place.path("copy", "config.json"), JSON.stringify({ ...config, remotes: { other } }));
  await place.ok(["append", "one history", "--publish"]);
  await place.ok(["append", "another history", "--publish", "--dir", "copy"]);
  const { code, err } = await place.rlog(["mirror", id, "--remote", uri, "--to", other]);
  expect(code).toBe(3);
  const file = /proof of the fork is in (\S+);/.exec(err)![1]!;
  await place.ok(["verify-fork", file]);
  expect((await place.ok(["read", id, "--remote", other, "--no-state"])).out).toBe("another history\n");
});

test("a URL that can only be read is no target", async () => {
  const place = await Place.make();
  const { id, uri } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  const { code, err } = await place.rlog(["mirror", id, "--remote", uri, "--to", "http://127.0.0.1:9/copy"]);
  expect(code).not.toBe(0);
  expect(err).toMatch(/\[ERR_(UNREACHABLE|UNSUPPORTED)\]/);
});

test("what one source lacks comes from another, and what none has is told: by exit code, by lines, and as JSON", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 100));
  for (const half of ["older", "newer"]) await cp(remote, place.path(half), { recursive: true });
  const objects = (await contentsIn(remote)).map((path) => path.slice(remote.length)).sort();
  for (const [i, object] of objects.entries()) await rm(place.path(i % 2 === 0 ? "older" : "newer", object));
  const [older, newer, copy] = [place.uri("older"), place.uri("newer"), place.uri("copy")];
  const both = ["mirror", id, "--remote", older, "--remote", newer, "--to", copy];
  expect((await place.ok(both)).out).toContain("mirrored 100 entries to ");
  expect((await place.ok(["read", id, "--remote", copy, "--no-state"])).out).toBe(lines(0, 100));

  const gaps = place.uri("gaps");
  const one = ["mirror", id, "--remote", older, "--to", gaps];
  const { code, out, err } = await place.rlog([...one, "--json"]);
  const { missing, missingEntries, entries, name, size } = JSON.parse(out) as Record<string, unknown>;
  expect({ code, size, name, code0: (missing as { code: string }[])[0]?.code }).toEqual({
    ...{ code: 4, size: 100, name: "updated", code0: "ERR_NOT_FOUND" },
  });
  expect((entries as number) + (missingEntries as number)).toBe(100);
  expect(err).toMatch(/rlog: entr(y|ies) \d+.* could not be got: .* \[ERR_NOT_FOUND\]/);
  expect(err).toContain("[ERR_INCOMPLETE]");
  // Another source fills the gaps, and what is there is not copied again.
  const filled = await place.ok([...one, "--remote", uri, "--json"]);
  expect(JSON.parse(filled.out)).toMatchObject({ entries: 100, missing: [], missingEntries: 0 });
  expect((await place.ok(["read", id, "--remote", gaps, "--no-state"])).out).toBe(lines(0, 100));
  expect((await place.ok(["verify", id, "--remote", gaps, "--chain"])).out).toContain("ok");
});

test("a source that lost objects takes none from a target that has them, also with --whole", async () => {
  const place = await Place.make();
  const { id, uri, remote } = await place.log();
  await place.ok(["append", "--publish"], lines(0, 100));
  const copy = place.uri("copy");
  const mirror = ["mirror", id, "--remote", uri, "--to", copy];
  await place.ok(mirror);
  const objects = await contentsIn(remote);
  for (const object of objects.filter((_, i) => i % 2 === 0)) await rm(object);
  await place.ok(mirror);
  await place.ok([...mirror, "--whole"]);
  await place.ok([...mirror, "--no-state"]);
  expect((await place.ok(["read", id, "--remote", copy, "--no-state"])).out).toBe(lines(0, 100));
});

test("a lost journal of a log with pages of its own size is filled again by rlog recover", async () => {
  const place = await Place.make();
  await place.ok(["init", "--public", "--remote", place.uri("remote"), "--leaf-size", "4"]);
  await place.ok(["append", "--publish"], lines(0, 30));
  await rm(place.path(".rlog", "journal"), { recursive: true });
  await place.ok(["recover"]);
  await place.ok(["append", "one more", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  expect((await place.ok(["read", link, "--no-state"])).out).toBe(`${lines(0, 30)}one more\n`);
});

test("a page size with which entries could not be read is refused before anything is written", async () => {
  const place = await Place.make();
  const { code, err } = await place.rlog(["init", "--leaf-size", "65536"]);
  expect(code).toBe(2);
  expect(err).toContain("Use at most 16384");
  expect((await place.rlog(["init", "--leaf-size", "16384"])).code).toBe(0);
});

test("a target that refuses is no fault of the link's place: nothing is advised about that", async () => {
  const place = await Place.make();
  place.env = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
  await place.log();
  await place.ok(["append", "--publish"], lines(0, 40));
  const link = (await place.ok(["link"])).out.trim();
  const refusal = (code: string, status: number) => ({ status, body: `<Error><Code>${code}</Code></Error>` });
  const server = await scriptedServer(({ method }) =>
    method === "PUT" ? refusal("AccessDenied", 403) : refusal("NoSuchKey", 404),
  );
  const to = `s3://logs?region=us-east-1&endpoint=${encodeURIComponent(server.url)}`;
  const { code, err } = await place.rlog(["mirror", link, "--to", to]);
  expect(code).toBe(1);
  expect(err.trimEnd().split("\n")).toEqual([expect.stringMatching(/^rlog: .* \[ERR_DENIED\]$/)]);
});
