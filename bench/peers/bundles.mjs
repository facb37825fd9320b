import { readFile } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/**
 * What an application would load, minified and gzipped, with what is loaded on demand.
 *
 * What can't be bundled for browsers is bundled for Node, with Node's own modules left out, and the report says so.
 */
export async function bundlesOf(folder, { what, source, reader, needs }) {
  try {
    return {
      what,
      for: "browsers",
      bytes: await bundled(folder, source, "browser"),
      ...(needs !== "" && { needs }),
      ...(reader && { reader: await bundled(folder, reader, "browser", await notLoaded(folder)) }),
    };
  } catch (error) {
    if (error.errors === undefined) throw error;
    const lacks = [...new Set(error.errors.map(({ text }) => /"([^"]+)"/.exec(text)?.[1] ?? text))];
    return { what, for: "Node", bytes: await bundled(folder, source, "node"), lacks };
  }
}

/** What a reader of a public log never loads: as the limits of this repository have it. */
async function notLoaded(folder) {
  const limits = JSON.parse(await readFile(join(folder, "../../.size-limit.json"), "utf8"));
  return limits.find(({ name }) => name.includes("the reader of public logs, as current runtimes load it"))
    .ignore;
}

async function bundled(folder, lines, platform, external = []) {
  const { build } = createRequire(join(folder, "package.json"))("esbuild");
  const ofNode = builtinModules.flatMap((name) => [name, `node:${name}`]);
  const { outputFiles } = await build({
    stdin: { contents: lines.join("\n"), resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    loader: { ".node": "empty" },
    external: platform === "node" ? ofNode : external,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}
