// Test set: node
import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { goOrSkip, prepareServer, serverAvailability, serverOrSkip } from "../src/availability.ts";
import { provideBinary } from "../src/binary.ts";
import { minio } from "../src/minio.ts";
import { setVariable, temporaryFolder } from "./processes.ts";

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  setVariable("XDG_CACHE_HOME", folder);
  setVariable("MINIO_BINARY", undefined);
  setVariable("CI", undefined);
  setVariable("TEST_SERVERS", undefined);
});

/** A machine without Go, and with nothing in the cache. */
function withoutGo(): void {
  setVariable("PATH", folder);
}

async function executable(...lines: string[]): Promise<string> {
  const path = join(folder, "some-minio");
  await writeFile(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  await chmod(path, 0o755);
  return path;
}

/** What is written to standard error during the test. */
function errorLines(): string[] {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  onTestFinished(() => spy.mockRestore());
  return lines;
}

test("a server is available if the environment names its binary", async () => {
  const path = await executable();
  setVariable("MINIO_BINARY", path);
  withoutGo();
  expect(await serverAvailability("minio")).toEqual({ available: true, from: "environment", path });
  expect(await prepareServer("minio")).toBe(path);
});

test("a binary that the environment names says its version itself", async () => {
  setVariable("MINIO_BINARY", await executable('echo "minio version RELEASE.2030-01-02T03-04-05Z (commit)"'));
  expect((await provideBinary(minio)).version).toBe("RELEASE.2030-01-02T03-04-05Z");
  setVariable("MINIO_BINARY", await executable('echo "Version  : v1.7.0"', 'echo "Build    : 0a1b"'));
  expect((await provideBinary(minio)).version).toBe("v1.7.0");
  setVariable("MINIO_BINARY", await executable('echo "ipfs version 0.43.0"'));
  expect((await provideBinary(minio)).version).toBe("0.43.0");
  setVariable("MINIO_BINARY", await executable("exit 1"));
  expect((await provideBinary(minio)).version).toBe("unknown");
});

test("a server is not available if the environment names no program, though it could be built", async () => {
  const path = join(folder, "nothing");
  setVariable("MINIO_BINARY", path);
  expect(await serverAvailability("minio")).toEqual({
    available: false,
    reason: `MINIO_BINARY is ${path}, which is no file that can be executed`,
  });
});

test("a server is not available without Go, and the reason says what helps", async () => {
  withoutGo();
  expect(await serverAvailability("minio")).toEqual({
    available: false,
    reason: "Go is not installed (or let MINIO_BINARY name a binary)",
  });
  await expect(prepareServer("minio")).rejects.toMatchObject({ code: "ERR_SERVER_UNAVAILABLE" });
});

test("tests of a server that is there are run, in silence", async () => {
  setVariable("MINIO_BINARY", await executable());
  const lines = errorLines();
  expect(await serverOrSkip("minio")).toEqual({ skip: false, reason: "" });
  expect(lines).toEqual([]);
});

test("tests of a server that is not there are skipped, and one line says so", async () => {
  withoutGo();
  const lines = errorLines();
  const { skip, reason } = await serverOrSkip("minio");
  expect(skip).toBe(true);
  expect(reason).toContain("Go is not installed");
  expect(lines).toEqual([`SKIPPED: nothing is tested on minio. ${reason}\n`]);
});

test("a server that could be built is not built for a test, and one line says how to build it", async () => {
  const go = join(folder, "go");
  await writeFile(
    go,
    `#!/bin/sh\n[ "$1" = env ] && printf 'go1.99.0\\nauto\\n' || touch "${folder}/built"\n`,
  );
  await chmod(go, 0o755);
  setVariable("PATH", `${folder}:/bin:/usr/bin`);
  expect(await serverAvailability("minio")).toEqual({ available: true, from: "build" });
  const lines = errorLines();
  expect(await serverOrSkip("minio")).toMatchObject({ skip: true });
  expect(lines).toEqual([expect.stringContaining("run `pnpm servers --prepare minio`")]);
  expect(await readdir(folder)).toEqual(["go"]);
});

test.for([
  ["CI", "true"],
  ["TEST_SERVERS", "required"],
] as const)("with %s=%s, a server that is not there is an error", async ([variable, value]) => {
  withoutGo();
  setVariable(variable, value);
  await expect(serverOrSkip("minio")).rejects.toThrow(/There is no minio here: Go is not installed/);
  await expect(goOrSkip()).rejects.toMatchObject({ code: "ERR_SERVER_UNAVAILABLE" });
});

test("a run of smoke tests uses a server that is there for these tests alone, and never needs one", async () => {
  setVariable("TEST_SERVERS", "smoke");
  setVariable("CI", "true");
  const lines = errorLines();
  setVariable("MINIO_BINARY", await executable());
  expect((await serverOrSkip("minio")).skip).toBe(true);
  expect((await serverOrSkip("minio", { smoke: true })).skip).toBe(false);
  expect((await goOrSkip()).skip).toBe(true);
  expect(lines).toEqual([]);
  setVariable("MINIO_BINARY", undefined);
  withoutGo();
  expect((await serverOrSkip("minio", { smoke: true })).skip).toBe(true);
  expect(lines).toHaveLength(1);
});
