// How entries are written to standard output.

import type { Entry } from "@remote-log/core";
import type { Invocation } from "../terminal/invocation.ts";
import { jsonText, terminalText } from "../terminal/terminal-text.ts";
import type { Reading } from "./with-reader.ts";

/** An entry as it is written. */
type WrittenEntry = Pick<Entry, "sequence" | "id" | "content">;

/** When an entry was received, in milliseconds since 1970; `undefined` if that is not known. */
type TimeOf = (sequence: number) => Promise<number | undefined>;

/**
 * When entries were received, if that is kept: without a state it would be another time at every run.
 *
 * @returns `undefined` without a state
 */
export function receivedTimes({ reader, state }: Pick<Reading, "reader" | "state">): TimeOf | undefined {
  return state && ((sequence) => reader.receivedAt(sequence));
}

/**
 * The same entries; where numbers are left out, because the writer removed these entries, a note says so.
 *
 * @param from - the number of the first that is asked for; `undefined` if that is not known
 */
export async function* notingGaps<T extends Pick<WrittenEntry, "sequence">>(
  invocation: Invocation,
  entries: AsyncIterable<T> | Iterable<T>,
  from?: number,
): AsyncGenerator<T, void, undefined> {
  let next = from;
  for await (const entry of entries) {
    const { sequence } = entry;
    if (next !== undefined && sequence > next) {
      const which = sequence === next + 1 ? `entry ${next}` : `entries ${next} to ${sequence - 1}`;
      await invocation.note(`The writer removed ${which}.`);
    }
    next = sequence + 1;
    yield entry;
  }
}

/**
 * Writes entries as they arrive: as bytes and a newline, or with `json` as one JSON object per line.
 *
 * @param timeOf - when an entry was received; `undefined` if that is not kept, or they are the writer's own, which nobody
 * received
 */
export async function writeEntries(
  invocation: Invocation,
  entries: AsyncIterable<WrittenEntry> | Iterable<WrittenEntry>,
  json: boolean,
  timeOf?: TimeOf,
): Promise<void> {
  for await (const entry of entries) {
    const line = json
      ? jsonLine(entry, await timeOf?.(entry.sequence))
      : plainLine(entry, invocation.out.isTerminal);
    await invocation.out.write(line);
  }
}

function jsonLine({ sequence, id, content }: WrittenEntry, time: number | undefined): string {
  const text = utf8(content);
  const line = {
    sequence,
    id: Buffer.from(id).toString("hex"),
    ...(time !== undefined && { receivedAt: new Date(time).toISOString() }),
    ...(text === undefined ? { contentBase64: Buffer.from(content).toString("base64") } : { content: text }),
  };
  return `${jsonText(line)}\n`;
}

function plainLine({ content }: WrittenEntry, terminal: boolean): string | Uint8Array {
  if (!terminal) return Buffer.concat([content, NEWLINE]);
  // Entries of other people must not send commands to this terminal.
  return `${terminalText(new TextDecoder().decode(content))}\n`;
}

const NEWLINE = Uint8Array.of(0x0a);

function utf8(content: Uint8Array): string | undefined {
  try {
    // A byte order mark at the beginning is content, too.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
