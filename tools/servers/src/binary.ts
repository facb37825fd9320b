// The binary of a server: one that is installed, one from the cache, or one that is built.

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type BuildOptions, cachedBuild, findCached } from "./cached-build.ts";
import { type GoProgram, goBuildPlan, readGoModule } from "./go-program.ts";
import { goProblem } from "./go-toolchain.ts";
import { ServerError } from "./server-error.ts";

const run = promisify(execFile);

/** Whether a server can be started on this machine, and what that takes. */
export type Availability =
  /** Its binary is there: the one that the user named, or one that was built before. */
  | { readonly available: true; readonly from: "environment" | "cache"; readonly path: string }
  /** It has to be built first, which Go can do. */
  | { readonly available: true; readonly from: "build" }
  /** Why not: half a sentence, and what to do. */
  | { readonly available: false; readonly reason: string };

/** A program to run. */
export interface Binary {
  readonly path: string;
  /** Its version, for reports. */
  readonly version: string;
}

/** Looks for a program without building it. */
export async function binaryAvailability(program: GoProgram): Promise<Availability> {
  const named = process.env[program.variable];
  if (named !== undefined && named !== "") {
    const path = resolve(named);
    if (await isExecutable(path)) return { available: true, from: "environment", path };
    return {
      available: false,
      reason: `${program.variable} is ${path}, which is no file that can be executed`,
    };
  }
  const module = await readGoModule(program);
  const path = await findCached({ key: module.key, name: program.name });
  if (path !== undefined) return { available: true, from: "cache", path };
  const problem = await goProblem(module.go);
  if (problem === undefined) return { available: true, from: "build" };
  return { available: false, reason: `${problem} (or let ${program.variable} name a binary)` };
}

/**
 * Finds a program, or builds it.
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` if it is not here and can't be built; `ERR_SERVER_BUILD`
 */
export async function provideBinary(program: GoProgram, options: BuildOptions = {}): Promise<Binary> {
  const found = await binaryAvailability(program);
  if (!found.available) {
    throw new ServerError("ERR_SERVER_UNAVAILABLE", `There is no ${program.name} here: ${found.reason}.`);
  }
  if (found.from === "environment") return { path: found.path, version: await askVersion(found.path) };
  const module = await readGoModule(program);
  const path = found.from === "cache" ? found.path : await cachedBuild(goBuildPlan(program, module), options);
  return { path, version: module.version };
}

/** What a binary says of itself: only the one that was built here is known by its module. */
async function askVersion(path: string): Promise<string> {
  const said = await run(path, ["--version"], { timeout: 10_000 }).catch(() => undefined);
  const first = said?.stdout.split("\n", 1)[0] ?? "";
  return /\b(v?\d\S*|RELEASE\.\S+|DEVELOPMENT\S*)/.exec(first)?.[1] ?? "unknown";
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
