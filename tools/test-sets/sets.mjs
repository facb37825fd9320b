// Which test file belongs to which set. `vitest.config.ts` makes a project of each set; `tools/test.mjs` chooses among them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The sets, and what a machine needs for their files.
 *
 * - `node`: Node alone
 * - `mixed`: Node alone for most of their tests; the others join in if a server is built
 * - `servers`: a real server, Helia, another runtime than Node or a Go compiler
 * - `browsers`: Chromium, some of them a real server as well
 */
export const sets = /** @type {const} */ (["node", "mixed", "servers", "browsers"]);

/** @typedef {typeof sets[number]} TestSet */

/** Folders with test files. */
const FOLDERS = ["packages", "tools", "examples", "docs"];
/** What no test file of this repository is in. */
const PASSED_OVER = new Set(["node_modules", "dist", ".turbo", ".cache"]);

/** Starts a line of a test file that names its set, before anything else than comments: `// Test set: mixed`. */
const MARK = /^\/\/ Test set: (.*)$/m;
/** What a file calls that needs a real server, Helia, another runtime than Node or Go. */
const STARTS =
  /\b(?:(?:server|helia|runtimes|go)OrSkip|(?:bee|node)OfFile|start(?:Bee|Kubo|KuboNetwork|Minio|Versitygw))\(/;

/**
 * The set of a test file: the one that it names, or else the one that its name and its text show.
 *
 * @param {string} path
 * @param {string} text
 * @returns {TestSet}
 * @throws Error if it names a set that does not exist
 */
export function setOf(path, text) {
  const named = MARK.exec(text)?.[1];
  if (named !== undefined) {
    const found = sets.find((set) => set === named);
    if (found === undefined)
      throw new Error(`${path}: there is no test set "${named}", but ${sets.join(", ")}.`);
    return found;
  }
  if (path.endsWith(".browser.test.ts")) return "browsers";
  return STARTS.test(text) ? "servers" : "node";
}

/** The packages whose tests share their workers, so that a worker loads the sources and a service's client only once. */
const SHARING = /^(?:packages|tools|docs)\//;
/** What a test file contains that changes the process, measures it, or lists what is open in it: timers of other files, say. */
const NEEDS_OWN_WORKER =
  /memoryUsage|resourceUsage|\bvi\.(?:mock|doMock|stubGlobal|stubEnv)|\bchdir\(|process\.env\[[^\]]+\] =|\brunConformance\(|getActiveResourcesInfo|getTimerCount|runAllTimers|\bsetVariable\(/;

/**
 * Whether a file that Node alone can run, or most of it, runs in a worker that other files use, too: with `isolate: false`
 * of vitest.
 *
 * @param {string} path
 * @param {string} text
 * @returns {boolean}
 */
export function sharesWorker(path, text) {
  const set = setOf(path, text);
  if (!SHARING.test(path) || !(set === "node" || set === "mixed")) return false;
  const givesTimersBack = text.includes("vi.useRealTimers()") || !text.includes("vi.useFakeTimers(");
  return givesTimersBack && !NEEDS_OWN_WORKER.test(text);
}

/**
 * The files of the sets `node` and `mixed` that share workers.
 *
 * @returns {{ node: string[], mixed: string[] }}
 */
export function filesThatShare() {
  /** @type {{ node: string[], mixed: string[] }} */
  const result = { node: [], mixed: [] };
  for (const path of testFiles()) {
    const text = readFileSync(join(root, path), "utf8");
    if (sharesWorker(path, text)) result[/** @type {"node" | "mixed"} */ (setOf(path, text))].push(path);
  }
  return result;
}

/**
 * Every `*.test.ts` of the repository, by its path from the root, sorted.
 *
 * @returns {string[]}
 */
export function testFiles() {
  return FOLDERS.flatMap((folder) => filesIn(folder)).sort((a, b) => (a < b ? -1 : 1));
}

/**
 * The files of every set.
 *
 * @returns {Record<TestSet, string[]>}
 */
export function filesBySet() {
  /** @type {Record<TestSet, string[]>} */
  const result = { node: [], mixed: [], servers: [], browsers: [] };
  for (const path of testFiles()) result[setOf(path, readFileSync(join(root, path), "utf8"))].push(path);
  return result;
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : filesIn(path);
    return entry.name.endsWith(".test.ts") ? [path] : [];
  });
}
