// What a reader makes durable before it relies on it, and filesystems that can't.

import { bytes } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { expect, test, vi } from "vitest";
import { fsNames } from "../src/index.ts";
import type { SystemCalls } from "./system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

test("what can't sync is read all the same from a filesystem that is read-only, and refused from others", async () => {
  const names = fsNames({ root: await temporaryFolder() });
  await names.update("log", bytes("x"), { expected: null });
  calls.reset();
  await names.resolve("log");
  const at = calls.calls.findLastIndex(({ call }) => call === "fsync");
  const resolveWith = (code: string, denied: string | undefined) => {
    calls.reset();
    calls.fault = { at, code, applied: false };
    calls.denied = denied;
    return names.resolve("log").catch((error: unknown) => error);
  };
  expect(await resolveWith("EINVAL", "EROFS")).toMatchObject({ status: "found", content: bytes("x") });
  // At its first look.
  expect(calls.count("readdir")).toBe(1);
  for (const denied of [undefined, "EACCES"])
    expect(await resolveWith("EINVAL", denied)).toMatchObject({ code: "ERR_UNSUPPORTED" });
  // A disk that fails may have lost it, read-only or not.
  expect(await resolveWith("EIO", "EROFS")).toMatchObject({ code: "ERR_UNREACHABLE" });
});
