// A seed in a file: made once, by one of several processes, whole and durable or not at all, and for its owner alone.

import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateSeed, isRemoteLogError } from "@remote-log/core";
import { sealSeed } from "@remote-log/core/keyring";
import { whole as everything } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadOrCreateSeed } from "../src/index.ts";
import type { SystemCalls } from "./system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

beforeEach(() => calls.reset());
afterEach(() => {
  calls.reset();
  calls.before = undefined;
  expect(calls.open, "files left open").toBe(0);
});

const newFile = async (): Promise<string> => join(await temporaryFolder(), "log.seed");
const whole = /^[0-9a-f]{64}\n$/;

test("the first call makes the file, for its owner alone, and every later one loads the same seed", async () => {
  const file = await newFile();
  const seed = await loadOrCreateSeed(file);
  expect(seed).toBeInstanceOf(Uint8Array);
  expect(seed.length).toBe(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).toBe(`${Buffer.from(seed).toString("hex")}\n`);
  expect(await loadOrCreateSeed(file)).toEqual(seed);
  expect(await readdir(join(file, ".."))).toEqual([basename(file)]);
  const other = await loadOrCreateSeed(await newFile());
  expect(other).not.toEqual(seed);
});

test("a file with a sealed seed is opened with its passphrase, and is left as it is", async () => {
  const file = await newFile();
  const seed = generateSeed();
  const sealed = await sealSeed(seed, "orbit velvet", { workFactor: 2 });
  await writeFile(file, sealed, { mode: 0o600 });
  expect(await loadOrCreateSeed(file, { passphrase: "orbit velvet" })).toEqual(seed);
  for (const [passphrase, reason] of [
    [undefined, "passphrase-needed"],
    ["Orbit velvet", "wrong-passphrase"],
  ] as const) {
    const refused = loadOrCreateSeed(file, { passphrase });
    await expect(refused).rejects.toMatchObject({ code: "ERR_INVALID_INPUT", reason });
  }
  expect(await readFile(file, "utf8")).toBe(sealed);
  const plain = await newFile();
  await loadOrCreateSeed(plain);
  const refused = loadOrCreateSeed(plain, { passphrase: "orbit velvet" });
  await expect(refused).rejects.toMatchObject({ reason: "not-sealed" });
});

test.runIf(everything)("with a passphrase, a new file is sealed, for its owner alone", async () => {
  const file = await newFile();
  const seed = await loadOrCreateSeed(file, { passphrase: "orbit velvet" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).toContain("BEGIN AGE ENCRYPTED FILE");
  expect(await loadOrCreateSeed(file, { passphrase: "orbit velvet" })).toEqual(seed);
});

test("of several calls at once one makes the file, and all get its seed", async () => {
  const file = await newFile();
  const seeds = await Promise.all(Array.from({ length: 10 }, () => loadOrCreateSeed(file)));
  expect(new Set(seeds.map((seed) => Buffer.from(seed).toString("hex"))).size).toBe(1);
  expect(await readdir(join(file, ".."))).toEqual([basename(file)]);
});

test("of several processes at once one makes the file, and all get its seed", async () => {
  const file = await newFile();
  const script = fileURLToPath(new URL("seed-process.mjs", import.meta.url));
  const children = [1, 2, 3].map(() => fork(script, [file], { execArgv: [] }));
  try {
    await Promise.all(children.map((child) => once(child, "message")));
    const answers = children.map((child) => once(child, "message"));
    for (const child of children) child.send("go");
    const seeds = (await Promise.all(answers)).map(([seed]) => String(seed));
    expect(new Set(seeds).size).toBe(1);
    expect(seeds[0]).toBe((await readFile(file, "utf8")).trim());
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
});

test("a process that ends at any step leaves the whole file or none, and what was returned is durable", async () => {
  const file = await newFile();
  const seen: string[] = [];
  calls.before = () => seen.push(existsSync(file) ? readFileSync(file, "utf8") : "");
  await loadOrCreateSeed(file);
  calls.before = undefined;
  expect(seen.length).toBeGreaterThan(5);
  for (const text of seen) if (text !== "") expect(text).toMatch(whole);
  const durable = calls.calls
    .filter(({ call }) => ["write", "fsync", "link"].includes(call))
    .map(({ call, path }) => `${call} ${basename(path).replace(/^\.tmp-.*/, "temporary")}`);
  const folder = basename(join(file, ".."));
  expect(durable).toEqual(["write temporary", "fsync temporary", "link temporary", `fsync ${folder}`]);
});

test("if any system call fails, no half file stays, and the next call continues", async () => {
  const ordinary = await newFile();
  calls.reset();
  await loadOrCreateSeed(ordinary);
  const steps = calls.calls.length;
  for (const applied of [false, true]) {
    for (let at = 0; at < steps; at++) {
      const file = await newFile();
      calls.reset();
      calls.fault = { at, code: "EIO", applied };
      const [result] = await Promise.allSettled([loadOrCreateSeed(file)]);
      calls.reset();
      if (result.status === "rejected") expect(isRemoteLogError(result.reason), `step ${at}`).toBe(true);
      if (existsSync(file)) expect(readFileSync(file, "utf8")).toMatch(whole);
      const seed = await loadOrCreateSeed(file);
      if (result.status === "fulfilled") expect(seed).toEqual(result.value);
      expect(await loadOrCreateSeed(file)).toEqual(seed);
    }
  }
});

test.each([
  ["nothing", ""],
  ["half a seed", "0123456789abcdef"],
  ["more than a seed", `${"0".repeat(64)}0`],
  ["a seed and more", `${"0".repeat(64)}\nmore`],
  ["a long text", "0".repeat(10_000)],
  ["other text", "x".repeat(64)],
])("a file that holds %s is no seed, and is left as it is", async (_what, text) => {
  const file = await newFile();
  await writeFile(file, text, { mode: 0o600 });
  await expect(loadOrCreateSeed(file)).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    reason: "not-a-seed",
    message: expect.stringContaining(file),
  });
  expect(await readFile(file, "utf8")).toBe(text);
});

test("a folder, a link that leads nowhere and a pipe are no seed", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "folder"));
  await symlink("nowhere", join(folder, "link"));
  execFileSync("mkfifo", ["-m", "600", join(folder, "pipe")]);
  for (const name of ["folder", "link", "pipe"]) {
    await expect(loadOrCreateSeed(join(folder, name)), name).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "not-a-seed",
    });
  }
});

test("a seed that others may read or write is refused with the command that mends it, and taken after it", async () => {
  const file = await newFile();
  const seed = await loadOrCreateSeed(file);
  for (const mode of [0o644, 0o640, 0o620, 0o602, 0o601]) {
    await chmod(file, mode);
    await expect(loadOrCreateSeed(file), mode.toString(8)).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
      reason: "open-permissions",
      message: expect.stringContaining(`chmod 600 "${file}"`),
    });
  }
  for (const mode of [0o600, 0o400]) {
    await chmod(file, mode);
    expect(await loadOrCreateSeed(file)).toEqual(seed);
  }
});

test("a seed of another owner, as in a mounted secret, is taken whatever its mode, also through a link", async () => {
  const file = await newFile();
  const seed = await loadOrCreateSeed(file);
  await chmod(file, 0o644);
  await symlink(file, `${file}.link`);
  const owner = vi.spyOn(process, "getuid").mockReturnValue((await stat(file)).uid + 1);
  try {
    expect(await loadOrCreateSeed(`${file}.link`)).toEqual(seed);
  } finally {
    owner.mockRestore();
  }
});

test("a missing folder is not made", async () => {
  const folder = await temporaryFolder();
  await expect(loadOrCreateSeed(join(folder, "away", "log.seed"))).rejects.toMatchObject({
    code: "ERR_INVALID_INPUT",
    message: expect.stringContaining("does not exist"),
  });
  expect(await readdir(folder)).toEqual([]);
});

test("a filesystem without hard links is told as such, and nothing stays on it", async () => {
  const [ordinary, file] = [await newFile(), await newFile()];
  calls.reset();
  await loadOrCreateSeed(ordinary);
  const at = calls.calls.findIndex(({ call }) => call === "link");
  calls.reset();
  calls.fault = { at, code: "EPERM", applied: false };
  await expect(loadOrCreateSeed(file)).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  expect(await readdir(join(file, ".."))).toEqual([]);
});

test("what a killed process left is removed an hour later", async () => {
  const file = await newFile();
  const left = join(file, "..", `.tmp-${"0".repeat(32)}`);
  await writeFile(left, "");
  await utimes(left, 0, 0);
  await loadOrCreateSeed(file);
  expect(existsSync(left)).toBe(false);
});

test("a path that is none is refused, and an aborted signal ends the call with its reason", async () => {
  for (const path of ["", "a\0b", 7, null, undefined, {}]) {
    await expect(loadOrCreateSeed(path as string)).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
  const file = await newFile();
  const reason = new Error("enough");
  await expect(loadOrCreateSeed(file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(existsSync(file)).toBe(false);
});
