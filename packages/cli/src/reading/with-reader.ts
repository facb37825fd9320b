// Runs one task of a reading command with an open reader.

import { join } from "node:path";
import {
  ForkError,
  isRemoteLogError,
  openReader,
  type Reader,
  type Remote,
  type Retry,
} from "@remote-log/core";
import { ReaderIdentity } from "@remote-log/core/keyring";
import { Counts, countedRemote } from "../remotes/counting.ts";
import { adviceOn, closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { ContactNotices } from "./contact-notices.ts";
import { writeForkFile, writeFormerKeyFiles } from "./fork-file.ts";
import { furtherRemotes } from "./further-remotes.ts";
import { readIdentityFile } from "./identity-file.ts";
import type { LogOptions, LogPlace } from "./log-argument.ts";
import { defaultStateFolder, ReaderState } from "./reader-state.ts";
import { RetryNotices } from "./retry-notices.ts";
import { StateNotices } from "./state-notices.ts";

/** Options of every command that reads from remotes. */
export interface ReaderCommandOptions extends LogOptions {
  /** A folder, or `false` for none. */
  readonly state?: string | boolean;
  readonly stats?: boolean;
  readonly poll?: number;
  /** Whether what is told is for programs. */
  readonly json?: boolean;
  /** Whether it waits for new entries, and tells if it has no contact meanwhile. */
  readonly live?: boolean;
  /** Whether nothing is asked but the remotes that are given, wherever else the log says that it lives. Default: false. */
  readonly alone?: boolean;
  /** A file with the reader's identity, in place of a key. */
  readonly identity?: string;
  /** Whether entries of a private log are delivered sealed, for whoever checks it without a key. */
  readonly sealed?: boolean;
}

/** What a reading command works with. */
export interface Reading {
  readonly reader: Reader;
  /** The reader's identity, if one was given. */
  readonly identity: ReaderIdentity | undefined;
  /** The remotes as they were opened; direct requests to them are not counted. */
  readonly remotes: readonly Remote[];
  /** What is kept between runs; `undefined` with `--no-state`. */
  readonly state: ReaderState | undefined;
  /** The same remote, with its requests counted if `--stats` is set. */
  readonly counted: (remote: Remote) => Remote;
  /** Tells that something failed and will be tried again. */
  readonly onRetry: (retry: Retry) => void;
}

/** What writes to a remote. */
const WRITES: ReadonlySet<string> = new Set(["storage.put", "storage.delete", "names.update"]);

/**
 * Opens a reader for one task, and closes everything afterwards. Writes the proof of a fork to a file.
 *
 * @param writesTo - where the task writes: advice on a write that failed is about that, and not about what is read
 */
export async function withReader<T>(
  invocation: Invocation,
  { logId, remotes: places, floor, key }: LogPlace,
  options: ReaderCommandOptions,
  task: (reading: Reading) => Promise<T>,
  writesTo: readonly RemotePlace[] = [],
): Promise<T> {
  const counts = new Counts();
  const counted = (remote: Remote): Remote =>
    options.stats === true ? countedRemote(remote, counts) : remote;
  const json = options.json === true;
  const states = new StateNotices(invocation, json);
  const contact = options.live === true ? new ContactNotices(invocation, json) : undefined;
  const { hear: onRetry } = new RetryNotices(invocation);
  const identity =
    options.identity === undefined
      ? undefined
      : new ReaderIdentity(await readIdentityFile(invocation, options.identity));
  const opened = await openRemotes(places);
  const folder = stateFolder(logId, options);
  const state = folder === undefined ? undefined : await ReaderState.open(folder, invocation.signal);
  try {
    const reader = await openReader({
      logId,
      remotes: opened.map(counted),
      ...(floor && { floor }),
      ...(options.sealed === true ? { withoutKey: "sealed" } : identity ? { identity } : key && { key }),
      ...(state && { store: state }),
      onSync: (outcome) => {
        states.hear(outcome);
        contact?.hear(outcome);
      },
      onRetry,
      ...(options.alone !== true && {
        furtherRemotes: furtherRemotes(invocation, { places, trust: options.trust, opened, counted }),
      }),
      ...(options.poll !== undefined && { pollMilliseconds: options.poll * 1000 }),
    });
    try {
      return await task({ reader, identity, remotes: opened, state, counted, onRetry });
    } finally {
      await tellFormerKeys(invocation, folder ?? ".", reader);
      await reader.close();
    }
  } catch (error) {
    if (error instanceof ForkError) {
      const file = await writeForkFile(folder ?? ".", logId, error.evidence);
      await invocation.warn(`rlog: the proof of the fork is in ${file}; rlog verify-fork checks it.`);
    }
    const concerned = isRemoteLogError(error) && WRITES.has(error.operation) ? writesTo : places;
    for (const advice of adviceOn(concerned, error)) await invocation.note(advice);
    throw error;
  } finally {
    await state?.close();
    await closeRemotes(opened);
    if (options.stats === true) await invocation.warn(`stats: ${counts}`);
  }
}

// Once: the proofs stay in the state.
async function tellFormerKeys(
  invocation: Invocation,
  folder: string,
  { logId, formerKeyEvidence }: Reader,
): Promise<void> {
  for (const file of await writeFormerKeyFiles(folder, logId, formerKeyEvidence)) {
    await invocation.warn(
      "rlog: remotes showed what somebody signed with a former key of this log, after its owner replaced that key. It is not part of " +
        `the log, and is not used. The proof is in ${file}; rlog verify-fork checks it.`,
    );
  }
}

/** The folder of the reader's state of a log; `undefined` with `--no-state`. */
function stateFolder(logId: string, { state }: ReaderCommandOptions): string | undefined {
  if (state === false) return undefined;
  return join(typeof state === "string" ? state : defaultStateFolder(), logId);
}
