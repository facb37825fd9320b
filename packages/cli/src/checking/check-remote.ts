// Reads everything that a remote has of a log, and puts back what is missing or damaged.

import { randomInt } from "node:crypto";
import {
  type Floor,
  isRemoteLogError,
  type MirrorOptions,
  type MissingEntries,
  mirrorLog,
  openReader,
  type Reader,
  type Remote,
  type StorageBackend,
} from "@remote-log/core";
import { type Fault, MendingStorage } from "./mending-storage.ts";
import { NothingStored } from "./nothing-stored.ts";

/** What is checked, and how. */
export interface CheckOptions {
  readonly logId: string;
  /** The oldest state that the remote may show. */
  readonly floor?: Floor | undefined;
  /** Where objects are got from that the remote does not show. */
  readonly sources: readonly StorageBackend[];
  /** Whether they are put back. */
  readonly repairs: boolean;
  /** How many entries are read, drawn by chance. Default: all. */
  readonly sample?: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (entries: number, size: number) => void;
}

/** What was found at one remote. */
export interface CheckedRemote {
  readonly label: string;
  /** Number of entries of the state that it shows; `undefined` if it shows none. */
  readonly size: number | undefined;
  /** The version of the manifest that it shows; 0 if it shows none. */
  readonly manifest: number;
  /** How many objects were read. */
  readonly objects: number;
  readonly faults: readonly Fault[];
  /** The entries that can't be read, from nowhere. */
  readonly lost: readonly MissingEntries[];
  readonly lostEntries: number;
  /** Why it could not be checked to its end, or why nothing could be put back. */
  readonly error: unknown;
  /** Whether it answered that it has nothing under the name. */
  readonly absent: boolean;
}

/** Checks one remote by itself. Failures are part of what is found; only an abort is thrown. */
export async function checkRemote(remote: Remote, options: CheckOptions): Promise<CheckedRemote> {
  const { logId, floor, sources, repairs, signal, onProgress } = options;
  const storage = new MendingStorage(remote.storage, { sources, repairs });
  const found = { label: remote.label, lost: [], lostEntries: 0, absent: false, manifest: 0 };
  const reader = await openReader({
    logId,
    remotes: [{ ...remote, storage }],
    // It looks whether contents are there, not at what they say.
    withoutKey: "sealed",
    ...(floor && { floor }),
  });
  const told = () => ({ objects: storage.objects, faults: storage.faults });
  try {
    await reader.sync({ signal });
    const { size } = reader;
    const { missing: lost, missingEntries: lostEntries } = await mirrorLog({
      reader,
      to: { storage: new NothingStored(storage) },
      ...partOf(reader, options.sample),
      signal,
      onProgress: (progress) => onProgress?.(progress.entries, progress.size),
    });
    const manifest = reader.manifest?.version ?? 0;
    return { ...found, size, manifest, ...told(), lost, lostEntries, error: storage.refusal };
  } catch (error) {
    signal.throwIfAborted();
    const absent =
      isRemoteLogError(error) && error.code === "ERR_NOT_FOUND" && error.operation === "reader.sync";
    return { ...found, size: undefined, ...told(), error: absent ? undefined : error, absent };
  } finally {
    await reader.close();
  }
}

/** Whether nothing is wrong with a remote that shows this many entries. */
export function isWhole({ size, faults, lostEntries, error }: CheckedRemote, newest: number): boolean {
  return size === newest && lostEntries === 0 && error === undefined && faults.every(({ mended }) => mended);
}

// A mirroring that continues another one reads what that one lacks: so does a check of some entries.
function partOf(reader: Reader, sample: number | undefined): Pick<MirrorOptions, "known" | "missing"> {
  const { size, head } = reader;
  if (sample === undefined || sample >= size || head === undefined) return {};
  const drawn = new Set<number>();
  while (drawn.size < sample) drawn.add(randomInt(size));
  const missing = [...drawn].sort((a, b) => a - b).map((from) => ({ from, to: from + 1 }));
  return { known: head, missing };
}
