// Reads a CAR file of the system.

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { IntegrityError } from "@remote-log/core";
import type { CarBytes, CarFile } from "../car-bytes.ts";
import { fromErrno } from "./errors.ts";

/**
 * A CAR file of the system, for `carRemote`. It is opened at the first read, and parts of it are read: it may be larger than memory.
 *
 * @param path - a relative one counts from the working folder at the first read
 *
 * @example
 * ```ts
 * import { carRemote } from "@remote-log/car";
 * import { carFile } from "@remote-log/car/node";
 *
 * const remote = carRemote({ file: carFile("/media/stick/log.car") });
 * ```
 */
export function carFile(path: string): CarFile {
  return { place: path, open: () => openFile(path) };
}

async function openFile(path: string): Promise<CarBytes> {
  const context = { operation: "car.open", action: `opening ${path}` };
  // A pipe would be waited for without end.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch((error: unknown) => {
    throw fromErrno(error, context);
  });
  try {
    const entry = await handle.stat();
    if (!entry.isFile())
      throw new IntegrityError(`${path} is no regular file.`, { operation: context.operation });
    return {
      size: entry.size,
      read: async (offset, length) => {
        const bytes = new Uint8Array(length);
        let at = 0;
        while (at < length) {
          const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
          if (bytesRead === 0) break;
          at += bytesRead;
        }
        return bytes.subarray(0, at);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw fromErrno(error, context);
  }
}
