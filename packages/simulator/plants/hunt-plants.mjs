// Plants each bug into a copy of the built core, and lets the hunter look for it: `node plants/hunt-plants.mjs [--schedules 2000] [--only TEXT]`.

import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { plants } from "./plants.mjs";

const packages = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    sample: { type: "string" },
  },
});

/** Copies what the hunter loads, so that the core can be changed. */
async function copyProgram() {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-plants-"));
  const scope = join(folder, "node_modules/@remote-log");
  await mkdir(scope, { recursive: true });
  for (const name of ["core", "memory", "simulator"]) {
    const home = join(scope, name);
    await cp(join(packages, name, "dist"), join(home, "dist"), { recursive: true });
    await cp(join(packages, name, "package.json"), join(home, "package.json"));
  }
  await symlink(join(packages, "core/node_modules"), join(scope, "core/node_modules"));
  await symlink(join(packages, "simulator/node_modules/pure-rand"), join(folder, "node_modules/pure-rand"));
  return { folder, scope };
}

/** Hunts one bug. */
async function find({ file, was, becomes, name }, { scope }) {
  const path = join(scope, "core/dist", file);
  const text = await readFile(path, "utf8");
  if (text.split(was).length !== 2)
    return {
      name,
      found: `it can't be planted: ${file} has ${JSON.stringify(was)} ${text.split(was).length - 1} times`,
    };
  await writeFile(
    path,
    text.replace(was, () => becomes),
  );
  try {
    const program = join(scope, "simulator/dist/hunt/main.js");
    const child = spawn(process.execPath, [
      program,
      "--workers",
      "1",
      "--schedules",
      values.schedules,
      "--seed",
      values.seed,
    ]);
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    return {
      name,
      isFound: code === 1,
      found: output.trim().split("\n").slice(-2).join(" | ").slice(0, 240),
    };
  } finally {
    await writeFile(path, text);
  }
}

const wanted = plants.filter(({ name }) => name.includes(values.only));
const from = values.sample === undefined ? 0 : Number(values.seed) % wanted.length;
const left =
  values.sample === undefined ? wanted : [...wanted, ...wanted].slice(from, from + Number(values.sample));
let missed = 0;
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    const program = await copyProgram();
    try {
      for (let plant = left.shift(); plant !== undefined; plant = left.shift()) {
        const { name, isFound, found } = await find(plant, program);
        if (!isFound) missed++;
        console.log(`${isFound ? "found" : "MISSED"}: ${name}: ${found}`);
      }
    } finally {
      await rm(program.folder, { recursive: true, force: true });
    }
  }),
);
process.exitCode = missed > 0 ? 1 : 0;
