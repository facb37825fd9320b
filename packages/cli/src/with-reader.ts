import { join } from "node:path";
import { type Entry, ForkError, openReader, type Reader, type Remote } from "@remote-log/core";
import { Counts, countedRemote } from "./counting.ts";
import { writeForkFile } from "./fork-file.ts";
import type { Invocation } from "./invocation.ts";
import type { LogPlace } from "./log-place.ts";
import { defaultStateFolder, ReaderState } from "./reader-state.ts";
import { adviceOn, closeRemotes, openRemotes } from "./remotes.ts";
import { terminalText } from "./terminal-text.ts";

/** Options of every command that reads from remotes. */
export interface ReaderCommandOptions {
  readonly remote: readonly string[];
  /** A folder, or `false` for none. */
  readonly state?: string | boolean;
  readonly stats?: boolean;
  readonly poll?: number;
}

/** What a reading command works with. */
export interface Reading {
  readonly reader: Reader;
  /** The remotes as they were opened; what is asked of them directly is not counted. */
  readonly remotes: readonly Remote[];
  /** What is kept between runs; absent with `--no-state`. */
  readonly state: ReaderState | undefined;
  /** Counts what is asked of a remote, where `--stats` asks for it. */
  readonly counted: (remote: Remote) => Remote;
}

/** Opens a reader for one task, and closes everything afterwards. A fork that it finds goes to a file. */
export async function withReader<T>(
  invocation: Invocation,
  { logId, remotes: places, floor }: LogPlace,
  options: ReaderCommandOptions,
  task: (reading: Reading) => Promise<T>,
): Promise<T> {
  const counts = new Counts();
  const counted = (remote: Remote): Remote =>
    options.stats === true ? countedRemote(remote, counts) : remote;
  const opened = await openRemotes(places);
  const folder = stateFolder(logId, options);
  const state = folder === undefined ? undefined : await ReaderState.open(folder, invocation.signal);
  try {
    const reader = await openReader({
      logId,
      remotes: opened.map(counted),
      ...(floor && { floor }),
      ...(state && { store: state }),
      ...(options.poll !== undefined && { pollMilliseconds: options.poll * 1000 }),
    });
    try {
      return await task({ reader, remotes: opened, state, counted });
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof ForkError) {
      const file = await writeForkFile(folder ?? ".", logId, error.evidence);
      await invocation.warn(`rlog: the proof of the fork is in ${file}; rlog verify-fork checks it.`);
    }
    for (const advice of adviceOn(places, error)) await invocation.note(advice);
    throw error;
  } finally {
    await state?.close();
    await closeRemotes(opened);
    if (options.stats === true) await invocation.warn(`stats: ${counts}`);
  }
}

/** Where a reader's state is kept; `undefined` for none. */
function stateFolder(logId: string, { state }: ReaderCommandOptions): string | undefined {
  if (state === false) return undefined;
  return join(typeof state === "string" ? state : defaultStateFolder(), logId);
}

/** Writes entries as they come: as bytes and a newline, or with `json` as one JSON object a line. */
export async function writeEntries(
  invocation: Invocation,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  json: boolean,
): Promise<void> {
  for await (const entry of entries) {
    await invocation.out.write(json ? jsonLine(entry) : plainLine(entry, invocation.out.isTerminal));
  }
}

function jsonLine({ sequence, id, content }: Entry): string {
  const text = utf8(content);
  const line = {
    sequence,
    id: Buffer.from(id).toString("hex"),
    receivedAt: new Date().toISOString(),
    ...(text === undefined ? { contentBase64: Buffer.from(content).toString("base64") } : { content: text }),
  };
  return `${JSON.stringify(line)}\n`;
}

function plainLine({ content }: Entry, terminal: boolean): string | Uint8Array {
  if (!terminal) return Buffer.concat([content, NEWLINE]);
  // What somebody else wrote must not give commands to this terminal.
  return `${terminalText(new TextDecoder().decode(content))}\n`;
}

const NEWLINE = Uint8Array.of(0x0a);

function utf8(content: Uint8Array): string | undefined {
  try {
    // The mark at the beginning of some texts is content, too.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
