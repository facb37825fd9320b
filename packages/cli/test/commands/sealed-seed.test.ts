// The seed of a writer's folder behind a passphrase: who opens it, and from where the passphrase comes.

import { execFileSync, spawnSync } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openSeed, sealSeed } from "@remote-log/core/keyring";
import { sample, whole } from "@remote-log/test-kit";
import { expect, test } from "vitest";
import { Place } from "../rlog.ts";

const passphrase = "orbit velvet canyon";
const program = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

/** A log with one remote and a seed that is sealed, with little work. */
async function sealedLog(place: Place): Promise<{ readonly sealed: string }> {
  await place.log({ visibility: "private" });
  const file = place.path(".rlog", "seed");
  const seed = await openSeed(await readFile(file, "utf8"));
  const sealed = await sealSeed(seed, passphrase, { workFactor: 2 });
  await writeFile(file, sealed);
  await writeFile(place.path("passphrase"), `${passphrase}\n`, { mode: 0o600 });
  return { sealed };
}

test("every command that needs the seed opens it, and none without the passphrase", async () => {
  const place = await Place.make();
  const { sealed } = await sealedLog(place);
  const given = ["--passphrase-file", "passphrase"];
  await place.ok(["append", "hello", "--publish", ...given]);
  const link = (await place.ok(["link", ...given])).out.trim();
  expect((await place.ok(["read", link])).out).toBe("hello\n");
  await place.ok(["remote", "add", "attic=./attic", ...given]);
  // A remote without the log needs care, and rlog doctor says so.
  await place.ok(["publish", ...given]);
  const commands = [
    ["append", "more"],
    ["publish"],
    ["repair"],
    ["status"],
    ["link"],
    ["words"],
    ["doctor"],
    ["recover"],
    ["read"],
    ["latest"],
    ["remote", "add", "cellar=./cellar"],
    ["remote", "remove", "attic"],
  ];
  // Each is a run of its own, and repeats much of the others.
  const chosen = sample("commands with a sealed seed", commands, 2);
  for (const command of chosen) {
    const without = await place.rlog(command);
    expect(without, command.join(" ")).toMatchObject({ code: 1, out: "" });
    expect(without.err).toMatch(/seed is needed.*--passphrase-file.*\[ERR_SEED\]/);
  }
  for (const command of chosen) {
    const run = await place.rlog([...command, ...given]);
    expect(run.code, `${command.join(" ")}: ${run.err}`).toBe(0);
  }
  expect(await readFile(place.path(".rlog", "seed"), "utf8")).toBe(sealed);
});

test("the passphrase comes from a file, a variable or standard input, and a wrong one changes nothing", async () => {
  const place = await Place.make();
  const { sealed } = await sealedLog(place);
  place.env = { SECRET: passphrase, OTHER: "Orbit velvet canyon" };
  await place.ok(["status", "--passphrase-file", "env:SECRET"]);
  await place.ok(["status", "--passphrase-file", "-"], passphrase);
  const wrong = await place.rlog(["append", "x", "--passphrase-file", "env:OTHER"]);
  expect(wrong).toMatchObject({ code: 1, out: "" });
  expect(wrong.err).toMatch(/This passphrase does not open the seed .*seed: .*\[ERR_SEED\]/);
  expect(wrong.err).not.toContain("Orbit");
  for (const [given, what] of [
    ["env:NOTHING", "NOTHING holds no passphrase: it is empty"],
    ["long", "it holds more than 1024 bytes"],
    ["missing", "ENOENT"],
  ] as const) {
    await writeFile(place.path("long"), "x".repeat(2000));
    const run = await place.rlog(["status", "--passphrase-file", given]);
    expect([run.code, run.out]).toEqual([1, ""]);
    expect(run.err).toContain(what);
  }
  await writeFile(place.path("open"), passphrase, { mode: 0o644 });
  const open = await place.ok(["status", "--passphrase-file", "open"]);
  expect(open.err).toMatch(/others may read open \(mode 644\)/);
  expect(await readFile(place.path(".rlog", "seed"), "utf8")).toBe(sealed);
});

test("a passphrase for a seed that is kept without is refused, and so is a damaged file", async () => {
  const place = await Place.make();
  const { sealed } = await sealedLog(place);
  const seed = await openSeed(sealed, passphrase);
  await writeFile(place.path(".rlog", "seed"), `${Buffer.from(seed).toString("hex")}\n`);
  await place.ok(["status"]);
  const run = await place.rlog(["status", "--passphrase-file", "passphrase"]);
  expect(run.code).toBe(1);
  expect(run.err).toContain("is kept without one");
  await writeFile(place.path(".rlog", "seed"), sealed.slice(0, 150));
  const damaged = await place.rlog(["status", "--passphrase-file", "passphrase"]);
  expect(damaged.err).toMatch(/seed is damaged.*\[ERR_CONFIG\]/);
});

test("recover takes a sealed seed, and keeps it sealed", async () => {
  const place = await Place.make();
  const { sealed } = await sealedLog(place);
  const given = ["--passphrase-file", "passphrase"];
  await place.ok(["append", "hello", "--publish", ...given]);
  const link = (await place.ok(["link", ...given])).out.trim();
  const both = ["recover", link, "--dir", "both", "--seed-file", "-", "--passphrase-file", "-"];
  expect((await place.rlog(both, sealed)).err).toContain("not both");
  await writeFile(place.path("short"), "orbit");
  const wrong = [
    "recover",
    link,
    "--dir",
    "wrong",
    "--seed-file",
    ".rlog/seed",
    "--passphrase-file",
    "short",
  ];
  expect((await place.rlog(wrong)).err).toContain("does not open the seed .rlog/seed");
  expect(await readdir(place.folder)).not.toContain("wrong");
  if (!whole) return;
  await place.ok(["recover", link, "--dir", "phone", "--seed-file", ".rlog/seed", ...given]);
  expect(await readFile(place.path("phone", "seed"), "utf8")).toContain("BEGIN AGE ENCRYPTED FILE");
  await place.ok(["append", "from the phone", "--publish", "--dir", "phone", ...given]);
  expect((await place.ok(["read", link])).out).toBe("hello\nfrom the phone\n");
});

test.runIf(whole)(
  "init seals the seed, for its owner alone, and the words bring it back without",
  async () => {
    const place = await Place.make();
    place.env = { SECRET: passphrase };
    const { err } = await place.ok(["init", "--passphrase-file", "env:SECRET"]);
    expect(err).toContain("The seed is sealed");
    const file = place.path(".rlog", "seed");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const seed = await openSeed(await readFile(file, "utf8"), passphrase);
    const words = (await place.ok(["words", "--passphrase-file", "env:SECRET"])).out;
    await place.ok(["init", "--dir", "again", "--seed-file", "-"], words);
    expect(await openSeed(await readFile(place.path("again", "seed"), "utf8"))).toEqual(seed);
  },
);

// `script` runs a command on a terminal of its own.
test.runIf(whole && spawnSync("script", ["--version"]).status === 0)(
  "on a terminal the passphrase is asked for, and not shown",
  async () => {
    const place = await Place.make();
    await sealedLog(place);
    const run = (typed: string): { readonly status: number; readonly shown: string } => {
      const command = `${process.execPath} ${program} words --dir ${place.path(".rlog")}`;
      const { status, stdout } = spawnSync("script", ["-qec", command, place.path("log")], { input: typed });
      return { status: status!, shown: stdout.toString() };
    };
    // The terminal itself shows what is typed before the program asks.
    const { status, shown } = run(`${passphrase}\n`);
    expect(status, shown).toBe(0);
    expect(shown).toMatch(/Passphrase of .*seed: /);
    expect(shown).toMatch(/([a-z]+ ){5}[a-z]+\r?\n/);
    expect(run("\n").shown).toContain("The passphrase is empty");
  },
);

test("reader-key makes an identity for its owner alone, and never another one in its place", async () => {
  const place = await Place.make();
  const made = await place.ok(["reader-key", "keys/bob"]);
  expect(made.out).toMatch(/^age1[a-z0-9]{58}\n$/);
  expect(made.err).toContain(`rlog grant ${made.out.trim()}`);
  const file = place.path("keys", "bob");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, "utf8");
  expect(text).toMatch(/^# created: .*\n# public key: age1.*\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n$/);
  expect(await place.ok(["reader-key", "keys/bob"])).toMatchObject({
    out: made.out,
    err: expect.stringContaining("already"),
  });
  expect(await readFile(file, "utf8")).toBe(text);
  place.env = { XDG_CONFIG_HOME: place.path("settings") };
  const hybrid = await place.ok(["reader-key", "--post-quantum"]);
  expect(hybrid.out).toMatch(/^age1pq1/);
  expect(await readFile(place.path("settings", "rlog", "reader-key"), "utf8")).toContain(
    "AGE-SECRET-KEY-PQ-1",
  );
  await writeFile(place.path("text"), "hello\n");
  expect((await place.rlog(["reader-key", "text"])).err).toContain("not the identity of a reader");
  expect(await readFile(place.path("text"), "utf8")).toBe("hello\n");
});

test.runIf(spawnSync("age-keygen", ["--version"]).status === 0)(
  "age-keygen reads what reader-key made",
  async () => {
    const place = await Place.make();
    const { out } = await place.ok(["reader-key", "bob"]);
    expect(execFileSync("age-keygen", ["-y", place.path("bob")]).toString()).toBe(out);
  },
);
