// The queue of the processes that want to write one log: first come, first served.
//
// The lock of the journal's database decides who writes. It has no queue, so this one stands before it: a folder with one file
// for each process that waits or writes, its ticket. Tickets are ordered by the time at which they were taken. A process waits until
// no live ticket is before its own, and keeps its ticket while it writes. It is woken by changes of the folder.
//
// A ticket whose process has ended is removed by whoever waits behind it. Whether it has is asked of the system; a process of another
// machine or container can't be asked about, so each ticket is touched every few seconds, and one that was not is of no
// account. If all this should err, two processes find themselves first: one of them gets the database's lock, and the other one
// waits for it.

import { createHash, randomBytes } from "node:crypto";
import { type FSWatcher, readlinkSync, watch } from "node:fs";
import { type FileHandle, open, readdir, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { anySignal, delay } from "@remote-log/core/adapter";
import { makeFolder } from "../files/make-folder.ts";

/** The name of the queue's folder in the writer's folder. */
const QUEUE = "queue";

/** How often a ticket is touched, in milliseconds. */
const TOUCH_EVERY = 2_000;
/** A ticket that was not touched for this long is of no account, in milliseconds. */
const STALE = 8_000;
/** How often a process that waits looks whether those before it are alive, in milliseconds. */
const LOOK_EVERY = 500;

/** The time at which it was taken, the process, among whom the process has that number, the folder, and random digits. */
const TICKET = /^\d{17}-(\d{1,10})-([0-9a-f]{8})-([0-9a-f]{8})-[0-9a-f]{8}$/;

/** A place in the queue. */
export class WriterTicket {
  readonly #folder: string;
  readonly #name: string;
  /** Which folder it is: one that was copied holds tickets of the original. */
  readonly #place: string;
  #file: FileHandle | undefined;
  #watcher: FSWatcher | undefined;
  #touching: ReturnType<typeof setInterval> | undefined;
  #changed: () => void = () => undefined;

  private constructor(folder: string, place: string) {
    this.#folder = folder;
    this.#place = place;
    // Microseconds: processes that are started in a row are told apart.
    const time = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const random = randomBytes(4).toString("hex");
    this.#name = `${String(time).padStart(17, "0")}-${process.pid}-${neighbourhood()}-${place}-${random}`;
  }

  /**
   * Takes a ticket at the end of the queue.
   *
   * @param writerFolder - the folder of the log; it must exist
   */
  static async take(writerFolder: string): Promise<WriterTicket> {
    const folder = join(writerFolder, QUEUE);
    await makeFolder(folder, 0o700);
    const { ino } = await stat(folder, { bigint: true });
    const ticket = new WriterTicket(folder, hash32(String(ino)));
    await ticket.#write();
    ticket.#touching = setInterval(() => void ticket.#touch().catch(() => undefined), TOUCH_EVERY);
    ticket.#touching.unref();
    try {
      // Others come and go; that they touch their tickets is no news.
      ticket.#watcher = watch(folder, { persistent: false }, (event, changed) => {
        if (event === "rename" && changed !== ticket.#name) ticket.#changed();
      });
      ticket.#watcher.on("error", () => undefined);
    } catch {
      // The system has no watch left: it is looked at every half second.
    }
    return ticket;
  }

  /** The ids of the live processes before this one, in order; those of other machines are left out. */
  async pidsBefore(): Promise<number[]> {
    const before = (await this.#before()).map((name) => TICKET.exec(name)!);
    return before.filter(([, , where]) => where === neighbourhood()).map(([, pid]) => Number(pid));
  }

  /**
   * Waits until no live process is before this one.
   *
   * @param until - when to give up, as `performance.now()` counts
   * @returns whether it is first
   */
  async isFirst(until: number, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const change = new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
      if ((await this.#before()).length === 0) return true;
      const left = until - performance.now();
      if (left <= 0) return false;
      await this.#next(change, Math.min(LOOK_EVERY, left), signal);
    }
  }

  /** Gives the place up. It does not fail: a ticket that stays is removed by others. */
  async leave(): Promise<void> {
    clearInterval(this.#touching);
    this.#watcher?.close();
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    await unlink(join(this.#folder, this.#name)).catch(() => undefined);
  }

  async #next(change: Promise<void>, milliseconds: number, signal: AbortSignal): Promise<void> {
    const woken = anySignal(signal);
    void change.then(() => woken.abort());
    try {
      await delay(milliseconds, woken.signal);
    } catch {
      signal.throwIfAborted();
    } finally {
      woken.clear();
    }
  }

  async #write(): Promise<void> {
    this.#file = await open(join(this.#folder, this.#name), "wx", 0o600);
    await this.#touch();
  }

  // By a write: then the time is that of the filesystem's clock, as it is for everybody else.
  async #touch(): Promise<void> {
    await this.#file?.write("\n", 0);
  }

  async #before(): Promise<string[]> {
    const names = (await readdir(this.#folder)).filter((name) => TICKET.test(name)).sort();
    if (!names.includes(this.#name)) {
      // This process was stopped for long, and counted as dead. It keeps its place.
      await this.#file?.close();
      await this.#write();
    }
    const before = names.filter((name) => name < this.#name);
    if (before.length === 0) return [];
    const now = (await stat(join(this.#folder, this.#name))).mtimeMs;
    const alive = await Promise.all(before.map((name) => this.#isAlive(name, now)));
    return before.filter((_, i) => alive[i]);
  }

  async #isAlive(name: string, now: number): Promise<boolean> {
    const [, pid, where, place] = TICKET.exec(name)!;
    const path = join(this.#folder, name);
    try {
      const fresh = now - (await stat(path)).mtimeMs < STALE;
      if (fresh && place === this.#place && (where !== neighbourhood() || isRunning(Number(pid))))
        return true;
      await unlink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    return false;
  }
}

/** Whether a process of this machine is running. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

let known: string | undefined;

/** Eight hexadecimal digits for those among whom a process id means the same process: this machine, or this container. */
function neighbourhood(): string {
  known ??= hash32(`${hostname()} ${processNamespace()}`);
  return known;
}

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function hash32(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
