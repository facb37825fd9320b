// `rlog read`, `rlog latest` and `rlog follow` without LOG: the entries of the log here, published or not.

import { delay } from "@remote-log/core/adapter";
import { Interrupted, usageError } from "../errors/command-error.ts";
import { notingGaps, writeEntries } from "../reading/write-entries.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { viewWriterFolder, type WriterView } from "../writing/writer-folder.ts";

/** Seconds between two looks at the journal, if `--poll` says nothing else. */
const POLL_SECONDS = 5;

/** Options of the commands that write entries of the log here. */
export interface OwnLogOptions {
  readonly dir: string;
  /** Must be empty: the journal is read, and no remote. */
  readonly remote: readonly string[];
  readonly json?: boolean;
  readonly from?: number;
  readonly poll?: number;
  /** Must be absent: the writer reads its own log with its seed. */
  readonly identity?: string;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
}

/** Writes the entries of the log here, starting at `--from`. */
export async function readOwn(invocation: Invocation, options: OwnLogOptions): Promise<void> {
  const seeds = FolderSeeds.of(invocation, options);
  await view(invocation, seeds, options, (log) => write(invocation, log, options.from ?? 0, options));
}

/** Writes the newest entries of the log here. */
export async function latestOwn(
  invocation: Invocation,
  count: number,
  options: OwnLogOptions,
): Promise<void> {
  const seeds = FolderSeeds.of(invocation, options);
  await view(invocation, seeds, options, (log) =>
    write(invocation, log, Math.max(0, log.size - count), options),
  );
}

/** Writes the entries of the log here, and new ones as they are appended, until a signal ends it. */
export async function followOwn(invocation: Invocation, options: OwnLogOptions): Promise<void> {
  const { signal } = invocation;
  const seeds = FolderSeeds.of(invocation, options);
  let next = options.from ?? 0;
  try {
    for (;;) {
      await view(invocation, seeds, options, async (log) => {
        await write(invocation, log, next, options);
        next = Math.max(next, log.size);
      });
      await delay((options.poll ?? POLL_SECONDS) * 1000, signal);
    }
  } catch (error) {
    // A follower is always ended by a signal, so that is no failure.
    if (!(signal.reason instanceof Interrupted)) throw error;
  }
}

async function view(
  { signal }: Invocation,
  seeds: FolderSeeds,
  { dir, remote, identity }: OwnLogOptions,
  task: (log: WriterView) => Promise<void>,
): Promise<void> {
  if (identity !== undefined)
    throw usageError("--identity goes with LOG. Without LOG, the log here is read, which needs no key.");
  if (remote.length > 0)
    throw usageError(
      "--remote goes with LOG. Without LOG, the entries of the log here are read from its journal.",
    );
  await viewWriterFolder(dir, { signal, seeds, remotes: false }, task);
}

async function write(
  invocation: Invocation,
  log: WriterView,
  from: number,
  { json = false }: OwnLogOptions,
): Promise<void> {
  await writeEntries(invocation, notingGaps(invocation, log.entries(from, { removed: "skip" }), from), json);
}
