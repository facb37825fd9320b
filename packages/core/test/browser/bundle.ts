import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";

const require = createRequire(import.meta.url);

/** How an application would bundle for browsers, except that the workspace's packages are read from their sources. */
const forBrowsers = {
  bundle: true,
  write: false,
  metafile: true,
  platform: "browser",
  format: "esm",
  target: "es2022",
  splitting: true,
  conditions: ["@remote-log/source"],
  absWorkingDir: fileURLToPath(new URL("../../../..", import.meta.url)),
  outdir: "/",
  logLevel: "silent",
} satisfies BuildOptions;

/** Bundles `page.ts` and `worker.ts` of the folder in which a test is: text of each script by its path. */
export async function bundleScripts(test: string): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    ...forBrowsers,
    entryPoints: ["./page.ts", "./worker.ts"].map((script) => fileURLToPath(new URL(script, test))),
    // `abstract-level` wants Node's `events`; who bundles it for browsers adds the package of that name.
    alias: { events: require.resolve("events/") },
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

/**
 * Bundles everything that a package exports, and tells what went into it.
 *
 * @throws where it imports anything that browsers don't have
 */
export async function bundlePackage(name: string): Promise<Metafile> {
  const contents = `export * from ${JSON.stringify(name)};`;
  const stdin = { contents, resolveDir: forBrowsers.absWorkingDir };
  const { metafile } = await build({ ...forBrowsers, stdin });
  return metafile;
}
