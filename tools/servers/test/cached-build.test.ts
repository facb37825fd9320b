import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { withBuildLock } from "../src/build-lock.ts";
import { type BuildPlan, cachedBuild, cacheFolder } from "../src/cached-build.ts";
import { ServerError } from "../src/server-error.ts";
import { setVariable, startScript, temporaryFolder, testProgram, untilGone } from "./processes.ts";

let folder: string;
let cache: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  setVariable("XDG_CACHE_HOME", join(folder, "cache"));
  cache = cacheFolder();
});

/** A build by a script of node, whose last argument is the file to make. Each run adds a line to the file `runs`. */
async function plan(script: string): Promise<BuildPlan> {
  const sources = join(folder, "sources");
  await mkdir(sources, { recursive: true });
  await writeFile(join(sources, "input"), "from the sources");
  const path = join(folder, "build.mjs");
  await writeFile(
    path,
    `import { appendFileSync, copyFileSync, existsSync } from "node:fs";
     const [output] = process.argv.slice(2);
     const folder = ${JSON.stringify(folder)};
     appendFileSync(folder + "/runs", process.pid + "\\n");
     ${script}`,
  );
  return {
    name: "made",
    key: "made-v1",
    sources,
    command: process.execPath,
    args: (output) => [path, output],
    env: process.env,
    takes: "no time",
  };
}

const MAKE = `copyFileSync("input", output);`;
const MAKE_WHEN_ALLOWED = `
  const timer = setInterval(() => {
    if (!existsSync(folder + "/go-on")) return;
    clearInterval(timer);
    ${MAKE}
  }, 10);`;

async function runs(): Promise<number[]> {
  const text = await readFile(join(folder, "runs"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}

test("the cache is in the user's cache folder", () => {
  expect(cache).toBe(join(folder, "cache", "remote-log", "servers"));
  setVariable("XDG_CACHE_HOME", undefined);
  setVariable("HOME", "/somebody");
  expect(cacheFolder()).toBe("/somebody/.cache/remote-log/servers");
});

test("what was built is used again, and the build says beforehand that it takes time", async () => {
  const lines: string[] = [];
  const notice = (line: string): number => lines.push(line);
  const path = await cachedBuild(await plan(MAKE), { notice });
  expect(path).toBe(join(cache, "made-v1", "made"));
  expect(await readFile(path, "utf8")).toBe("from the sources");
  expect(await cachedBuild(await plan(MAKE), { notice })).toBe(path);
  expect(await runs()).toHaveLength(1);
  expect(lines).toEqual(["Building made, once for this version. It takes no time."]);
  expect(await readdir(cache)).toEqual(["made-v1"]);
});

test("another key is another build", async () => {
  await cachedBuild(await plan(MAKE), { notice: () => undefined });
  await cachedBuild({ ...(await plan(MAKE)), key: "made-v2" }, { notice: () => undefined });
  expect(await runs()).toHaveLength(2);
  expect((await readdir(cache)).sort()).toEqual(["made-v1", "made-v2"]);
});

test("processes that need the same build at the same time build once", async () => {
  const { sources, args, key } = await plan(MAKE_WHEN_ALLOWED);
  const build = (): ReturnType<typeof startScript> =>
    startScript(testProgram("build.mjs"), [sources, args("")[0]!, key]);
  const scripts = [build(), build(), build()];
  await expect.poll(runs).toHaveLength(1);
  // The other two have come to the lock.
  await expect
    .poll(() => scripts.filter(({ said }) => said().startsWith("Waiting for")).length, { timeout: 60_000 })
    .toBe(2);
  await writeFile(join(folder, "go-on"), "");
  const ends = await Promise.all(scripts.map(({ ended }) => ended));
  expect(ends.map(({ code, out }) => ({ code, out }))).toEqual(
    scripts.map(() => ({ code: 0, out: `${join(cache, key, "made")}\n` })),
  );
  expect(await runs()).toHaveLength(1);
  expect(await readdir(cache)).toEqual([key]);
});

test("a build that fails is told with its output, which is kept, and the next one tries again", async () => {
  const failing = cachedBuild(await plan(`console.error("line 7 is wrong"); process.exit(2);`), {
    notice: () => undefined,
  });
  const error = (await failing.catch((reason: unknown) => reason)) as ServerError;
  expect(error).toBeInstanceOf(ServerError);
  expect(error.code).toBe("ERR_SERVER_BUILD");
  expect(error.message).toContain("The build of made");
  expect(error.message).toContain("exit code 2");
  expect(error.message).toContain("line 7 is wrong");
  expect(await readFile(error.log!, "utf8")).toBe("line 7 is wrong\n");
  expect(await readdir(cache)).toEqual(["made-v1.build.log"]);
  await cachedBuild(await plan(MAKE), { notice: () => undefined });
  expect(await runs()).toHaveLength(2);
});

test("a build that claims to have succeeded and made nothing has failed", async () => {
  await expect(cachedBuild(await plan(""), { notice: () => undefined })).rejects.toMatchObject({
    code: "ERR_SERVER_BUILD",
  });
});

test("a build that is aborted rejects with the reason, and leaves nothing behind", async () => {
  const reason = new Error("no longer wanted");
  const controller = new AbortController();
  const building = cachedBuild(await plan(MAKE_WHEN_ALLOWED), {
    notice: () => undefined,
    signal: controller.signal,
  });
  building.catch(() => undefined);
  await expect.poll(runs).toHaveLength(1);
  controller.abort(reason);
  await expect(building).rejects.toBe(reason);
  await untilGone((await runs())[0]!);
  expect(await readdir(cache)).toEqual([]);
});

test("a builder that is killed blocks nobody, and leaves no half of a build", async () => {
  const wanted = await plan(MAKE_WHEN_ALLOWED);
  const killed = startScript(testProgram("build.mjs"), [wanted.sources, wanted.args("")[0]!, wanted.key]);
  await expect.poll(runs).toHaveLength(1);
  killed.child.kill("SIGKILL");
  await killed.ended;
  await untilGone((await runs())[0]!);
  expect(await readdir(cache)).toContain("made-v1.lock");
  await writeFile(join(folder, "go-on"), "");
  await cachedBuild(wanted, { notice: () => undefined });
  await expect.poll(() => readdir(cache)).toEqual(["made-v1"]);
});

test("a lock whose holder shows no life is taken over, wherever the holder was", async () => {
  const lock = join(folder, "lock");
  await writeFile(lock, JSON.stringify({ id: "other", host: "elsewhere", pid: 1 }));
  // Its time does not matter: clocks differ between machines.
  await utimes(lock, new Date("2100-01-01"), new Date("2100-01-01"));
  let waited = 0;
  const got = await withBuildLock(lock, async () => "got it", { patience: 300, onWait: () => waited++ });
  expect(got).toBe("got it");
  expect(waited).toBe(1);
  await expect(stat(lock)).rejects.toThrow("ENOENT");
});

test("a lock whose holder lives is waited for, however long that takes", async () => {
  const lock = join(folder, "lock");
  const order: string[] = [];
  let release: (() => void) | undefined;
  const first = withBuildLock(
    lock,
    async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push("first");
    },
    { heartbeat: 20 },
  );
  await expect.poll(() => release).toBeDefined();
  const touched = (await stat(lock)).mtimeMs;
  const second = withBuildLock(lock, async () => order.push("second"), { patience: 1_000 });
  // Longer than the patience of the one who waits.
  await expect
    .poll(async () => (await stat(lock)).mtimeMs - touched, { timeout: 60_000 })
    .toBeGreaterThan(2_000);
  release!();
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
});

test("waiting for a lock can be aborted", async () => {
  const lock = join(folder, "lock");
  await writeFile(lock, JSON.stringify({ id: "other", host: "elsewhere", pid: 1 }));
  const controller = new AbortController();
  const reason = new Error("no longer wanted");
  const waiting = withBuildLock(lock, async () => "never", {
    signal: controller.signal,
    onWait: () => controller.abort(reason),
  });
  await expect(waiting).rejects.toBe(reason);
});
