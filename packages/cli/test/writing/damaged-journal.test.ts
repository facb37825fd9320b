// A journal that is damaged or gone: every command refuses it, with the way back, and `rlog recover` gets back what remotes have.

import { cp, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sample } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `entry ${from + i}\n`).join("");

/** A log of 30 entries, in two appends, with settings of its own. */
async function damagedLog({
  publish,
  damage,
}: {
  publish: boolean;
  damage: (journal: string) => Promise<void>;
}) {
  const place = await Place.make();
  await place.ok(["init", "--public", "--leaf-size", "4", "--remote", place.uri("remote")]);
  await place.ok(["append"], lines(0, 15));
  await place.ok(["append", ...(publish ? ["--publish"] : [])], lines(15, 30));
  await damage(place.path(".rlog", "journal"));
  return place;
}

async function file(journal: string, kind: RegExp): Promise<string> {
  return join(journal, (await readdir(journal)).find((name) => kind.test(name))!);
}

async function changed(path: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path);
  change(bytes);
  await writeFile(path, bytes);
}

const damages: Readonly<Record<string, (journal: string) => Promise<void>>> = {
  "log cut short": async (journal) => {
    const log = await file(journal, /\.log$/);
    await truncate(log, Math.floor((await stat(log)).size / 8));
  },
  "a byte of the log flipped": async (journal) =>
    changed(await file(journal, /\.log$/), (bytes) => {
      bytes[40]! ^= 1;
    }),
  "log zeroed": async (journal) => changed(await file(journal, /\.log$/), (bytes) => bytes.fill(0)),
  "log file deleted": async (journal) => rm(await file(journal, /\.log$/)),
  "table deleted": async (journal) => rm(await file(journal, /\.ldb$/)),
  "CURRENT deleted": async (journal) => rm(join(journal, "CURRENT")),
  "manifest deleted": async (journal) => rm(await file(journal, /^MANIFEST/)),
  "folder deleted": async (journal) => rm(journal, { recursive: true }),
  "folder emptied": async (journal) => {
    for (const name of await readdir(journal)) await rm(join(journal, name));
  },
};

test.each(sample("damaged-journal", Object.entries(damages), 2))(
  "%s: nothing is appended, no number is given out twice, and what was published comes back",
  async (_, damage) => {
    const place = await damagedLog({ publish: true, damage: async () => undefined });
    await place.ok(["append", "--publish"], lines(30, 40));
    await damage(place.path(".rlog", "journal"));
    const refused = await place.rlog(["append", "new", "--ack"]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("rlog recover --dir");
    expect(refused.err).toContain("[ERR_JOURNAL_CORRUPT]");
    for (const command of ["status", "publish"]) {
      expect((await place.rlog([command])).err).toContain("[ERR_JOURNAL_CORRUPT]");
    }
    await place.ok(["recover"]);
    const appended = await place.ok(["append", "new", "--ack", "--publish"]);
    expect(appended.out).toMatch(/^40 /);
    const read = await place.ok(["read", (await place.ok(["link"])).out.trim()]);
    expect(read.out).toBe(`${lines(0, 40)}new\n`);
  },
);

test("entries that nobody has are lost by request alone; what is safe and what is lost is told", async () => {
  const place = await damagedLog({ publish: false, damage: damages["log zeroed"]! });
  const refused = await place.rlog(["append", "new", "--ack"]);
  expect(refused.err).toContain("entries 15 to 29 are missing. Entries 0 to 14 are safe.");
  const nobody = await place.rlog(["recover"]);
  expect(nobody).toMatchObject({ code: 1 });
  expect(nobody.err).toContain("--accept-loss");
  expect((await place.rlog(["append", "new", "--ack"])).code).toBe(1);
  const accepted = await place.ok(["recover", "--accept-loss"]);
  expect(accepted.err).toContain("entries 15 to 29 are lost");
  expect((await place.ok(["append", "new", "--ack"])).out).toMatch(/^15 /);
  // The damaged journal is kept.
  expect(await readdir(place.path(".rlog"))).toContain("journal.damaged-1");
});

test("the settings of a log stand in config.json, and seed and link are enough to recover it", async () => {
  const place = await damagedLog({ publish: true, damage: async () => undefined });
  const config = async (): Promise<unknown> =>
    JSON.parse(await readFile(place.path(".rlog", "config.json"), "utf8"));
  const before = await config();
  expect(before).toMatchObject({
    genesis: { leafSize: 4, fanOut: 128, identifiers: "sha256", visibility: "public" },
  });
  const link = (await place.ok(["link"])).out.trim();
  for (const name of ["journal", "config.json", "journal.witness", "last-publish.json"])
    await rm(place.path(".rlog", name), { recursive: true });
  expect((await place.rlog(["append", "x"])).err).toContain("[ERR_NO_LOG]");
  const recovered = await place.ok(["recover", link]);
  expect(recovered.err).toContain("Recovered 30 entries");
  expect(await config()).toEqual(before);
  expect((await place.ok(["append", "x", "--ack", "--publish"])).out).toMatch(/^30 /);
  expect(await place.rlog(["recover", link])).toMatchObject({ code: 2 });
  // A link of another log writes nothing.
  const other = await Place.make();
  await other.log();
  await other.ok(["append", "a", "--publish"]);
  const foreign = (await other.ok(["link"])).out.trim();
  await rm(place.path(".rlog", "config.json"));
  expect((await place.rlog(["recover", foreign])).err).toContain("[ERR_");
  expect(await readdir(place.path(".rlog"))).not.toContain("config.json");
});

test("a folder without a witness, as an earlier version left it, gets one", async () => {
  const place = await damagedLog({ publish: false, damage: async () => undefined });
  const witness = place.path(".rlog", "journal.witness");
  await rm(witness);
  // What only looks changes nothing.
  await place.ok(["status"]);
  expect(await readdir(place.path(".rlog"))).not.toContain("journal.witness");
  await place.ok(["publish"]);
  expect(await readFile(witness, "latin1")).toContain("remote-log witness 1");
});

test("the journal alone from a backup, under the witness of today, lacks what was acknowledged", async () => {
  const place = await damagedLog({ publish: true, damage: async () => undefined });
  await cp(place.path(".rlog"), place.path("backup"), { recursive: true });
  await place.ok(["append", "--publish"], lines(30, 35));
  await rm(place.path(".rlog", "journal"), { recursive: true });
  await cp(place.path("backup", "journal"), place.path(".rlog", "journal"), { recursive: true });
  expect((await place.rlog(["append", "x", "--ack"])).err).toContain("entries 30 to 34 are missing");
  await place.ok(["recover"]);
  expect((await place.ok(["append", "x", "--ack"])).out).toMatch(/^35 /);
});

test("an old backup of the whole folder, and a copy of it elsewhere, give out no number that a remote has", async () => {
  const place = await damagedLog({ publish: true, damage: async () => undefined });
  await cp(place.path(".rlog"), place.path("backup"), { recursive: true });
  await place.ok(["append", "--publish"], lines(30, 35));
  // Where it was written, nothing is asked: the remote may be away.
  await rename(place.path("remote"), place.path("away"));
  expect((await place.ok(["append", "offline", "--ack"])).err).not.toContain("copy");
  await rename(place.path("away"), place.path("remote"));
  for (const old of ["restored", "elsewhere"]) {
    await cp(place.path("backup"), place.path(old), { recursive: true });
    const refused = await place.rlog(["append", "x", "--ack", "--dir", old]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("[ERR_RESTORED]");
  }
  await place.ok(["recover", "--dir", "restored"]);
  expect((await place.ok(["append", "x", "--ack", "--dir", "restored"])).out).toMatch(/^35 /);
});

test("a copy whose remote can't be asked is told as such, at each append, until the remote has answered", async () => {
  const place = await damagedLog({ publish: true, damage: async () => undefined });
  await cp(place.path(".rlog"), place.path("copy"), { recursive: true });
  await rename(place.path("remote"), place.path("away"));
  await writeFile(place.path("remote"), "no folder");
  for (const number of [30, 31]) {
    const told = await place.ok(["append", "x", "--ack", "--dir", "copy"]);
    expect(told.out).toMatch(new RegExp(`^${number} `));
    expect(told.err).toContain("is a copy, or was restored from a backup");
  }
  await rm(place.path("remote"));
  await rename(place.path("away"), place.path("remote"));
  for (const _ of [32, 33]) {
    expect((await place.ok(["append", "x", "--dir", "copy"])).err).not.toContain("is a copy");
  }
});

test("a hot copy of a journal is a whole one; once the original has published more, the copy publishes nothing", async () => {
  const place = await damagedLog({ publish: true, damage: async () => undefined });
  const writing = place.start(["append", "--ack"]);
  writing.child.stdin!.write(lines(30, 40));
  await writing.shows("39 ");
  await cp(place.path(".rlog"), place.path("copy"), { recursive: true });
  writing.child.stdin!.end();
  expect((await writing.ended).code).toBe(0);
  await place.ok(["publish"]);
  // It is as new as the remote.
  expect((await place.ok(["append", "x", "--ack", "--dir", "copy"])).out).toMatch(/^40 /);
  await place.ok(["append", "y", "--publish"]);
  expect((await place.rlog(["publish", "--dir", "copy"])).err).toContain("[ERR_RESTORED]");
});
