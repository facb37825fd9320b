// Builds once, and keeps what was built in the user's cache.

import { cp, mkdir, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { withBuildLock } from "./build-lock.ts";
import { startGuarded } from "./guarded.ts";
import { lastLines } from "./log-tail.ts";
import { type Notice, noticeOnStderr } from "./notice.ts";
import { ServerError } from "./server-error.ts";

/** How something is built. */
export interface BuildPlan {
  /** What messages call it, and the name of the file that the build makes. */
  readonly name: string;
  /** Folder in the cache: another one for all that is to be built anew. */
  readonly key: string;
  /** A folder whose files are copied; the build runs in the copy. */
  readonly sources: string;
  /** Names of what is copied, alone. Default: everything. */
  readonly files?: readonly string[];
  /** The program that builds. */
  readonly command: string;
  /** Its arguments; the file that it makes is `output`. */
  readonly args: (output: string) => readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What to tell the person who waits, such as `"about 2 minutes on 2 cores"`. */
  readonly takes: string;
}

/** Settings of a build. */
export interface BuildOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told when a build begins or is waited for. Default: a line on standard error. */
  readonly notice?: Notice | undefined;
}

/** The folder that keeps what was built: `remote-log/servers` in the user's cache folder. */
export function cacheFolder(): string {
  const given = process.env["XDG_CACHE_HOME"];
  // A relative path is to be ignored, says the XDG Base Directory Specification.
  const root = given !== undefined && isAbsolute(given) ? given : join(homedir(), ".cache");
  return join(root, "remote-log", "servers");
}

/** The file that a build made earlier; `undefined` if it is still to be made. */
export async function findCached(plan: Pick<BuildPlan, "key" | "name">): Promise<string | undefined> {
  const path = join(cacheFolder(), plan.key, plan.name);
  return (await isFile(path)) ? path : undefined;
}

/**
 * Finds in the cache what a plan makes, or makes it. Processes that ask at the same time wait for one build.
 * What is in the cache is whole: it gets there by one rename.
 *
 * @returns the path of the file
 * @throws ServerError `ERR_SERVER_BUILD` if the build fails; its output is kept
 * @throws the reason of the signal
 */
export async function cachedBuild(plan: BuildPlan, options: BuildOptions = {}): Promise<string> {
  const { signal, notice = noticeOnStderr } = options;
  const cached = await findCached(plan);
  if (cached !== undefined) return cached;
  await mkdir(cacheFolder(), { recursive: true });
  return withBuildLock(
    join(cacheFolder(), `${plan.key}.lock`),
    async () => {
      const made = await findCached(plan);
      if (made !== undefined) return made;
      notice(`Building ${plan.name}, once for this version. It takes ${plan.takes}.`);
      return build(plan, signal);
    },
    { signal, onWait: () => notice(`Waiting for another process that builds ${plan.name}.`) },
  );
}

async function build(plan: BuildPlan, signal: AbortSignal | undefined): Promise<string> {
  const { name, key, command, env } = plan;
  const folder = await mkdtemp(join(cacheFolder(), `${key}.building-`));
  const sources = join(folder, "sources");
  const result = join(folder, "result");
  const log = join(folder, "output.log");
  const output = join(result, name);
  try {
    await mkdir(sources);
    for (const file of plan.files ?? (await readdir(plan.sources))) {
      await cp(join(plan.sources, file), join(sources, file), { recursive: true });
    }
    await mkdir(result);
    const guarded = await startGuarded({
      command,
      args: plan.args(output),
      env,
      cwd: sources,
      log,
      folder,
    });
    const cancelled = new Promise<"cancelled">((resolve) => {
      if (signal?.aborted === true) resolve("cancelled");
      signal?.addEventListener("abort", () => resolve("cancelled"), { once: true });
    });
    const end = await Promise.race([guarded.exited, cancelled]);
    // What was built has to outlive the guard.
    await guarded.stop([]);
    if (end === "cancelled") throw signal!.reason;
    if (end.code !== 0 || !(await isFile(output))) {
      const how = end.signal === null ? `exit code ${end.code}` : end.signal;
      const kept = join(cacheFolder(), `${key}.build.log`);
      await rename(log, kept);
      throw new ServerError("ERR_SERVER_BUILD", `The build of ${name} by ${command} failed with ${how}.`, {
        output: await lastLines(kept),
        log: kept,
      });
    }
    await sync(output);
    return await putInPlace(result, plan);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function putInPlace(result: string, plan: BuildPlan): Promise<string> {
  const place = join(cacheFolder(), plan.key);
  try {
    await rename(result, place);
  } catch (error) {
    // Two who both thought to hold the lock: the first rename wins, and both have built the same.
    if ((await findCached(plan)) === undefined) throw error;
  }
  return join(place, plan.name);
}

/** Makes a file durable, so that no power cut leaves an empty one in the cache. */
async function sync(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}
