// Contents by Helia's blockstore, whose only router and gateway are hostile, in one process whose memory is watched.
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Helia, heliaOrSkip } from "@remote-log/servers";
import { hostileTable } from "@remote-log/test-kit/vitest";
import { build } from "esbuild";
import { afterAll, describe } from "vitest";

const { skip, helia } = await heliaOrSkip();
const folder = fileURLToPath(
  new URL(`../../node_modules/.cache/remote-log/helia-${process.pid}`, import.meta.url),
);

describe.skipIf(skip)("on Helia 7", async () => {
  afterAll(() => rm(folder, { recursive: true, force: true }));
  hostileTable({
    module: skip ? "" : await bundled(helia),
    ...(helia !== undefined && { node: helia.node }),
    // Helia follows redirects, 20 of each request, and leaves the last answer unread.
    among: ({ name }) => !/-(itself|chain)$/.test(name),
    // Each operation has a Helia of its own, of which the process keeps some 2 MiB: 250 MiB in all. Without bounds it is GiB.
    mostGrowth: 512 * 2 ** 20,
    // Its own store alone is asked.
    values: { "helia has": /^false$/ },
  });
});

/** Bundles the operations with our sources, beside the modules of Helia. */
async function bundled({ modules }: Helia): Promise<string> {
  const outfile = join(folder, "operations.mjs");
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("helia/hostile-operations.mjs", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@remote-log/source"],
    external: ["helia"],
    logLevel: "silent",
  });
  await symlink(modules, join(folder, "node_modules"));
  return outfile;
}
