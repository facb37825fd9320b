// The last lines of a log, for messages.

import { open } from "node:fs/promises";

const MOST_BYTES = 4096;
const MOST_LINES = 20;

/**
 * Reads the last lines of a file: at most 20, of at most 4 KiB together.
 *
 * @returns the lines without the last line end; empty if there is no such file
 */
export async function lastLines(path: string): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, MOST_BYTES);
    const { buffer, bytesRead } = await file.read({
      buffer: new Uint8Array(length),
      position: size - length,
    });
    const text = new TextDecoder().decode(buffer.subarray(0, bytesRead)).trimEnd();
    return text.split("\n").slice(-MOST_LINES).join("\n");
  } finally {
    await file.close();
  }
}
