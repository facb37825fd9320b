import { cp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

interface Told {
  readonly healthy: boolean;
  readonly size: number;
  readonly remotes: readonly {
    readonly label: string;
    readonly healthy: boolean;
    readonly reached: boolean;
    readonly state: string;
    readonly size?: number;
    readonly findings: readonly { readonly code: string; readonly message: string }[];
  }[];
}

/** What `rlog doctor` tells programs, and what it ends with. */
async function examined(place: Place, ...words: string[]): Promise<Told & { readonly code: number | null }> {
  const { code, out } = await place.rlog(["doctor", "--json", ...words]);
  return { code, ...(JSON.parse(out) as Told) };
}

async function publishedOnTwo(): Promise<Place> {
  const place = await Place.make();
  const places = ["--remote", `attic=${place.uri("attic")}`, "--remote", `stick=${place.uri("stick")}`];
  await place.ok(["init", "--public", ...places]);
  await place.ok(["append", "a", "b", "--publish"]);
  return place;
}

test("a log of which every remote shows the newest state is healthy, also before its first publish", async () => {
  const place = await Place.make();
  await place.log();
  const before = await place.ok(["doctor"]);
  expect(before.out).toContain("was reached; nothing is published there yet\n");
  await place.ok(["append", "a", "--publish"]);
  const { out, err } = await place.ok(["doctor"]);
  expect(out).toMatch(/^ok {3}remote-0-\w+ \(file:/m);
  expect(out).toContain("shows the newest state, 1 entry; the first and the newest entry were read");
  expect(err).toBe("");
});

test("a remote that lags behind the others needs care, and publishing heals it", async () => {
  const place = await publishedOnTwo();
  await cp(place.path("stick"), place.path("older"), { recursive: true });
  await place.ok(["append", "c", "--publish"]);
  await rm(place.path("stick"), { recursive: true });
  await cp(place.path("older"), place.path("stick"), { recursive: true });
  const ill = await examined(place);
  expect(ill).toMatchObject({ code: 5, healthy: false, size: 3 });
  expect(ill.remotes).toMatchObject([
    { label: "attic", healthy: true, state: "newest", size: 3, findings: [] },
    {
      label: "stick",
      healthy: false,
      reached: true,
      state: "behind",
      size: 2,
      findings: [{ code: "behind" }],
    },
  ]);
  await place.ok(["publish"]);
  expect(await examined(place)).toMatchObject({ code: 0, healthy: true });
});

test("the writer's journal knows what its only remote has lost", async () => {
  const place = await Place.make();
  const { remote } = await place.log();
  await place.ok(["append", "a", "--publish"]);
  await cp(remote, place.path("older"), { recursive: true });
  await place.ok(["append", "b", "--publish"]);
  await rm(remote, { recursive: true });
  expect((await examined(place)).remotes).toMatchObject([
    { state: "absent", findings: [{ code: "absent" }] },
  ]);
  await cp(place.path("older"), remote, { recursive: true });
  expect((await examined(place)).remotes).toMatchObject([{ state: "behind", size: 1 }]);
});

test("a remote that lost the log, and one that lost its first entries, are told from one that is well", async () => {
  const place = await Place.make();
  await place.ok([
    "init",
    "--remote",
    `attic=${place.uri("attic")}`,
    "--remote",
    `stick=${place.uri("stick")}`,
  ]);
  await place.ok(["append", "--publish"], "line\n".repeat(60));
  await rm(place.path("stick"), { recursive: true });
  const contents = place.path("attic", "contents");
  for (const name of await readdir(contents)) await rm(join(contents, name), { recursive: true });
  const lost = {
    code: "ERR_NOT_FOUND",
    message: expect.stringMatching(/^Entry 0 can't be read: /) as string,
  };
  const { code, remotes } = await examined(place);
  expect(code).toBe(5);
  expect(remotes).toMatchObject([
    { reached: true, state: "newest", size: 60, findings: [lost] },
    { reached: true, state: "absent", findings: [{ code: "absent" }] },
  ]);
  const { out, err } = await place.rlog(["doctor"]);
  expect(out).toContain("CARE attic (file:");
  expect(out).toContain(
    "! There is nothing under the log's name: rlog repair --remote stick fills it with the whole log; if it is a drive, mount it first. [absent]\n",
  );
  expect(err).toBe("rlog: 2 of 2 remotes need care: attic, stick. [ERR_NEEDS_CARE]\n");
});

test("a remote that can't be reached, and a URI that can't be used, hide nothing of the others", async () => {
  const place = await publishedOnTwo();
  const further = ["--remote", "off=http://127.0.0.1:9/log", "--remote", "odd=file:nowhere"];
  const { code, remotes } = await examined(place, ...further);
  expect(code).toBe(5);
  expect(remotes.map(({ label, healthy, reached }) => ({ label, healthy, reached }))).toEqual([
    { label: "attic", healthy: true, reached: true },
    { label: "stick", healthy: true, reached: true },
    { label: "off", healthy: false, reached: false },
    { label: "odd", healthy: false, reached: false },
  ]);
  expect(remotes[2]!.findings).toMatchObject([{ code: "ERR_UNREACHABLE" }]);
  expect(remotes[3]!.findings).toMatchObject([{ code: "ERR_INVALID_INPUT" }]);
});

test("a link is examined without a writer's folder, and what is older than its floor needs care", async () => {
  const place = await publishedOnTwo();
  await cp(place.path("stick"), place.path("older"), { recursive: true });
  await place.ok(["append", "c", "--publish"]);
  const link = (await place.ok(["link"])).out.trim();
  const older = place.uri("older");
  await rm(place.path(".rlog"), { recursive: true });
  expect(await examined(place, link)).toMatchObject({ code: 0, healthy: true });
  const { code, remotes } = await examined(place, link, "--remote", older);
  expect(code).toBe(5);
  expect(remotes[2]!.findings).toMatchObject([{ code: "ERR_ROLLBACK" }]);
});

test("a writer at work is no hindrance, and nothing is written anywhere", async () => {
  const place = await publishedOnTwo();
  const writing = place.start(["append", "--ack"]);
  writing.child.stdin!.write("c\n");
  await writing.shows("2 ");
  const before = await readdir(place.folder, { recursive: true });
  expect(await examined(place)).toMatchObject({ code: 0, size: 2 });
  expect(await readdir(place.folder, { recursive: true })).toEqual(before);
  writing.child.stdin!.end();
  expect((await writing.ended).code).toBe(0);
});

test("a folder without a log, and a log without remotes, are told as such", async () => {
  const place = await Place.make();
  expect((await place.rlog(["doctor"])).err).toContain("[ERR_NO_LOG]");
  await place.ok(["init"]);
  const { code, err } = await place.rlog(["doctor"]);
  expect(code).toBe(2);
  expect(err).toContain("has no remote to examine");
  await writeFile(place.path(".rlog", "config.json"), "{}");
  expect((await place.rlog(["doctor"])).err).toContain("[ERR_CONFIG]");
});
