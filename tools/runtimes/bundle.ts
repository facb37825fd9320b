// Programs as one script, as an application's bundler makes them.

import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const FOLDER = fileURLToPath(new URL("programs/", import.meta.url));

/** Bundles programs of the folder `programs`, one after the other, into one script. */
export async function bundlePrograms(names: readonly string[], options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "es2022",
    conditions: ["@remote-log/source"],
    absWorkingDir: FOLDER,
    logLevel: "silent",
    stdin: { contents: names.map((name) => `import "./${name}";`).join("\n"), resolveDir: FOLDER },
    ...options,
  });
  return outputFiles![0]!.text;
}
