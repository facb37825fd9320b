import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { whole } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import type { ThreatFile } from "../hostile/fixture.ts";
import { judge } from "../hostile/judge.ts";
import { FOLDER, fileOf, makeFixtures, textOf } from "../hostile/make-fixtures.ts";

/** In which the command has room, in MiB: of a million parts that it kept, it would run out. */
const MEMORY = 96;

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = `${root}${FOLDER}/`;
const texts = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name, readFileSync(`${folder}${name}`, "utf8")] as const),
);
const files = [...texts.values()].map((text) => JSON.parse(text) as ThreatFile);
const fixtures = files.flatMap((file) => file.fixtures);

describe.each(files)("$threat: $title", ({ threat, fixtures: own }) => {
  test("every hostile fixture gets the verdict that it names, and no error of another kind", async () => {
    expect(own.length).toBeGreaterThan(0);
    for (const fixture of own) {
      expect(fixture.name.startsWith(`${threat}-`)).toBe(true);
      const { expected, found } = await judge(fixture);
      expect(found, fixture.name).toEqual(expected);
    }
  });
});

test("there are at least 150 hostile fixtures, each under a name of its own, most of them small", () => {
  const names = fixtures.map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(150);
  expect(new Set(names).size).toBe(names.length);
  const lengths = fixtures.map((fixture) => JSON.stringify(fixture).length).sort((a, b) => a - b);
  // A head with a succession has three signed notes.
  expect(lengths[lengths.length >> 1]).toBeLessThan(1_000);
  expect(lengths.at(-1)).toBeLessThan(10_000);
});

test("all of them get their verdicts in 96 MiB of memory, however much they say that they hold", async () => {
  const names = fixtures.map(({ name }) => name);
  for (const name of ["T17-manifest-successions-million", "T26-keyring-1-mib-and-a-byte"])
    expect(names).toContain(name);
  const home = await temporaryFolder();
  await mkdir(join(home, FOLDER), { recursive: true });
  const command = [`--max-old-space-size=${MEMORY}`, join(root, "tools/fuzz/fuzz.mjs"), "hostile"];
  const env = { ...process.env, FUZZ_ROOT: home };
  const { stdout } = await promisify(execFile)(process.execPath, command, { env });
  expect(stdout).toBe(`${fixtures.length} fixtures, 0 of them wrong.\n`);
});

test("every decoder is named by a fixture that it accepts and one that it refuses, if it can refuse", () => {
  const refusing = new Set<string>();
  const accepting = new Set<string>();
  for (const fixture of fixtures) {
    if ("read" in fixture) continue;
    (fixture.expect === "refused" ? refusing : accepting).add(fixture.decode);
  }
  for (const decoder of ["remote-log", "head", "storage-address", "link", "ipns-record", "owner-chunk"]) {
    expect(refusing).toContain(decoder);
    expect(accepting).toContain(decoder);
  }
});

// Signatures are deterministic, and so is everything else: nobody edits a fixture by hand.
test.runIf(whole)("the files are what `pnpm hostile-fixtures` makes", async () => {
  const made = new Map((await makeFixtures()).map((file) => [fileOf(file), textOf(file)]));
  expect([...made.keys()].sort()).toEqual([...texts.keys()].sort());
  for (const [name, text] of made) expect(texts.get(name), name).toBe(text);
});
