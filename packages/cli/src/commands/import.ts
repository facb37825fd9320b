// `rlog import`: brings a log out of a file into a remote.

import {
  logIdIn,
  type MirrorResult,
  mirrorLog,
  openReader,
  type Reader,
  type Remote,
} from "@remote-log/core";
import { CommandError } from "../errors/command-error.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { jsonOf, missingLines, type NameReport, summaryOf } from "../mirroring/mirror-report.ts";
import { type LogPlace, logArgument } from "../reading/log-argument.ts";
import { type ReaderCommandOptions, type Reading, withReader } from "../reading/with-reader.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import { takesRecords } from "../remotes/ipns-records.ts";
import { closeRemotes, openTarget } from "../remotes/open-remotes.ts";
import type { OpenedTarget } from "../remotes/remote-kind.ts";
import { carPath } from "../remotes/schemes/car.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { printable } from "../terminal/terminal-text.ts";

/** Options of `rlog import`. */
export interface ImportCommandOptions extends ReaderCommandOptions {
  readonly to: string;
  /** Whether everything in the file is stored again, also what the target should have. */
  readonly whole?: boolean;
}

/**
 * Copies what is in a CAR file to a remote, and then sets the name there. What the remote has already may be missing in the file.
 *
 * @param log - which log it must be; default: the one in the file
 * @throws CommandError `ERR_INCOMPLETE` if both together do not have everything; the name is left as it was
 */
export async function importCar(
  invocation: Invocation,
  file: string,
  log: string | undefined,
  options: ImportCommandOptions,
): Promise<void> {
  const path = carPath(file);
  const { logId, floor } = await logArgument(invocation, log ?? file, { ...options, remote: [file] });
  const place: LogPlace = { logId, remotes: [givenRemote(file)], ...(floor && { floor }) };
  const target = givenRemote(options.to);
  const reading = { ...options, state: false, sealed: true, alone: true };
  // What the target holds is compared with the file, so no state of a reader is needed.
  const take = async ({ remotes, onRetry, counted: countedOf }: Reading): Promise<void> => {
    const to = { ...(await openTarget(target, undefined)), label: target.label };
    try {
      await takeIn(invocation, { to, file: countedOf(remotes[0]!), place, onRetry }, { ...options, path });
    } finally {
      await closeRemotes([to]);
    }
  };
  await withReader(invocation, place, reading, take, [target]);
}

interface Importing {
  readonly to: OpenedTarget & { readonly label: string };
  readonly file: Remote;
  readonly place: LogPlace;
  readonly onRetry: Reading["onRetry"];
}

async function takeIn(
  invocation: Invocation,
  { to, file, place, onRetry }: Importing,
  { whole, json, path }: ImportCommandOptions & { readonly path: string },
): Promise<void> {
  const { logId } = place;
  const { signal } = invocation;
  // The target has what an earlier file brought.
  const names = to.unnamed === undefined && !takesRecords(to.names) ? to.names : undefined;
  const there = names && (await headOn({ ...to, names }, logId, signal));
  const remotes = [file, ...(names && there ? [{ ...to, names }] : [])];
  const reader: Reader = await openReader({
    logId,
    remotes,
    withoutKey: "sealed",
    ...(place.floor && { floor: place.floor }),
  });
  try {
    const copy = (parts: object): Promise<MirrorResult> =>
      invocation.withProgress("import", (bar) =>
        mirrorLog({
          reader,
          to: { storage: to.storage, label: to.label },
          signal,
          onProgress: ({ entries, size }) => bar.update(entries, size),
          onRetry,
          ...parts,
        }),
      );
    const known = whole === true ? undefined : there;
    // First everything below the head, so that the name never leads to what is not there.
    const result = await copy({ known, storeHead: names === undefined });
    if (result.missingEntries > 0) {
      for (const line of missingLines(result)) await invocation.warn(line);
      throw incompleteFile(result, path, to.label);
    }
    const named = names && (await copy({ to: { ...to, names }, known: result.head }));
    const name = reportOf(named?.name, to.unnamed);
    await invocation.out.write(
      json === true
        ? `${jsonOf(result, logId, to.label, name)}\n`
        : `${summaryOf(result, to.label, name).replace("mirrored", "imported")}\n`,
    );
  } finally {
    await reader.close();
  }
}

/** The head that a remote shows of a log; `undefined` if it shows none. */
async function headOn(remote: Remote, logId: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const found = await remote.names.resolve(remote.name ?? logId, { signal });
  if (found.status !== "found" || logIdIn(found.content) === undefined) return undefined;
  const reader = await openReader({ logId, remotes: [remote], withoutKey: "sealed" });
  try {
    await reader.sync({ signal });
    return reader.head;
  } finally {
    await reader.close();
  }
}

function reportOf(name: MirrorResult["name"], unnamed: string | undefined): NameReport {
  if (name === "updated") return { status: name, text: "the name was set" };
  if (name === "current") return { status: name, text: "the name already showed that" };
  if (name === "newer") return { status: name, text: "the name shows a newer state and was not changed" };
  return { status: "unset", text: unnamed ?? "the name was not set there: only the log's writer can" };
}

function incompleteFile({ missingEntries, size }: MirrorResult, path: string, label: string): CommandError {
  return new CommandError(
    "ERR_INCOMPLETE",
    `Of ${counted(size, "entry", "entries")}, ${missingEntries} ${missingEntries === 1 ? "is" : "are"} neither in ${printable(path)} nor at ${printable(label)}. What is in the ` +
      "file was stored, and the name was not changed. If the file holds what is new since an earlier one, import that first.",
    exitCodes.tryAgain,
  );
}
