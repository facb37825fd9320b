// Starts one of the commands of this folder: the types are taken off, and all of it becomes one file for each thread.
//   node tools/fuzz/fuzz.mjs main|trees|journal [options]
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const commands = ["main", "trees", "journal", "hostile"];
const [command = "", ...words] = process.argv.slice(2);

if (!commands.includes(command)) {
  process.stderr.write(`Usage: node tools/fuzz/fuzz.mjs ${commands.join("|")} [options]\n`);
  process.exitCode = 2;
} else {
  const outdir = join(root, "node_modules/.cache/remote-log", `fuzz-${process.pid}`);
  const entries = command === "main" ? ["main", "worker"] : [command];
  await build({
    entryPoints: entries.map((name) => join(root, "tools/fuzz", `${name}.ts`)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    conditions: ["@remote-log/source"],
    platform: "node",
    target: "node20.19",
    format: "esm",
    sourcemap: "inline",
    logLevel: "error",
    // Some libraries are CommonJS, and ask for modules of Node with `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  process.env.FUZZ_ROOT ??= root;
  process.setSourceMapsEnabled(true);
  process.argv.splice(1, process.argv.length, join(outdir, `${command}.mjs`), ...words);
  try {
    await import(pathToFileURL(join(outdir, `${command}.mjs`)).href);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}
