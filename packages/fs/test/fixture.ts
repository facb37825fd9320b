import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConformanceFixture } from "@remote-log/conformance";
import type { Remote } from "@remote-log/core";
import { fsNames, fsStorage } from "@remote-log/fs";

/**
 * The adapter as the suite takes it: one folder a namespace, in a temporary folder that goes with the fixture.
 *
 * @param openIn - opens both halves in a folder; default: those of `fsRemote`
 */
export async function fsFixture(
  name = "fs",
  openIn: (root: string) => Pick<Remote, "storage" | "names"> = (root) => ({
    // Small enough for the suite to try the limit itself.
    storage: fsStorage({ root, largestContent: 16 * 1024 * 1024 }),
    names: fsNames({ root }),
  }),
): Promise<ConformanceFixture & AsyncDisposable> {
  const base = await mkdtemp(join(tmpdir(), "remote-log-fs-"));
  const open = async ({ namespace }: { readonly namespace: string }) => openIn(join(base, namespace));
  return {
    name,
    // For hangs alone, on a machine that is busy with other things.
    limits: { timeoutMs: 180_000 },
    create: open,
    reopen: open,
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}
