// `rlog remote add`, `rlog remote list`, `rlog remote remove`: the remotes of a log, in `config.json`.

import { requireHolders } from "../checking/require-holders.ts";
import { codeOf, usageError } from "../errors/command-error.ts";
import { givenRemote } from "../remotes/given-remote.ts";
import { closeRemotes, openRemotes } from "../remotes/open-remotes.ts";
import type { RemotePlace } from "../remotes/remote-place.ts";
import { shownUri } from "../remotes/shown-uri.ts";
import type { Invocation } from "../terminal/invocation.ts";
import { jsonText, printable } from "../terminal/terminal-text.ts";
import { FolderSeeds } from "../writing/folder-seed.ts";
import { inTurn, WAIT_SECONDS } from "../writing/journal-lock.ts";
import type { WriterCommandOptions } from "../writing/with-writer.ts";
import { checkCopies, readConfig, writeConfig } from "../writing/writer-config.ts";
import { contextOf, useWriterFolder } from "../writing/writer-folder.ts";

/** Options of `rlog remote list`. */
export interface RemoteListOptions {
  readonly dir: string;
  readonly json?: boolean;
}

/** Options of `rlog remote remove`. */
export interface RemoteRemoveOptions extends WriterCommandOptions {
  /** How many other remotes must hold everything. Default: none. */
  readonly after?: number;
}

/** Adds a remote to a log. Makes no request. */
export async function addRemote(
  invocation: Invocation,
  text: string,
  options: WriterCommandOptions,
): Promise<void> {
  const { dir } = options;
  const seeds = FolderSeeds.of(invocation, options);
  const place = givenRemote(text);
  const { logId } = await readConfig(dir);
  // What can't be opened is refused before anything is written.
  await closeRemotes(await openRemotes([place], contextOf(await seeds.read(dir), logId)));
  const waiting = waitingOf(invocation, options);
  const add = (): Promise<void> => addTo(dir, place);
  try {
    await useWriterFolder(dir, { waiting, seeds, remotes: false }, add);
  } catch (error) {
    // A log whose journal is damaged needs a remote that has what is missing.
    if (codeOf(error) !== "ERR_JOURNAL_CORRUPT") throw error;
    await inTurn(dir, waiting, add);
  }
  await invocation.note(`Added ${shownPlace(place)}. rlog publish sends it everything.`);
}

async function addTo(dir: string, place: RemotePlace): Promise<void> {
  const config = await readConfig(dir);
  for (const { label, uri } of config.remotes) {
    if (label === place.label)
      throw usageError(`The log has a remote called ${label} already. Give another label: LABEL=URI.`);
    if (uri === place.uri) throw usageError(`The log has this remote already: it is called ${label}.`);
  }
  await writeConfig(dir, { ...config, remotes: [...config.remotes, place] });
}

/** Lists the remotes of a log. Makes no request, and works beside a running writer. */
export async function listRemotes(invocation: Invocation, { dir, json }: RemoteListOptions): Promise<void> {
  const { remotes } = await readConfig(dir);
  const lines = remotes.map(({ label, uri }) =>
    json === true ? jsonText({ label, uri: shownUri(uri) }) : printable(`${label} ${shownUri(uri)}`),
  );
  await invocation.out.write(lines.map((line) => `${line}\n`).join(""));
  if (remotes.length === 0) await invocation.note("The log has no remote: add one with rlog remote add.");
}

/**
 * Removes a remote, by its label or as it was added, and what the journal knows of it. What is stored there stays.
 *
 * @throws CommandError `ERR_NEEDS_CARE` (exit code 5) if fewer other remotes than `after` says hold everything
 */
export async function removeRemote(
  invocation: Invocation,
  text: string,
  options: RemoteRemoveOptions,
): Promise<void> {
  const { dir, after = 0 } = options;
  const waiting = waitingOf(invocation, options);
  const seeds = FolderSeeds.of(invocation, options);
  const removed = await useWriterFolder(dir, { waiting, seeds, remotes: false }, async (writer, config) => {
    const place = config.remotes.find(({ label }) => label === text) ?? sameUri(config.remotes, text);
    if (place === undefined) {
      const labels = config.remotes.map((one) => one.label).join(", ") || "none";
      throw usageError(`The log has no remote called ${printable(text)}. It has: ${labels}.`);
    }
    const others = config.remotes.filter((one) => one !== place);
    const left = { ...config, remotes: others };
    checkCopies(left);
    if (after > 0) await requireHolders(invocation, { writer, remotes: others, after, seeds, dir });
    await writer.forgetRemote(place.label);
    await writeConfig(dir, left);
    return place;
  });
  await invocation.note(`Removed ${shownPlace(removed)}. What is stored there was not deleted.`);
}

function sameUri(remotes: readonly RemotePlace[], text: string): RemotePlace | undefined {
  try {
    const { uri } = givenRemote(text);
    return remotes.find((one) => one.uri === uri);
  } catch (error) {
    // It is a label that the log does not have.
    if (codeOf(error) !== "ERR_USAGE") throw error;
    return undefined;
  }
}

function waitingOf(
  { signal }: Invocation,
  { wait: seconds = WAIT_SECONDS }: WriterCommandOptions,
): { readonly seconds: number; readonly signal: AbortSignal } {
  return { seconds, signal };
}

function shownPlace({ label, uri }: RemotePlace): string {
  return `${label} (${shownUri(uri)})`;
}
