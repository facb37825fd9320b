// Reads the files that are named on the command line, and those of the writer's folder: no more than they may hold.

import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** A file that is there and can't be used. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
}

/**
 * Reads a regular file as text. Does not wait for the other end of a pipe, and takes at most one byte past the limit,
 * whatever the size of the file says or becomes.
 *
 * @param limit - the most bytes that it may hold
 * @throws UnusableFile if it holds more, or is a folder, a device, a pipe or a socket; its message is a clause
 * @throws an error of the system, such as `ENOENT`
 */
export async function readText(path: string, limit: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new UnusableFile("it is no regular file");
    // As much as it says that it holds, and one more: it may have grown since.
    let bytes = new Uint8Array(Math.min(found.size, limit) + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      length += bytesRead;
      if (length > limit) throw new UnusableFile(`it holds more than ${limit} bytes`);
      if (bytesRead === 0) return new TextDecoder().decode(bytes.subarray(0, length));
      if (length < bytes.length) continue;
      const larger = new Uint8Array(Math.min(2 * length, limit) + 1);
      larger.set(bytes);
      bytes = larger;
    }
  } finally {
    await file.close();
  }
}
