// `last-publish.json` in the writer's folder: how the last publish went, for `rlog status`.

import { join } from "node:path";
import type { WriterStatus } from "@remote-log/core";
import { codeOf } from "../errors/command-error.ts";
import { readText } from "../files/read-text.ts";
import { replaceFile } from "./durable-files.ts";

/** How the last publish to a remote went. */
export interface LastPublish {
  /** The number of entries that were read back from the name and found correct, then or earlier. */
  readonly confirmed: number;
  /** Why it failed, when, and since when none has succeeded; absent if it succeeded. */
  readonly error?: {
    readonly message: string;
    readonly code?: string;
    readonly at: string;
    readonly since?: string;
  };
}

const FILE = "last-publish.json";
/** The longest file that is read, in bytes. */
const LARGEST_FILE = 2 ** 20;

/** Saves how a publish went, so that `rlog status` can show it in another process. */
export async function saveLastPublish(folder: string, { remotes }: WriterStatus): Promise<void> {
  const before = await loadLastPublish(folder);
  const at = new Date().toISOString();
  const last: Record<string, LastPublish> = {};
  for (const { label, stored, published, confirmed, error, failingSince } of remotes) {
    const first = before.get(label)?.error;
    const since = first?.since ?? first?.at ?? new Date(failingSince ?? Date.now()).toISOString();
    const code = codeOf(error);
    // What was confirmed before counts as long as nothing says that the remote has changed since.
    const known = code === "ERR_REMOTE_CHANGED" ? 0 : Math.min(stored, published);
    const message = error instanceof Error ? error.message : String(error);
    last[label] = {
      confirmed: Math.max(confirmed, Math.min(before.get(label)?.confirmed ?? 0, known)),
      ...(error !== undefined && { error: { message, at, since, ...(code !== undefined && { code }) } }),
    };
  }
  await replaceFile(folder, FILE, `${JSON.stringify(last, null, 2)}\n`);
}

/** What {@link saveLastPublish} saved. It is only shown to people, so a damaged file counts as none. */
export async function loadLastPublish(folder: string): Promise<ReadonlyMap<string, LastPublish>> {
  try {
    const read = JSON.parse(await readText(join(folder, FILE), LARGEST_FILE)) as Record<string, LastPublish>;
    return new Map(Object.entries(read));
  } catch {
    return new Map();
  }
}
