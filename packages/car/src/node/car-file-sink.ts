// Writes a CAR file of the system: whole and durable, or not there.

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { concatBytes } from "@remote-log/core/adapter";
import type { CarSink } from "../sink.ts";
import { errnoOf, fromErrno } from "./errors.ts";

/** Small blocks are written together, up to this many bytes. */
const PIECE = 262_144;

/** Filesystems that can't make a folder durable say so. */
const NO_FOLDER_SYNC: ReadonlySet<string | undefined> = new Set([
  "EINVAL",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EPERM",
]);

/**
 * Where `exportCar` writes a CAR file of the system. The file is written beside its place, under another name, made durable, and then put
 * there in one step: at every moment there is the former file or the whole new one.
 *
 * @throws DeniedError `ERR_DENIED`, UnreachableError `ERR_UNREACHABLE` and others if nothing can be written there
 *
 * @example
 * ```ts
 * import type { Reader } from "@remote-log/core";
 * import { exportCar } from "@remote-log/car";
 * import { carFileSink } from "@remote-log/car/node";
 *
 * export async function save(reader: Reader): Promise<void> {
 *   await exportCar({ reader, to: await carFileSink("/media/stick/log.car") });
 * }
 * ```
 */
export async function carFileSink(path: string): Promise<CarSink> {
  const place = resolve(path);
  const context = { operation: "car.export", action: `writing ${path}` };
  const temporary = join(dirname(place), `.${basename(place)}.${randomBytes(8).toString("hex")}.part`);
  const asked = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw fromErrno(error, context);
    });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const handle = await asked(open(temporary, flags, 0o666));
  return new FileSink(handle, { place, temporary, asked });
}

interface Place {
  readonly place: string;
  readonly temporary: string;
  readonly asked: <T>(work: Promise<T>) => Promise<T>;
}

class FileSink implements CarSink {
  readonly #handle: FileHandle;
  readonly #place: Place;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #at = 0;

  constructor(handle: FileHandle, place: Place) {
    this.#handle = handle;
    this.#place = place;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PIECE) await this.#place.asked(this.#flush());
  }

  async finish(header: Uint8Array): Promise<void> {
    await this.#place.asked(this.#finish(header));
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await unlink(this.#place.temporary).catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const bytes = concatBytes(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    await this.#writeAt(bytes, this.#at);
    this.#at += bytes.length;
  }

  async #writeAt(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  }

  async #finish(header: Uint8Array): Promise<void> {
    await this.#flush();
    await this.#writeAt(header, 0);
    await this.#handle.sync();
    await this.#handle.close();
    const { place, temporary } = this.#place;
    await rename(temporary, place);
    const folder = await open(dirname(place), constants.O_RDONLY);
    try {
      await folder.sync();
    } catch (error) {
      if (!NO_FOLDER_SYNC.has(errnoOf(error))) throw error;
    } finally {
      await folder.close();
    }
  }
}
