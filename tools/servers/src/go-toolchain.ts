// Whether the Go on this machine can build what is pinned.

import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The first version that fetches a newer toolchain by itself if a module asks for one. */
const FIRST_THAT_SWITCHES = "1.21";

/**
 * Why a module can't be built by the Go of this machine; `undefined` if it can.
 *
 * @param needed - what the module's `go` line says, such as `"1.25.0"`
 */
export async function goProblem(needed: string): Promise<string | undefined> {
  let version: string;
  let toolchain: string;
  try {
    // Outside of any module, so that no module makes it switch.
    const { stdout } = await run("go", ["env", "GOVERSION", "GOTOOLCHAIN"], {
      cwd: tmpdir(),
      env: { ...process.env, GOWORK: "off" },
    });
    [version = "", toolchain = ""] = stdout.split("\n");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "Go is not installed"
      : `Go does not run: ${(error as Error).message.trim()}`;
  }
  const fixed = toolchain === "local" || toolchain === "path";
  const enough = fixed ? needed : FIRST_THAT_SWITCHES;
  if (!isOlder(version, enough)) return undefined;
  return `Go ${needed} or newer is needed, and this is ${version || "one without a version"}`;
}

function isOlder(version: string, needed: string): boolean {
  const [major, minor, patch] = numbersOf(version);
  const [neededMajor, neededMinor, neededPatch] = numbersOf(needed);
  return (major - neededMajor || minor - neededMinor || patch - neededPatch) < 0;
}

/** The numbers of a text such as `go1.26.8` or `devel go1.27-1a2b3c`. */
function numbersOf(version: string): [number, number, number] {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  return [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0), Number(found?.[3] ?? 0)];
}
