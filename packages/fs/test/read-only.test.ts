import { execFile, execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bytes } from "@remote-log/test-kit";
import { temporaryFolder } from "@remote-log/test-kit/vitest";
import { afterEach, expect, test, vi } from "vitest";
import { fsRemote } from "../src/index.ts";
import { makeFolders } from "../src/make-folders.ts";
import type { SystemCalls } from "./system-calls.ts";

const system = vi.hoisted(() => ({ calls: undefined as unknown }));
vi.mock("node:fs/promises", async (original) => {
  const { SystemCalls } = await import("./system-calls.ts");
  const calls = new SystemCalls();
  system.calls = calls;
  return calls.wrap(await original());
});
const calls = system.calls as SystemCalls;

afterEach(() => calls.reset());

const run = promisify(execFile);
const program = fileURLToPath(new URL("read-only.mjs", import.meta.url));

/** Whether this user may mount something in a namespace of its own. */
function mayMount(): boolean {
  try {
    execFileSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs none /mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.runIf(mayMount())(
  "a filesystem that is mounted read-only denies for good, and an empty one is read as empty",
  async () => {
    const folder = await temporaryFolder();
    const commands = 'mount -t tmpfs -o ro none "$1" && exec "$0" "$2" "$1"';
    const { stdout } = await run("unshare", ["-rm", "sh", "-c", commands, process.execPath, folder, program]);
    const denied = "ERR_DENIED never EROFS";
    expect(JSON.parse(stdout)).toEqual({
      "": [denied, denied, "absent"],
      "/missing": [denied, denied, "absent"],
      "/missing/below": [denied, denied, "absent"],
    });
  },
);

test.each(["EROFS", "ENOSPC", "EIO", "EDQUOT"])(
  "%s is what is told if a folder above the root can't be made",
  async (code) => {
    const folder = await temporaryFolder();
    calls.reset();
    // Three folders are looked for, two are missing, and the first of them fails.
    calls.fault = { at: 3, code, applied: false };
    await expect(makeFolders(join(folder, "above", "root"))).rejects.toMatchObject({ code });
    expect(calls.calls.map(({ call }) => call)).toEqual(["stat", "stat", "stat", "mkdir"]);
  },
);

test.each(["put", "update"])(
  "a %s makes every missing folder above the root, and what another made meanwhile is no fault",
  async (write) => {
    const folder = await temporaryFolder();
    const root = join(folder, "a", "b");
    await Promise.all(
      [1, 2, 3].map(() => {
        const { storage, names } = fsRemote({ root });
        return write === "put"
          ? storage.put(bytes("x"))
          : names.update("log", bytes("x"), { expected: null }).catch(() => undefined);
      }),
    );
    expect((await stat(root)).isDirectory()).toBe(true);
  },
);
