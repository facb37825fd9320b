import { memoryNames, memoryStorage, NameTable } from "@remote-log/memory";
import { expect } from "vitest";
import {
  isRemoteLogError,
  type MirrorOptions,
  type MirrorResult,
  mirrorLog,
  openReader,
  type Remote,
} from "../../src/index.ts";
import { expectEntries, readWhole } from "../reader/read-whole.ts";
import { scriptedRemote } from "../reader/scripted-remote.ts";
import type { WrittenLog } from "../reader/written-log.ts";
import { type Around, wrapRemote } from "../writer/wrapped-remote.ts";

/** Where a test mirrors to: a remote in memory, and all that it holds. */
export interface Target {
  readonly remote: Remote;
  /** Every object in it, by the text of its address. */
  readonly contents: Map<string, Uint8Array>;
  readonly table: NameTable;
  /** Texts of the addresses that were put, in the order in which they were acknowledged, and `"name"`. */
  readonly acknowledged: string[];
}

/** A target, empty or as another one is; every operation on it passes `around`. */
export function makeTarget(
  options: { readonly around?: Around; readonly largestName?: number; readonly like?: Target } = {},
): Target {
  const contents = new Map<string, Uint8Array>(options.like?.contents);
  const table = new NameTable();
  for (const [name, value] of options.like?.table.values ?? []) table.values.set(name, value);
  const acknowledged: string[] = [];
  const { around = (_, proceed) => proceed(), largestName = 2 ** 20 } = options;
  const inner: Remote = {
    label: "target",
    storage: memoryStorage({ contents }),
    names: memoryNames({ table, largestContent: largestName }),
  };
  const remote = wrapRemote(inner, async (call, proceed) => {
    const result = await around(call, proceed);
    if (call.kind === "put") acknowledged.push(String(result));
    if (call.kind === "update") acknowledged.push("name");
    return result;
  });
  return { remote, contents, table, acknowledged };
}

/** A log as it was at an earlier size. */
export function logAt(log: WrittenLog, size: number): WrittenLog {
  return { ...log, head: log.heads.get(size)!, entries: log.entries.slice(0, size) };
}

/** Mirrors a log from a storage that holds it as the writer left it. */
export async function mirrorFrom(
  log: Pick<WrittenLog, "logId" | "contents" | "head">,
  to: Target,
  options: Partial<MirrorOptions> & { readonly from?: readonly Remote[] } = {},
): Promise<MirrorResult> {
  const { from = [scriptedRemote(log.contents, log.head)], ...rest } = options;
  const reader = await openReader({ logId: log.logId, remotes: from, retries: 0 });
  try {
    return await mirrorLog({ reader, to: to.remote, retries: 0, ...rest });
  } finally {
    await reader.close();
  }
}

/** Which entries a reader gets who sees a remote alone; each has to be the one that was written. */
export async function readableOn(remote: Remote, { logId, entries }: WrittenLog): Promise<Set<number>> {
  const reader = await openReader({ logId, remotes: [remote] });
  const found = new Set<number>();
  // A stream ends at an entry that can't be read: the next one begins behind it.
  for (let next = 0; next < entries.length; next++) {
    try {
      for await (const { sequence, content } of reader.from(next)) {
        next = sequence + 1;
        found.add(sequence);
        expect(content).toEqual(entries[sequence]);
      }
    } catch (error) {
      if (!isRemoteLogError(error)) throw error;
    }
  }
  await reader.close();
  return found;
}

/** Asserts that a reader who sees the target alone reads all of the log there. */
export async function expectWhole(target: Target, log: WrittenLog): Promise<void> {
  const { entries, error } = await readWhole({ logId: log.logId, remotes: [target.remote] });
  expect(error).toBeUndefined();
  expect(entries).toHaveLength(log.entries.length);
  expectEntries(entries, log.entries);
}
