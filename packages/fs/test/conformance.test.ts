import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runConformance } from "@remote-log/conformance/vitest";
import { fsNames, fsStorage } from "@remote-log/fs";
import { afterAll } from "vitest";

const base = await mkdtemp(join(tmpdir(), "remote-log-fs-"));
afterAll(() => rm(base, { recursive: true, force: true }));

const open = async ({ namespace }: { readonly namespace: string }) => {
  const root = join(base, namespace);
  return {
    // Small enough for the suite to try the limit itself.
    storage: fsStorage({ root, largestContent: 16 * 1024 * 1024 }),
    names: fsNames({ root }),
  };
};

runConformance({ name: "fs", create: open, reopen: open });
