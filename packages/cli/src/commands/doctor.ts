// `rlog doctor`: examines the remotes of a log, and reports what needs care.

import { compareRemotes } from "../doctor/compare-remotes.ts";
import { type Examination, examineRemote } from "../doctor/examine-remote.ts";
import { judged } from "../doctor/judged.ts";
import { jsonReport, textReport } from "../doctor/report.ts";
import { CommandError, codeOf, usageError } from "../errors/command-error.ts";
import { exitCodes } from "../errors/exit-codes.ts";
import { type LogOptions, logArgument } from "../reading/log-argument.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { counted } from "../terminal/counted.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { readWriterFolder, viewWriterFolder } from "../writing/writer-folder.ts";

/** Options of `rlog doctor`. */
export interface DoctorOptions extends LogOptions {
  readonly dir: string;
  readonly json?: boolean;
  readonly whole?: boolean;
  /** Where the passphrase of the seed is. */
  readonly passphraseFile?: string;
}

/** What to examine. */
interface Patient {
  readonly examination: Omit<Examination, "signal" | "context" | "whole">;
  readonly remotes: readonly (Pick<Examination, "context"> & { readonly place: RemotePlace })[];
  /** The number of entries that are known to be published. */
  readonly published: number;
  /** Whether it is the log of a writer's folder. */
  readonly own: boolean;
}

/**
 * Examines the remotes of a log, side by side, and reports what needs care before it is too late. Changes nothing.
 *
 * @param log - a log id or a link; `undefined` for the log of the writer's folder
 * @throws CommandError `ERR_NEEDS_CARE` (exit code 5) if something was found
 */
export async function doctor(
  invocation: Invocation,
  log: string | undefined,
  options: DoctorOptions,
): Promise<void> {
  const { signal } = invocation;
  const { whole = false } = options;
  const { examination, remotes, published, own } =
    log === undefined ? await ownLog(invocation, options) : await givenLog(invocation, log, options);
  const examined = await Promise.all(
    remotes.map(({ place, context }) => examineRemote(place, { ...examination, context, signal, whole })),
  );
  const showing = examined.flatMap(({ place, size }, i) =>
    size === undefined ? [] : [{ place, context: remotes[i]!.context, size }],
  );
  const relations = await compareRemotes(examination.logId, showing, signal);
  const newest = Math.max(published, relations.newest ?? Math.max(0, ...showing.map(({ size }) => size)));
  const results = examined.map((one) => judged(one, { newest, own, relations }));
  const { logId } = examination;
  await invocation.out.write(
    options.json === true ? jsonReport(logId, newest, results) : textReport(logId, newest, results),
  );
  const ill = results.filter(({ findings }) => findings.length > 0);
  if (ill.length === 0) return;
  const labels = ill.map(({ place }) => place.label).join(", ");
  throw new CommandError(
    "ERR_NEEDS_CARE",
    `${ill.length} of ${counted(results.length, "remote")} ${ill.length === 1 ? "needs" : "need"} care: ${labels}.`,
    exitCodes.needsCare,
  );
}

async function givenLog(invocation: Invocation, log: string, options: DoctorOptions): Promise<Patient> {
  const { logId, remotes, floor } = await logArgument(invocation, log, options);
  return {
    examination: { logId, ...(floor && { floor }) },
    remotes: remotes.map((place) => ({ place, context: { logId } })),
    published: floor?.size ?? 0,
    own: false,
  };
}

async function ownLog(invocation: Invocation, { dir, remote, ...options }: DoctorOptions): Promise<Patient> {
  const seeds = FolderSeeds.of(invocation, options);
  const { config, context } = await readWriterFolder(dir, seeds);
  const { logId } = config;
  const given = remote.map(givenRemote);
  const further = given.filter(({ uri }) => config.remotes.every((own) => own.uri !== uri));
  const remotes = [
    ...config.remotes.map((place) => ({ place, context })),
    ...further.map((place) => ({ place, context: { logId } })),
  ];
  if (remotes.length === 0)
    throw usageError("The log has no remote to examine: add one first, with rlog remote add.");
  return {
    examination: { logId },
    remotes,
    published: await publishedHere(dir, { signal: invocation.signal, seeds }),
    own: true,
  };
}

// What the journal knows, also while a writer holds it. Nothing if a remote can't be opened, which is a finding already.
async function publishedHere(
  dir: string,
  options: { readonly signal: AbortSignal; readonly seeds: FolderSeeds },
): Promise<number> {
  try {
    return await viewWriterFolder(dir, options, async (writer) =>
      Math.max(0, ...writer.status().remotes.map(({ published }) => published)),
    );
  } catch (error) {
    if (["ERR_USAGE", "ERR_INVALID_INPUT"].includes(codeOf(error) ?? "")) return 0;
    throw error;
  }
}
