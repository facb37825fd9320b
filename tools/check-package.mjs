// Packs the package in the current folder as the registry would receive it, and checks that very file:
// its contents, its code, its manifest (publint) and its types (attw). Run by `pnpm run check:package`.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const required = [
  "package.json",
  "README.md",
  "LICENSE-MIT",
  "LICENSE-APACHE",
  "dist/index.js",
  "dist/index.d.ts",
];
// TypeScript 7.0.2 emits `_a: value` for a property that is named like the class around it. Nothing of ours is so named.
const miscompiled = /^\s*_[a-z]:|[{,]\s*_[a-z]:/m;
const forbidden = /\.tsbuildinfo$|(^|\/)(test|node_modules)\/|\.env|\.log$/;

const folder = await mkdtemp(join(tmpdir(), "remote-log-pack-"));
try {
  await run("pnpm", ["pack", "--pack-destination", folder]);
  const [name] = await readdir(folder);
  const tarball = join(folder, name);

  const { stdout } = await run("tar", ["-tzf", tarball]);
  const packed = stdout
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  const missing = required.filter((path) => !packed.includes(path));
  const surplus = packed.filter((path) => forbidden.test(path));
  if (missing.length > 0)
    throw new Error(`${name} lacks ${missing.join(", ")}: see "files" in its package.json.`);
  if (surplus.length > 0) throw new Error(`${name} must not contain ${surplus.join(", ")}.`);

  for (const path of packed.filter((each) => /^dist\/.*\.js$/.test(each))) {
    const line = miscompiled.exec(await readFile(path, "utf8"))?.[0];
    if (line !== undefined) throw new Error(`${path} is miscompiled ("${line.trim()}"): rename the class.`);
  }

  await run("publint", ["run", tarball, "--strict"]);
  await run("attw", [tarball, "--profile", "esm-only", "--no-emoji"]);
} catch (error) {
  // publint and attw say what is wrong on standard output.
  process.stderr.write(`${error.stdout ?? ""}${error.stderr ?? ""}${error.message}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
