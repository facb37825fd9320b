// Small text files, read up to a limit: a file may be a device that never ends.

import { createReadStream } from "node:fs";

/** A file has more bytes than it may have. */
export class FileTooLarge extends Error {
  override readonly name = "FileTooLarge";
}

/**
 * Reads a text file in UTF-8. It stops at the first byte past the limit.
 *
 * @param limit - the most bytes that it may have
 * @throws FileTooLarge if it has more
 * @throws the error of the system, such as `ENOENT`
 */
export async function readTextFile(path: string, limit: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  // `end` is the last byte that is read: one more than may be there.
  for await (const piece of createReadStream(path, { end: limit })) pieces.push(piece as Uint8Array);
  const bytes = Buffer.concat(pieces);
  if (bytes.length > limit) throw new FileTooLarge(`it has more than ${limit} bytes`);
  return bytes.toString("utf8");
}
