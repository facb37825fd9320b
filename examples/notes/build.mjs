// Makes the page: what the server serves, by path.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Everything that is served, besides the credentials: the type and the bytes of each path.
 *
 * @param place - what `/place.json` says
 */
export async function buildPage(place) {
  const files = new Map([
    ["/", { type: "text/html; charset=utf-8", body: await readFile(here("page/index.html")) }],
    ["/style.css", { type: "text/css; charset=utf-8", body: await readFile(here("page/style.css")) }],
    ["/icon.svg", { type: "image/svg+xml", body: await readFile(here("page/icon.svg")) }],
    ["/place.json", { type: "application/json", body: Buffer.from(JSON.stringify(place)) }],
    ["/page.js", script(await bundled("src/page.ts"))],
  ]);
  const hash = createHash("sha256");
  for (const [path, { body }] of files) hash.update(path).update("\0").update(body);
  // With any file, the service worker changes, too: so browsers notice.
  const define = {
    SHELL: JSON.stringify([...files.keys()]),
    VERSION: JSON.stringify(`notes-${hash.digest("hex").slice(0, 16)}`),
  };
  files.set("/service-worker.js", script(await bundled("src/service-worker.ts", { define })));
  return files;
}

function script(body) {
  return { type: "text/javascript; charset=utf-8", body };
}

async function bundled(path, more = {}) {
  const { outputFiles } = await build({
    entryPoints: [here(path)],
    bundle: true,
    write: false,
    minify: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    // `abstract-level` wants Node's `events`; the package of that name is the same for browsers.
    alias: { events: require.resolve("events/") },
    ...more,
  });
  return outputFiles[0].contents;
}
