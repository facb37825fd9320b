import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { WriterStatus } from "@remote-log/core";
import { codeOf } from "./failure.ts";
import { replaceFile } from "./writer-folder.ts";

/** How the last publish to a remote went. */
export interface LastPublish {
  /** Number of entries that were read back from the name and found right, then or before. */
  readonly confirmed: number;
  /** Why it failed; absent where it did not. */
  readonly error?: { readonly message: string; readonly code?: string; readonly at: string };
}

const FILE = "last-publish.json";

/** Keeps how a publish went, so that `rlog status` can tell in another process. */
export async function saveLastPublish(folder: string, { remotes }: WriterStatus): Promise<void> {
  const before = await loadLastPublish(folder);
  const at = new Date().toISOString();
  const last: Record<string, LastPublish> = {};
  for (const { label, confirmed, error } of remotes) {
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    last[label] = {
      confirmed: Math.max(confirmed, before.get(label)?.confirmed ?? 0),
      ...(error !== undefined && { error: { message, at, ...(code !== undefined && { code }) } }),
    };
  }
  await replaceFile(folder, FILE, `${JSON.stringify(last, null, 2)}\n`);
}

/** What {@link saveLastPublish} kept. It is for people alone, so that a damaged file counts as none. */
export async function loadLastPublish(folder: string): Promise<ReadonlyMap<string, LastPublish>> {
  try {
    const read = JSON.parse(await readFile(join(folder, FILE), "utf8")) as Record<string, LastPublish>;
    return new Map(Object.entries(read));
  } catch {
    return new Map();
  }
}
