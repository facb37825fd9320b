// Objects that outlive the process: in memory, and in a folder from which the next start reads them.

import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerError } from "../server-error.ts";
import { S3Failure } from "./failure.ts";
import { ObjectStore, type StoredObject } from "./store.ts";

/** What a file says of its object, before the content. */
interface Description extends Omit<StoredObject, "content"> {
  readonly key: string;
}

/** The account of a folder: whoever starts a server on it again finds the same keys. */
export interface FolderAccount {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The folders that servers of this process use. */
const inUse = new Set<string>();

/** How many bytes of a file say how long its description is. */
const LENGTH_BYTES = 4;

/**
 * Objects in memory that are kept in a folder, too: `buckets/<bucket>/<SHA-256 of the key>`. A file arrives by one rename, so it is
 * whole or not there. One server at a time uses a folder.
 */
export class FolderStore extends ObjectStore {
  readonly #folder: string;
  #isLoading = true;

  /**
   * Reads what the folder holds, or makes it.
   *
   * @param maximumBytes - how much is kept at most
   * @throws ServerError `ERR_SERVER_START` if the folder can't be used
   */
  constructor(folder: string, maximumBytes: number) {
    super(maximumBytes);
    this.#folder = folder;
    try {
      mkdirSync(this.#buckets, { recursive: true });
      this.#lock();
    } catch (error) {
      throw error instanceof ServerError ? error : unusable(folder, error);
    }
    try {
      this.#load();
    } catch (error) {
      this.release();
      throw unusable(folder, error);
    }
    this.#isLoading = false;
  }

  /** The account that the folder has had since its first start. The file is for its owner alone. */
  account(make: () => FolderAccount): FolderAccount {
    const path = join(this.#folder, "account.json");
    try {
      return JSON.parse(readFileSync(path, "utf8")) as FolderAccount;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unusable(this.#folder, error);
    }
    const account = make();
    writeFileSync(path, JSON.stringify(account), { mode: 0o600 });
    return account;
  }

  override createBucket(bucket: string): boolean {
    const isNew = super.createBucket(bucket);
    if (isNew && !this.#isLoading)
      this.#keep(() => mkdirSync(join(this.#buckets, bucket), { recursive: true }));
    return isNew;
  }

  override deleteBucket(bucket: string): void {
    super.deleteBucket(bucket);
    this.#keep(() => rmSync(join(this.#buckets, bucket), { recursive: true, force: true }));
  }

  override write(bucket: string, key: string, object: StoredObject | undefined): void {
    const before = this.read(bucket, key).current;
    super.write(bucket, key, object);
    if (this.#isLoading) return;
    try {
      this.#keep(() => this.#writeFile(bucket, key, object));
    } catch (error) {
      // Nobody is told that an object is there that the next start would not find.
      super.write(bucket, key, before);
      throw error;
    }
  }

  /** Lets another server use the folder. */
  release(): void {
    inUse.delete(this.#folder);
    rmSync(this.#lockFile, { force: true });
  }

  get #buckets(): string {
    return join(this.#folder, "buckets");
  }

  get #lockFile(): string {
    return join(this.#folder, "process");
  }

  /** The file holds the number of the process that uses the folder; one that has ended uses nothing. */
  #lock(): void {
    for (let attempts = 0; attempts < 2; attempts++) {
      try {
        writeFileSync(this.#lockFile, `${process.pid}`, { flag: "wx" });
        inUse.add(this.#folder);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = Number(readFileSync(this.#lockFile, "utf8"));
      // In a container, a process has the number of the one before.
      if (holder === process.pid ? inUse.has(this.#folder) : isRunning(holder)) {
        const message = `The folder ${this.#folder} is used by another server, process ${holder}. End it, or give another folder.`;
        throw new ServerError("ERR_SERVER_START", message);
      }
      rmSync(this.#lockFile, { force: true });
    }
    throw new ServerError("ERR_SERVER_START", `The folder ${this.#folder} is being taken by another server.`);
  }

  #load(): void {
    for (const bucket of readdirSync(this.#buckets)) {
      this.createBucket(bucket);
      for (const name of readdirSync(join(this.#buckets, bucket))) {
        const path = join(this.#buckets, bucket, name);
        // What a process left that ended while it wrote.
        if (name.includes(".")) unlinkSync(path);
        else this.#read(bucket, readFileSync(path), path);
      }
    }
  }

  #read(bucket: string, file: Buffer, path: string): void {
    const length = file.length < LENGTH_BYTES ? 0 : file.readUInt32BE(0);
    const end = LENGTH_BYTES + length;
    if (length === 0 || file.length < end) throw new Error(`${path} is no object.`);
    const text = file.subarray(LENGTH_BYTES, end).toString();
    const { key, ...rest } = JSON.parse(text) as Description;
    this.write(bucket, key, { ...rest, content: new Uint8Array(file.subarray(end)) });
  }

  #writeFile(bucket: string, key: string, object: StoredObject | undefined): void {
    const path = join(this.#buckets, bucket, createHash("sha256").update(key).digest("hex"));
    if (object === undefined) {
      rmSync(path, { force: true });
      return;
    }
    const { content, ...rest } = object;
    const description = Buffer.from(JSON.stringify({ key, ...rest } satisfies Description));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(description.length);
    const unfinished = `${path}.${randomUUID()}`;
    writeFileSync(unfinished, Buffer.concat([length, description, content]));
    renameSync(unfinished, path);
  }

  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code === "ENOSPC" || code === "EDQUOT")
        throw new S3Failure(507, "QuotaExceeded", "The disk of the server is full.");
      throw new S3Failure(500, "InternalError", `The server can't keep it (${code}).`);
    }
  }
}

function isRunning(process_: number): boolean {
  if (!Number.isInteger(process_) || process_ <= 0) return false;
  try {
    return process.kill(process_, 0);
  } catch (error) {
    // Not ours to signal, but there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function unusable(folder: string, cause: unknown): ServerError {
  const why = (cause as Error).message;
  return new ServerError("ERR_SERVER_START", `The folder ${folder} can't be used for objects: ${why}`, {
    cause,
  });
}
