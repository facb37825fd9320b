// `rlog passphrase`: a seed is sealed, sealed anew, and kept without a passphrase again.

import { spawnSync } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openSeed, sealSeed } from "@remote-log/core/keyring";
import { whole } from "@remote-log/test-kit";
import { expect, test, vi } from "vitest";
import { Place } from "../rlog.ts";

// With the work that is usual, each takes a second and 256 MiB.
vi.mock("@remote-log/core/keyring", async (importOriginal) => {
  const real = await importOriginal<typeof import("@remote-log/core/keyring")>();
  return {
    ...real,
    sealSeed: (seed: Uint8Array, passphrase: string) => real.sealSeed(seed, passphrase, { workFactor: 2 }),
  };
});

const program = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));
const seedOf = (place: Place): Promise<string> => readFile(place.path(".rlog", "seed"), "utf8");
const modeOf = async (place: Place): Promise<number> =>
  (await stat(place.path(".rlog", "seed"))).mode & 0o777;

/** Seals the seed of a log with little work. */
async function sealed(place: Place, passphrase: string): Promise<void> {
  const seed = await openSeed(await seedOf(place));
  await writeFile(place.path(".rlog", "seed"), await sealSeed(seed, passphrase));
}

test("a seed is sealed as init does it, and kept without again: the log is the same", async () => {
  const place = await Place.make();
  await place.log({ visibility: "private" });
  place.env = { SECRET: "orbit velvet canyon" };
  await place.ok(["append", "one", "--publish"]);
  const [plain, link] = [await seedOf(place), (await place.ok(["link"])).out.trim()];
  // A run that was cut before has left a copy of what is not to be kept.
  await writeFile(place.path(".rlog", "seed.1.new"), plain, { mode: 0o600 });

  const set = await place.ok(["passphrase", "set", "--new-passphrase-file", "env:SECRET"]);
  expect(set.err).toMatch(/The seed is sealed.*Backups and copies/);
  expect(await seedOf(place)).toContain("BEGIN AGE ENCRYPTED FILE");
  expect(await modeOf(place)).toBe(0o600);
  expect((await readdir(place.path(".rlog"))).filter((name) => name.startsWith("seed"))).toEqual(["seed"]);
  expect((await place.rlog(["append", "two"])).err).toMatch(/seed is needed.*\[ERR_SEED\]/);

  const removed = await place.ok(["passphrase", "remove", "--passphrase-file", "-"], "orbit velvet canyon\n");
  expect(removed.err).toContain("kept without a passphrase");
  expect(await seedOf(place)).toBe(plain);
  expect(await modeOf(place)).toBe(0o600);
  expect((await place.ok(["passphrase", "remove"])).err).toContain("nothing was changed");
  await place.ok(["append", "two", "--publish"]);
  expect((await place.ok(["read", link, "--no-state"])).out).toBe("one\ntwo\n");
});

test("a log is not taken for a copy because its seed was written anew", async () => {
  const place = await Place.make();
  await place.ok(["init"]);
  await sealed(place, "orbit");
  place.env = { SECRET: "orbit" };
  await place.ok(["passphrase", "remove", "--passphrase-file", "env:SECRET"]);
  expect((await place.ok(["append", "one"])).err).not.toContain("is a copy");
});

test("what is missing, wrong or not needed changes nothing", async () => {
  const place = await Place.make();
  await place.log({ visibility: "private" });
  place.env = { OLD: "orbit", WRONG: "velvet", EMPTY: "" };
  const plain = await seedOf(place);
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [["set"], /New passphrase is needed: say where it is with --new-passphrase-file/],
    [["set", "--new-passphrase-file", "env:EMPTY"], /it is empty/],
    [["set", "--new-passphrase-file", "missing"], /ENOENT/],
    [["set", "--passphrase-file", "env:OLD", "--new-passphrase-file", "env:OLD"], /is kept without one/],
    [["set", "--passphrase-file", "-", "--new-passphrase-file", "-"], /not both/],
    [["remove", "--passphrase-file", "env:OLD"], /is kept without one/],
    [["remove", "--dir", "nowhere"], /ERR_NO_LOG/],
  ];
  for (const [words, why] of refusals) {
    const run = await place.rlog(["passphrase", ...words]);
    expect(run.err, words.join(" ")).toMatch(why);
    expect([run.code === 0, run.out]).toEqual([false, ""]);
  }
  expect(await seedOf(place)).toBe(plain);

  await sealed(place, "orbit");
  const text = await seedOf(place);
  for (const [words, why] of [
    [["set", "--new-passphrase-file", "env:WRONG"], /Passphrase of .*seed is needed: .* --passphrase-file/],
    [["set", "--passphrase-file", "env:WRONG", "--new-passphrase-file", "env:OLD"], /does not open the seed/],
    [["remove", "--passphrase-file", "env:WRONG"], /does not open the seed/],
  ] as const) {
    expect((await place.rlog(["passphrase", ...words])).err).toMatch(why);
  }
  expect(await seedOf(place)).toBe(text);
});

// `script` runs a command on a terminal of its own.
test.runIf(whole && spawnSync("script", ["--version"]).status === 0)(
  "on a terminal all passphrases are asked for one after the other, the new one twice",
  async () => {
    const place = await Place.make();
    await place.log({ visibility: "private" });
    await sealed(place, "orbit");
    const run = (typed: string): string => {
      const command = `${process.execPath} ${program} passphrase set --dir ${place.path(".rlog")}`;
      return spawnSync("script", ["-qec", command, place.path("log")], { input: typed }).stdout.toString();
    };
    // Pasted at once: no line is lost.
    expect(run("orbit\nvelvet\ncanyon\n")).toContain("The two passphrases differ");
    expect(run("orbit\nvelvet\nvelvet\n")).toMatch(
      /Passphrase of .*\s+New passphrase: \s+The same again: \s+The seed is/,
    );
    expect(await openSeed(await seedOf(place), "velvet")).toHaveLength(32);
  },
);
