// `last-publish.json` in the writer's folder: how the last publish went, for `rlog status`.

import { join } from "node:path";
import type { RemoteTraffic, Writer } from "@remote-log/core";
import { codeOf } from "../errors/command-error.ts";
import { readText } from "../files/read-text.ts";
import { replaceFile } from "./durable-files.ts";

/** How the last publish to a remote went. */
export interface LastPublish {
  /** The number of entries that were read back from the name and found correct, then or earlier. */
  readonly confirmed: number;
  /** What was asked of it so far; absent if an earlier version saved this. */
  readonly traffic?: RemoteTraffic;
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

/** What was saved of the traffic of each writer of this process, by the labels of its remotes. */
const savedTraffic = new WeakMap<Pick<Writer, "status">, ReadonlyMap<string, RemoteTraffic>>();

/** Saves how a publish went, so that `rlog status` can show it in another process. */
export async function saveLastPublish(folder: string, writer: Pick<Writer, "status">): Promise<void> {
  const { remotes } = writer.status();
  const before = await loadLastPublish(folder);
  const at = new Date().toISOString();
  const last: Record<string, LastPublish> = {};
  for (const { label, stored, published, confirmed, error, failingSince, traffic } of remotes) {
    const first = before.get(label)?.error;
    const since = first?.since ?? first?.at ?? new Date(failingSince ?? Date.now()).toISOString();
    const code = codeOf(error);
    // What was confirmed before counts as long as nothing says that the remote has changed since.
    const known = code === "ERR_REMOTE_CHANGED" ? 0 : Math.min(stored, published);
    const message = error instanceof Error ? error.message : String(error);
    last[label] = {
      traffic: sumOf(before.get(label)?.traffic, traffic, savedTraffic.get(writer)?.get(label)),
      confirmed: Math.max(confirmed, Math.min(before.get(label)?.confirmed ?? 0, known)),
      ...(error !== undefined && { error: { message, at, since, ...(code !== undefined && { code }) } }),
    };
  }
  await replaceFile(folder, FILE, `${JSON.stringify(last, null, 2)}\n`);
  savedTraffic.set(writer, new Map(remotes.map(({ label, traffic }) => [label, traffic])));
}

const NOTHING: RemoteTraffic = { reads: 0, writes: 0, deletes: 0, bytesRead: 0, bytesWritten: 0 };

function sumOf(
  before: Partial<RemoteTraffic> | undefined,
  now: RemoteTraffic,
  saved = NOTHING,
): RemoteTraffic {
  const sum = (kind: keyof RemoteTraffic): number => (before?.[kind] ?? 0) + now[kind] - saved[kind];
  return {
    reads: sum("reads"),
    writes: sum("writes"),
    deletes: sum("deletes"),
    bytesRead: sum("bytesRead"),
    bytesWritten: sum("bytesWritten"),
  };
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
