// The reader's state: what was verified, and cursors, kept between runs and shared by processes.

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import {
  databaseReaderStore,
  hasCode,
  type KeyValueDatabase,
  type OperationOptions,
  type ReaderStore,
} from "@remote-log/core";
import { anySignal, delay, Semaphore, withDeadline } from "@remote-log/core/adapter";
import { CommandError } from "../errors/command-error.ts";
import { makeFolder } from "../files/make-folder.ts";
import { LostWrites, openCounted } from "./counted-database.ts";

/** How long the state stays open after its last use, in milliseconds. */
const IDLE = 20;
/** How long it stays open at most while it is used again and again, in milliseconds: others wait for it. */
const LONGEST_HOLD = 500;
/** How long to wait before it is opened again after that, in milliseconds: longer than others wait between two tries. */
const YIELD = 40;
/** How long to wait for another process that uses the state, in milliseconds. */
const PATIENCE = 10_000;

/** The folder that holds the states of all logs, unless `--state` names another. */
export function defaultStateFolder(): string {
  const given = process.env["RLOG_STATE"];
  if (given !== undefined && given !== "") return given;
  // The XDG Base Directory Specification says to ignore relative paths.
  const base = process.env["XDG_STATE_HOME"];
  if (base !== undefined && isAbsolute(base)) return join(base, "rlog");
  return join(homedir(), ".local", "state", "rlog");
}

/**
 * What readers of a log keep between runs. Several processes can share it: each opens the database only while it uses it, and
 * nobody else can open it meanwhile. The system takes the lock from a process that was killed, and LevelDB does each write as
 * a whole or not at all.
 */
export class ReaderState implements ReaderStore {
  readonly #path: string;
  readonly #signal: AbortSignal;
  // One use at a time, so that no use closes the database under another.
  readonly #turn = new Semaphore(1);
  #database: KeyValueDatabase | undefined;
  #openedAt = 0;
  #yields = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  private constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  /** Opens the state in a folder. Creates the folder if it is missing. */
  static async open(folder: string, signal: AbortSignal): Promise<ReaderState> {
    const path = join(folder, "state");
    try {
      await makeFolder(folder, 0o700);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw unusable(path, `its folder can't be made (${why})`, cause);
    }
    return new ReaderState(path, signal);
  }

  /** The value under a key. */
  get(key: string, options?: OperationOptions): Promise<Uint8Array | undefined> {
    return this.#use(options, (store) => store.get(key));
  }

  /** Sets a value. It is durable when this resolves. */
  put(key: string, value: Uint8Array, options?: OperationOptions): Promise<void> {
    const copy = new Uint8Array(value);
    return this.#use(options, (store) => store.put(key, copy));
  }

  /** Sets a value if the key holds the expected one, in one step for all processes. It is durable when this resolves. */
  compareAndSet(
    key: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: OperationOptions,
  ): Promise<boolean> {
    const [before, after] = [expected && new Uint8Array(expected), new Uint8Array(value)];
    return this.#use(options, (store) => store.compareAndSet(key, before, after));
  }

  /** Closes the database, after what is under way; a database that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    const closing = this.#turn.run(undefined, () => this.#release());
    const deadline = { milliseconds: PATIENCE, operation: "reader.store", backend: "The reader's state" };
    await withDeadline(deadline, () => closing).catch((error: unknown) => {
      if (!hasCode(error, "ERR_TIMEOUT")) throw error;
    });
  }

  #use<T>({ signal }: OperationOptions = {}, task: (store: ReaderStore) => Promise<T>): Promise<T> {
    return this.#turn.run(signal, async () => {
      clearTimeout(this.#idle);
      if (this.#closed) throw this.#unusable("it was closed");
      this.#database ??= await this.#take(signal);
      try {
        return await task(databaseReaderStore(this.#database));
      } finally {
        await this.#letGo();
      }
    });
  }

  // Whoever uses the state again and again must not keep it from others.
  async #letGo(): Promise<void> {
    if (performance.now() - this.#openedAt >= LONGEST_HOLD) {
      await this.#release();
      this.#yields = true;
      return;
    }
    this.#idle = setTimeout(() => {
      void this.#turn.run(undefined, () => this.#release());
    }, IDLE);
  }

  async #take(signal: AbortSignal | undefined): Promise<KeyValueDatabase> {
    const waiting = anySignal(signal, this.#signal);
    try {
      // A command that was interrupted still saves its cursor, if it need not wait.
      if (this.#yields && !waiting.signal.aborted) await delay(YIELD, waiting.signal);
      this.#yields = false;
      return await this.#open(waiting.signal);
    } finally {
      waiting.clear();
    }
  }

  async #open(signal: AbortSignal): Promise<KeyValueDatabase> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      try {
        const database = await openCounted(this.#path);
        this.#openedAt = performance.now();
        return database;
      } catch (error) {
        if (error instanceof LostWrites) throw this.#lost(error);
        if (!isLocked(error)) throw this.#unusable("it can't be opened", error);
        if (performance.now() >= until) throw this.#unusable("another process holds it", error);
        await delay(10 + Math.random() * 20, signal);
      }
    }
  }

  async #release(): Promise<void> {
    clearTimeout(this.#idle);
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }

  #lost(cause: LostWrites): CommandError {
    return new CommandError(
      "ERR_STATE",
      `The reader's state in ${this.#path} is damaged: ${cause.message}. An older state would be taken for the newest. Restore ` +
        "its folder, or delete it to begin anew, with a link that has a floor: what was shown before can't be compared then.",
      1,
      cause,
    );
  }

  #unusable(why: string, cause?: unknown): CommandError {
    return unusable(this.#path, why, cause);
  }
}

function unusable(path: string, why: string, cause?: unknown): CommandError {
  return new CommandError(
    "ERR_STATE",
    `The reader's state in ${path} can't be used: ${why}. Name another folder with --state, or read with --no-state: a ` +
      "rollback can't be noticed then.",
    1,
    cause,
  );
}

function isLocked(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && at.code === "LEVEL_LOCKED") return true;
  }
  return false;
}
