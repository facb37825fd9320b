import { join } from "node:path";
import { type Entry, ForkError, openReader, type Reader, type Remote } from "@remote-log/core";
import { Counts, countedRemote } from "./counting.ts";
import { usageError } from "./failure.ts";
import { writeForkFile } from "./fork-file.ts";
import type { Invocation } from "./invocation.ts";
import { defaultStateFolder, ReaderState } from "./reader-state.ts";
import { closeRemotes, openRemotes, parseRemote } from "./remotes.ts";
import { terminalText } from "./terminal-text.ts";

/** Options of every command that reads from remotes. */
export interface ReaderCommandOptions {
  readonly remote: readonly string[];
  /** A folder, or `false` for none. */
  readonly state?: string | boolean;
  readonly stats?: boolean;
  readonly poll?: number;
}

/** Opens a reader for one task, and closes everything afterwards. A fork that it finds goes to a file. */
export async function withReader<T>(
  invocation: Invocation,
  logId: string,
  options: ReaderCommandOptions,
  task: (reader: Reader, remotes: readonly Remote[]) => Promise<T>,
): Promise<T> {
  if (options.remote.length === 0) throw usageError("Say where to read from, with --remote URI.");
  if (!/^[0-9a-f]{64}$/.test(logId)) {
    throw usageError("A log id is 64 lower-case hexadecimal digits, as rlog init and rlog status print it.");
  }
  const counts = new Counts();
  const opened = await openRemotes(options.remote.map(parseRemote));
  const remotes = options.stats === true ? opened.map((one) => countedRemote(one, counts)) : opened;
  const folder = stateFolder(logId, options);
  const state = folder === undefined ? undefined : await ReaderState.open(folder, invocation.signal);
  try {
    const reader = await openReader({
      logId,
      remotes,
      ...(state && { store: state }),
      ...(options.poll !== undefined && { pollMilliseconds: options.poll * 1000 }),
    });
    try {
      return await task(reader, remotes);
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof ForkError) {
      const file = await writeForkFile(folder ?? ".", logId, error.evidence);
      await invocation.warn(`rlog: the proof of the fork is in ${file}; rlog verify-fork checks it.`);
    }
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
