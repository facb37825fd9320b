// The reader's state: what was verified, and cursors, kept between runs and shared by processes.

import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { databaseReaderStore, type ReaderStore, RollbackError } from "@remote-log/core";
import { delay } from "@remote-log/core/adapter";
import { ClassicLevel } from "classic-level";
import { CommandError } from "../errors/command-error.ts";

/** How long the state stays open after its last use, in milliseconds. */
const IDLE = 20;
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
 * What readers of a log keep between runs. Several processes can share it: each opens the database only while it uses
 * it. The newest verified state in it never goes back, whichever process verified it.
 */
export class ReaderState implements ReaderStore {
  readonly #path: string;
  readonly #signal: AbortSignal;
  #database: ClassicLevel | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: ReturnType<typeof setTimeout> | undefined;

  private constructor(path: string, signal: AbortSignal) {
    this.#path = path;
    this.#signal = signal;
  }

  /** Opens the state in a folder. Creates the folder if it is missing. */
  static async open(folder: string, signal: AbortSignal): Promise<ReaderState> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new ReaderState(join(folder, "state"), signal);
  }

  /** The value under a key. */
  get(key: string): Promise<Uint8Array | undefined> {
    return this.#use((store) => store.get(key));
  }

  /** Sets a value. It is durable when this resolves. */
  put(key: string, value: Uint8Array): Promise<void> {
    return this.#use(async (store) => {
      if (key.endsWith("/mark")) refuseOlder(await store.get(key), value);
      await store.put(key, value);
    });
  }

  /** Closes the database. */
  async close(): Promise<void> {
    await this.#last;
    await this.#release();
  }

  // One use at a time, so that no use closes the database under another.
  #use<T>(task: (store: ReaderStore) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      clearTimeout(this.#idle);
      this.#database ??= await this.#take();
      try {
        return await task(databaseReaderStore(this.#database));
      } finally {
        this.#idle = setTimeout(() => {
          this.#last = this.#last.then(() => this.#release());
        }, IDLE);
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #take(): Promise<ClassicLevel> {
    const until = Date.now() + PATIENCE;
    for (;;) {
      const database = new ClassicLevel(this.#path);
      try {
        await database.open();
        return database;
      } catch (error) {
        if (!isLocked(error) || Date.now() >= until) throw this.#unusable(error);
        await delay(10 + Math.random() * 20, this.#signal);
      }
    }
  }

  async #release(): Promise<void> {
    clearTimeout(this.#idle);
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }

  #unusable(cause: unknown): CommandError {
    const why = isLocked(cause) ? "another process holds it" : "it can't be opened";
    return new CommandError(
      "ERR_STATE",
      `The reader's state in ${this.#path} can't be used: ${why}. Name another folder with --state, or read with --no-state.`,
      1,
      cause,
    );
  }
}

function isLocked(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && at.code === "LEVEL_LOCKED") return true;
  }
  return false;
}

// Another process may have verified a newer state since this one looked.
function refuseOlder(before: Uint8Array | undefined, after: Uint8Array): void {
  const verified = sizeOf(before);
  const offered = sizeOf(after);
  if (verified === undefined || offered === undefined || offered >= verified) return;
  throw new RollbackError(
    `The remote shows ${offered} entries, but another process has verified ${verified} meanwhile. None of them was used.`,
    { operation: "reader.sync", offered, verified },
  );
}

function sizeOf(mark: Uint8Array | undefined): number | undefined {
  if (mark === undefined) return undefined;
  const { head } = JSON.parse(new TextDecoder().decode(mark)) as { head: string };
  const text = Buffer.from(head, "hex").toString("latin1");
  const size = /remote-log\/v1\/[0-9a-f]{64}\n(\d{1,16})\n/.exec(text)?.[1];
  return size === undefined ? undefined : Number(size);
}
