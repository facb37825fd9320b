// How entries are written to standard output.

import type { Entry } from "@remote-log/core";
import type { Invocation } from "../terminal/invocation.ts";
import { jsonText, terminalText } from "../terminal/terminal-text.ts";

/** An entry as it is written. */
type WrittenEntry = Pick<Entry, "sequence" | "id" | "content">;

/**
 * Writes entries as they arrive: as bytes and a newline, or with `json` as one JSON object per line.
 *
 * @param own - whether they are the writer's own, from this device: then there is no time at which they were received
 */
export async function writeEntries(
  invocation: Invocation,
  entries: AsyncIterable<WrittenEntry> | Iterable<WrittenEntry>,
  json: boolean,
  own = false,
): Promise<void> {
  for await (const entry of entries) {
    await invocation.out.write(json ? jsonLine(entry, own) : plainLine(entry, invocation.out.isTerminal));
  }
}

function jsonLine({ sequence, id, content }: WrittenEntry, own: boolean): string {
  const text = utf8(content);
  const line = {
    sequence,
    id: Buffer.from(id).toString("hex"),
    ...(!own && { receivedAt: new Date().toISOString() }),
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
