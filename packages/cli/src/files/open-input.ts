// Opens the input of `rlog append` so that a signal can always end it.

import { closeSync, constants, createReadStream, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";

/**
 * Opens a file, a device or a named pipe for reading. Of a pipe, it waits for a writer without holding up the process: a thread
 * that is blocked in `open` would outlast even `process.exit`.
 *
 * @throws an error of the system, such as `ENOENT`
 */
export function openInput(path: string): NodeJS.ReadableStream {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const entry = fstatSync(fd);
  if (entry.isFIFO()) return new Socket({ fd, readable: true, writable: false });
  if (entry.isFile()) return createReadStream(path, { fd });
  // A terminal answers nothing at once if it was opened so.
  closeSync(fd);
  return createReadStream(path);
}
