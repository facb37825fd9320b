// `rlog fsck`: reads everything that the remotes of a log hold, and puts back what is missing or damaged.

import { type MirrorResult, mirrorLog, openReader, type Remote } from "@remote-log/core";
import { type CheckedRemote, type CheckOptions, checkRemote, isWhole } from "../checking/check-remote.ts";
import { healthOf, jsonReport, textReport } from "../checking/report.ts";
import { CommandError, usageError } from "../errors/command-error.ts";
import { exitCodeOf } from "../errors/exit-code-of.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { type LogOptions, logArgument } from "../reading/log-argument.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import { closeRemotes, openRemotes, openTarget } from "../remotes/open-remotes.ts";
import type { RemoteContext } from "../remotes/remote-kind.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { noRemote, repairAll } from "../writing/publish-all.ts";
import { type WriterCommandOptions, withWriter } from "../writing/with-writer.ts";
import { contextOf, viewWriterFolder } from "../writing/writer-folder.ts";

/** Options of `rlog fsck`. */
export interface FsckOptions extends LogOptions, WriterCommandOptions {
  readonly repair?: boolean;
  /** How many entries of each remote are read. Default: all. */
  readonly sample?: number;
  /** Further places from which objects are put back. */
  readonly from: readonly string[];
  readonly json?: boolean;
}

/** What is checked. */
interface Checking {
  readonly logId: string;
  readonly floor?: CheckOptions["floor"];
  readonly places: readonly RemotePlace[];
  readonly context: RemoteContext;
  /** How many entries there are at least. */
  readonly known: number;
  /** Brings a remote up to what it should be, once everything was put back that others had. Default: a mirroring. */
  readonly restore?: (label: string) => Promise<void>;
}

/**
 * Reads everything below the head of each remote by itself, or a sample. With `repair`, what is missing or damaged is put back: from any
 * other remote and any place given, and then by the journal, if the log is written here.
 *
 * @throws CommandError `ERR_NEEDS_CARE` (exit code 5) if something is still missing; exit code 3 if a remote shows what is forged or forked
 */
export async function fsck(
  invocation: Invocation,
  log: string | undefined,
  options: FsckOptions,
): Promise<void> {
  if (options.sample === 0) throw usageError("A sample has at least one entry.");
  if (options.sample !== undefined && options.repair === true)
    throw usageError("--repair reads everything: leave --sample out.");
  if (log !== undefined) {
    const { logId, remotes: places, floor } = await logArgument(invocation, log, options);
    const known = floor?.size ?? 0;
    return check(invocation, { logId, floor, places, context: { logId }, known }, options);
  }
  return checkOwn(invocation, options);
}

async function checkOwn(invocation: Invocation, options: FsckOptions): Promise<void> {
  const { dir, repair = false } = options;
  if (options.remote.length > 0)
    throw usageError("--remote goes with LOG. Without LOG, the remotes of the log here are checked.");
  const seeds = FolderSeeds.of(invocation, options);
  const checking = async (
    writer: { readonly logId: string; readonly size: number },
    places: readonly RemotePlace[],
  ): Promise<Checking> => {
    if (places.length === 0) throw noRemote();
    const { logId } = writer;
    return {
      logId,
      places,
      context: contextOf(await seeds.read(dir), logId),
      known: repair ? writer.size : 0,
    };
  };
  if (!repair) {
    const { signal } = invocation;
    // What is not published yet is no fault of a remote.
    return viewWriterFolder(dir, { signal, seeds }, async (writer, { remotes }) => {
      const known = Math.max(0, ...writer.status().remotes.map(({ published }) => published));
      await check(invocation, { ...(await checking(writer, remotes)), known }, options);
    });
  }
  await withWriter(invocation, options, async (writer, { config, counts }) => {
    const restore = (remote: string): Promise<void> =>
      repairAll(invocation, writer, { dir, counts, reads: true, remote });
    await check(invocation, { ...(await checking(writer, config.remotes)), restore }, options);
  });
}

async function check(
  invocation: Invocation,
  checking: Checking,
  { from, repair = false, sample, json }: FsckOptions,
): Promise<void> {
  const { logId, floor, places, context } = checking;
  const { signal } = invocation;
  const opened: Remote[] = [];
  try {
    opened.push(...(await openRemotes(places, context)));
    const given = await openRemotes(from.map(givenRemote), { logId });
    opened.push(...given);
    const remotes = opened.slice(0, places.length);
    const examine = (remote: Remote, repairs: boolean): Promise<CheckedRemote> =>
      invocation.withProgress(`fsck ${remote.label}`, (bar) =>
        checkRemote(remote, {
          ...{ logId, floor, repairs, sample, signal },
          sources: [...given, ...remotes.filter((one) => one !== remote)].map(({ storage }) => storage),
          onProgress: (entries, size) => bar.update(entries, size),
        }),
      );
    const checked: CheckedRemote[] = [];
    for (const remote of remotes) checked.push(await examine(remote, repair));
    const newest = Math.max(checking.known, ...checked.map(({ size }) => size ?? 0));
    for (const [i, remote] of repair ? remotes.entries() : []) {
      const before = checked[i]!;
      if (isWhole(before, newest)) continue;
      const others = [...given, ...remotes.filter((one) => one !== remote)];
      await restored(invocation, { ...checking, others }, places[i]!);
      const after = await examine(remote, false);
      checked[i] = { ...after, faults: joined(before, after) };
    }
    await report(invocation, { logId, checked, newest, repair, json: json === true });
  } finally {
    await closeRemotes(opened);
  }
}

// What can't be restored shows when it is checked again.
async function restored(
  invocation: Invocation,
  { logId, restore, others }: Checking & { readonly others: readonly Remote[] },
  place: RemotePlace,
): Promise<void> {
  try {
    if (restore === undefined) await mirrored(invocation, logId, { others, place });
    else await restore(place.label);
  } catch (error) {
    invocation.signal.throwIfAborted();
    await invocation.warn(`rlog: ${place.label}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function mirrored(
  { signal }: Invocation,
  logId: string,
  { others, place }: { readonly others: readonly Remote[]; readonly place: RemotePlace },
): Promise<MirrorResult | undefined> {
  const to = await openTarget(place, undefined);
  try {
    // A name that belongs to a key is its writer's to set.
    if (to.names === undefined || to.unnamed !== undefined || others.length === 0) return undefined;
    const reader = await openReader({ logId, remotes: others, withoutKey: "sealed" });
    try {
      return await mirrorLog({ reader, to, resume: true, signal });
    } finally {
      await reader.close();
    }
  } finally {
    await closeRemotes([to]);
  }
}

// What was a fault before is mended if it is none any more.
function joined(before: CheckedRemote, after: CheckedRemote): CheckedRemote["faults"] {
  const still = new Map(after.faults.map((fault) => [fault.address, fault]));
  const gone = before.faults.filter(({ address }) => !still.has(address));
  return [...gone.map((fault) => ({ ...fault, mended: after.size !== undefined })), ...still.values()];
}

interface Reported {
  readonly logId: string;
  readonly checked: readonly CheckedRemote[];
  readonly newest: number;
  readonly repair: boolean;
  readonly json: boolean;
}

async function report(
  { out }: Invocation,
  { logId, checked, newest, repair, json }: Reported,
): Promise<void> {
  await out.write(json ? jsonReport(logId, checked, newest) : textReport(checked, newest, repair));
  const ill = checked.filter((one) => healthOf(one, newest) === "care");
  if (ill.length === 0) return;
  const refused = ill.find(({ error }) => error !== undefined && exitCodeOf(error) === exitCodes.refused);
  throw new CommandError(
    "ERR_NEEDS_CARE",
    `${ill.length} of ${counted(checked.length, "remote")} ${ill.length === 1 ? "does" : "do"} not hold all of the log: ` +
      `${ill.map(({ label }) => label).join(", ")}.`,
    refused === undefined ? exitCodes.needsCare : exitCodes.refused,
    refused?.error,
  );
}
