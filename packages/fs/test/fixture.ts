import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConformanceFixture } from "@remote-log/conformance";
import { fsNames, fsStorage } from "@remote-log/fs";

/** The adapter as the suite takes it: one folder a namespace, in a temporary folder that goes with the fixture. */
export async function fsFixture(): Promise<ConformanceFixture & AsyncDisposable> {
  const base = await mkdtemp(join(tmpdir(), "remote-log-fs-"));
  const open = async ({ namespace }: { readonly namespace: string }) => {
    const root = join(base, namespace);
    return {
      // Small enough for the suite to try the limit itself.
      storage: fsStorage({ root, largestContent: 16 * 1024 * 1024 }),
      names: fsNames({ root }),
    };
  };
  return {
    name: "fs",
    // For hangs alone, on a machine that is busy with other things.
    limits: { timeoutMs: 180_000 },
    create: open,
    reopen: open,
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}
