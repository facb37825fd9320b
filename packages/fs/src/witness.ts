// The witness of a journal: a small file beside the journal's database that states how much was acknowledged.
//
// A statement is written before `append` resolves, so it survives the end of the process, `kill -9` included. It is synced
// within 50 milliseconds, by one fdatasync for all statements of that time, and when the file is closed. Why not before each
// acknowledgement: the database was synced a moment ago, and a second sync after it would make single appends take 1.7 times as
// long (measured); even side by side with the database's own the two wait for each other on the same disk. So a power cut can set
// the witness back by the acknowledgements of its last moments, never forward: the database is durable before the witness
// states it. What was acknowledged then is as durable as the database makes it; only if the database loses it in that very power
// cut, although it was synced, does the witness not tell.
//
// The file has three slots, each a block of its own with a number, a statement and a hash. One holds what was synced last, one is
// being synced, and one takes new statements, so a write that a power cut tears damages none that matters. Nothing in the
// file changes its length: a full disk does not stop it.

import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { constants, type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { JournalCorruptError, type JournalWitness } from "@remote-log/core";
import { whenFilesAreFree } from "./descriptors.ts";

/** Bytes of a slot: a block of its own, so that no write touches two slots. */
const SLOT_BYTES = 4096;
/** Bytes of a slot that are used. */
const WRITTEN_BYTES = 1024;
/** Bytes in which the lines before the statement fit. */
const LONGEST_HEADER = 64;
const HASH_DIGITS = 64;
const SLOTS = 3;
/** The longest statement, in bytes. */
const LARGEST_STATEMENT = 512;
/** How long a statement may wait to be synced, in milliseconds. */
const SYNC_MILLISECONDS = 50;
const TITLE = "remote-log witness 1";

/**
 * The witness of a journal in a file. Keep it beside the journal's folder, on the same disk, and back both up together.
 *
 * @param path - the file; made when there is something to state
 *
 * @example
 * ```ts
 * import { openWriter } from "@remote-log/core";
 * import { fileWitness, loadOrCreateSeed } from "@remote-log/fs";
 * import { ClassicLevel } from "classic-level";
 *
 * const writer = await openWriter({
 *   seed: await loadOrCreateSeed("log.seed"),
 *   journal: new ClassicLevel("journal"),
 *   witness: fileWitness("journal.witness"), // beside it
 * });
 * await writer.append(new TextEncoder().encode("hello"));
 * await writer.close();
 * ```
 */
export function fileWitness(path: string): JournalWitness {
  return new FileWitness(path);
}

class FileWitness implements JournalWitness {
  readonly #path: string;
  #file: FileHandle | undefined;
  #number = 0;
  /** The slot that takes statements. */
  #current = 0;
  /** The slot that holds what was synced last. */
  #synced = 0;
  #dirty = false;
  #syncing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failure: Error | undefined;
  /** The slot that was made last. */
  #prepared: Uint8Array | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<Uint8Array | undefined> {
    await this.close();
    let file: FileHandle;
    try {
      const flags = constants.O_RDWR | constants.O_NOFOLLOW;
      file = await whenFilesAreFree(undefined, () => open(this.#path, flags));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    let newest:
      | { readonly number: number; readonly statement: Uint8Array; readonly slot: number }
      | undefined;
    try {
      const bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
      await file.read(bytes, 0, bytes.length, 0);
      for (let slot = 0; slot < SLOTS; slot++) {
        const read = readSlot(bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES));
        if (read !== undefined && read.number > (newest?.number ?? 0)) newest = { ...read, slot };
      }
      if (newest === undefined) throw damaged(this.#path);
      // What the last process did not sync may not be on disk yet.
      await file.datasync();
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    this.#number = newest.number;
    this.#synced = newest.slot;
    this.#current = (newest.slot + 1) % SLOTS;
    return newest.statement;
  }

  prepare(statement: Uint8Array): Uint8Array {
    if (statement.length > LARGEST_STATEMENT)
      throw new RangeError(`A statement has at most ${LARGEST_STATEMENT} bytes.`);
    this.#prepared = slotOf(++this.#number, statement);
    return this.#prepared;
  }

  save(statement: Uint8Array): void | Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const slot = statement === this.#prepared ? statement : this.prepare(statement);
    if (this.#file === undefined) return this.#create(slot);
    // Into the memory of the system, which takes some microseconds: handing it to another thread would take longer.
    const written = writeSync(this.#file.fd, slot, 0, WRITTEN_BYTES, this.#current * SLOT_BYTES);
    if (written < WRITTEN_BYTES) throw new Error(`Only ${written} bytes of a statement were written.`);
    this.#dirty = true;
    this.#timer ??= setTimeout(() => void this.#sync(), SYNC_MILLISECONDS);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#syncing;
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      if (this.#dirty) await file.datasync();
      this.#dirty = false;
    } finally {
      await file.close();
    }
  }

  async #create(slot: Uint8Array): Promise<void> {
    // Whole and durable under its name, or not there: a witness that is half there would look damaged.
    const temporary = `${this.#path}.${process.pid}.new`;
    await rm(temporary, { force: true });
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await whenFilesAreFree(undefined, () => open(temporary, flags, 0o600));
    try {
      const bytes = new Uint8Array(SLOTS * SLOT_BYTES);
      bytes.set(slot);
      await file.write(bytes, 0, bytes.length, 0);
      await file.sync();
      await rename(temporary, this.#path);
      const above = constants.O_RDONLY | constants.O_DIRECTORY;
      const folder = await whenFilesAreFree(undefined, () => open(dirname(this.#path), above));
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    this.#synced = 0;
    this.#current = 1;
  }

  async #sync(): Promise<void> {
    this.#timer = undefined;
    const file = this.#file;
    if (file === undefined || this.#syncing !== undefined) return;
    const slot = this.#current;
    this.#current = SLOTS - this.#synced - slot;
    this.#dirty = false;
    this.#syncing = file.datasync().then(
      () => {
        this.#synced = slot;
      },
      // After a failed sync nothing that the system shows proves anything: the next statement fails.
      (error: unknown) => {
        this.#failure = error instanceof Error ? error : new Error(String(error));
      },
    );
    await this.#syncing;
    this.#syncing = undefined;
    // What came meanwhile.
    if (this.#dirty) this.#timer ??= setTimeout(() => void this.#sync(), SYNC_MILLISECONDS);
  }
}

// What a slot holds: three lines and the hash of them, then line ends. A statement without line ends is there as it is, so that
// people can read it.
function slotOf(number: number, statement: Uint8Array): Buffer {
  const slot = Buffer.alloc(WRITTEN_BYTES, "\n");
  let end = slot.write(`${TITLE}\n${number}\n${statement.length}\n`, 0, "latin1");
  slot.set(statement, end);
  end += statement.length;
  slot.write(`\n${hashOf(slot.subarray(0, end))}`, end, "latin1");
  return slot;
}

function readSlot(slot: Buffer): { readonly number: number; readonly statement: Uint8Array } | undefined {
  const [title, number, length] = slot.toString("latin1", 0, LONGEST_HEADER).split("\n", 3);
  if (title !== TITLE || number === undefined || length === undefined) return undefined;
  const start = title.length + number.length + length.length + 3;
  const end = start + Number(length);
  if (!(end <= start + LARGEST_STATEMENT)) return undefined;
  const hash = slot.toString("latin1", end + 1, end + 1 + HASH_DIGITS);
  if (hash !== hashOf(slot.subarray(0, end))) return undefined;
  return { number: Number(number), statement: new Uint8Array(slot.subarray(start, end)) };
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function damaged(path: string): JournalCorruptError {
  return new JournalCorruptError(
    `The journal's witness ${path}, which states how many entries were acknowledged, is damaged. Nothing was written. Open the ` +
      "writer with `forRecovery` and call recover(): it compares the journal with the remotes, and renews the witness.",
    { operation: "journal.open", reason: "witness" },
  );
}
