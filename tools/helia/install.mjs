// Installs what package.json and pnpm-lock.yaml of this folder name, and writes the file whose path is given when all
// of it is there: node install.mjs <file>. The modules come to lie beside that file. Run it in a copy of the folder.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const output = resolve(process.argv[2]);
const { packageManager, dependencies } = JSON.parse(await readFile("package.json", "utf8"));

// No scripts: the native modules come prebuilt, and nothing that is used here needs another one.
await run("npx", ["-y", packageManager, "install", "--frozen-lockfile", "--ignore-scripts"]);
// The links between the modules are relative.
await rename("node_modules", join(dirname(output), "node_modules"));
await writeFile(output, `${JSON.stringify(dependencies, null, 2)}\n`);

async function run(command, args) {
  const [code] = await once(spawn(command, args, { stdio: "inherit" }), "exit");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}.`);
}
