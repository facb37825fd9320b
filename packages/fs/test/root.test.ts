// The folder of a remote, and what is on the way to it.

import { mkdirSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addressOf, rawSha256 } from "@remote-log/core";
import { bytes, failure } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test, vi } from "vitest";
import { fsNames, fsRemote, fsStorage } from "../src/index.ts";
import type { SystemCalls } from "./system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

test("a file, or a circle of links, on the way to the root is a mistake in its path, and no forged storage", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "x");
  await mkdir(join(folder, "sound"));
  await symlink(join(folder, "circle"), join(folder, "circle"));
  for (const way of ["file", "file/below", "circle", "circle/below"]) {
    const { storage, names } = fsRemote({ root: join(folder, way) });
    expect(await failure(storage.put(bytes("x")))).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(await failure(names.resolve("log"))).toMatchObject({ code: "ERR_INVALID_INPUT" });
  }
});

test("a content is not removed from a remote that is not there", async () => {
  const root = await temporaryFolder();
  const address = await addressOf(bytes("content"), rawSha256);
  const missing = fsStorage({ root, create: false }).delete(address);
  expect(await failure(missing)).toMatchObject({ code: "ERR_UNREACHABLE", operation: "storage.delete" });
  await fsStorage({ root }).delete(address);
});

test("a disk that fails when it is asked for the folder of a remote says nothing of it", async () => {
  const root = await temporaryFolder();
  calls.reset();
  expect(await fsNames({ root }).resolve("log")).toEqual({ status: "absent", placeMissing: true });
  const at = calls.calls.findLastIndex(({ call }) => call === "stat");
  for (const [code, expected] of [
    ["EIO", "ERR_UNREACHABLE"],
    ["EACCES", "ERR_DENIED"],
  ] as const) {
    calls.reset();
    calls.fault = { at, code, applied: false };
    expect(await failure(fsNames({ root }).resolve("log"))).toMatchObject({ code: expected });
  }
});

test("nothing above a root that another process makes in the same moment is touched", async () => {
  const root = join(await temporaryFolder(), "root");
  calls.reset();
  calls.before = () => {
    // It looks for it twice, and then makes it.
    if (calls.count("realpath") > 1) mkdirSync(root, { recursive: true });
  };
  await fsNames({ root }).update("log", bytes("x"), { expected: null });
  calls.before = undefined;
  const synced = calls.calls.filter(({ call }) => call === "fsync").map(({ path }) => path);
  expect(synced).toContain(root);
  expect(synced).not.toContain(dirname(root));
});
