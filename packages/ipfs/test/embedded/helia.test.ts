import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Helia, heliaOrSkip } from "@remote-log/servers";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

/** What a reader got: how many entries as they were written, and the head, in hexadecimal. */
interface Reading {
  readonly right: number;
  readonly head: string;
}

/** What the program prints. */
interface Report {
  readonly node: string;
  readonly collected: {
    readonly collections: number;
    readonly before: Reading;
    readonly after: Reading;
    readonly blocks: number;
    /** Whether what Helia's own resolve leads to has the head in it. */
    readonly resolved: boolean;
    /** The same once Helia's store was given an older record: whether that leads to the same block, and what is read. */
    readonly older: { readonly resolved: boolean; readonly read: Reading };
    readonly absence: string;
    readonly released: { readonly pinned: boolean; readonly has: boolean; readonly get: string };
    readonly neverPublished: string;
  };
  readonly reopened: Reading & { readonly resolved: boolean };
  readonly apart: {
    readonly first: Reading;
    readonly again: Reading;
    readonly asked: { readonly first: number; readonly again: number };
    readonly blocks: { readonly alice: number; readonly bob: number };
    readonly nowhere: { readonly has: boolean; readonly failed: string; readonly silent: string };
  };
}

const ENTRIES = 200;
const { skip, helia } = await heliaOrSkip();

describe.skipIf(skip)("on Helia 7", () => {
  let report: Report;

  beforeAll(async () => {
    report = await runOn(helia!);
  });

  it("a log is published and read through helia.blockstore, helia.datastore and the routers of @helia/ipns", () => {
    const { before, absence, neverPublished } = report.collected;
    expect(before.right).toBe(ENTRIES);
    expect({ absence, neverPublished }).toEqual({ absence: "local", neverPublished: "absent" });
  });

  it("nothing is lost to helia.gc(), neither while it is published nor afterwards", () => {
    const { before, after, collections } = report.collected;
    expect(collections).toBeGreaterThan(5);
    expect(after).toEqual(before);
  });

  it("what is released goes with the next helia.gc()", () => {
    expect(report.collected.released).toEqual({ pinned: true, has: false, get: "ERR_NOT_FOUND" });
  });

  it("Helia's own resolve leads to a block of its blockstore that has the head in it", () => {
    expect(report.collected.resolved).toBe(true);
  });

  it("an older record that Helia's own store was given again does not win", () => {
    const { older, after } = report.collected;
    expect(older.resolved).toBe(false);
    expect(older.read).toEqual(after);
  });

  it("over files, all of it is there when Helia is closed and opened again", () => {
    const { right, resolved } = report.reopened;
    expect({ right, resolved }).toEqual({ right: ENTRIES, resolved: true });
  });

  it("a second Helia, which shares only a routing of ours and asks the first for blocks, reads all of it", () => {
    const { first, again } = report.apart;
    expect(first.right).toBe(ENTRIES);
    expect(again).toEqual(first);
  });

  it("asks for a block once, and never for a head that came with the record", () => {
    const { asked, blocks } = report.apart;
    expect(asked).toEqual({ first: blocks.bob, again: 0 });
    expect(blocks.bob).toBeLessThan(blocks.alice);
  });

  it("a block that nobody has is told as one that was not found in time, and locally as absent", () => {
    expect(report.apart.nowhere).toEqual({ has: false, failed: "ERR_TIMEOUT", silent: "ERR_TIMEOUT" });
  });
});

/** Bundles the program with our sources, and runs it beside the modules of Helia. */
async function runOn({ modules, node }: Helia): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "remote-log-helia-"));
  try {
    const outfile = join(folder, "program.mjs");
    await build({
      entryPoints: [fileURLToPath(new URL("helia/program.mjs", import.meta.url))],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      conditions: ["@remote-log/source"],
      external: ["helia", "@helia/ipns", "blockstore-fs", "datastore-fs"],
      // Some that is bundled is CommonJS, and requires what is built into Node.
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      logLevel: "silent",
    });
    await symlink(modules, join(folder, "node_modules"));
    const files = join(folder, "files");
    await mkdir(files);
    const { stdout } = await promisify(execFile)(node, [outfile, files], {
      timeout: 170_000,
      // What a test runner has set for its own processes is not for another Node.
      env: { PATH: process.env["PATH"] },
    });
    return JSON.parse(stdout) as Report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
