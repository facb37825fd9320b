// Lets one process at a time build a server.

import { randomUUID } from "node:crypto";
import { readFile, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

// A lock that saves work, and no more: what it protects is put in place by one rename, so that two holders at the same
// time would only build twice. That is why taking over the lock of a dead process may be this simple.

/** Settings of {@link withBuildLock}. */
export interface BuildLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once if somebody else holds the lock. */
  readonly onWait?: () => void;
  /** How often the holder shows that it lives, in milliseconds. Default 2,000. */
  readonly heartbeat?: number;
  /** How long a holder may show no life until it counts as dead, in milliseconds. Default 30,000. */
  readonly patience?: number;
}

interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

const POLL = 100;

/**
 * Runs something while no other process of this user runs it, as far as they can see each other.
 *
 * The lock is a file. Its holder touches it again and again. A waiter takes it over if the holder's
 * process is gone (on the same machine), or if the file stays untouched for too long by the waiter's own clock.
 *
 * @throws what `run` throws
 * @throws the reason of the signal
 */
export async function withBuildLock<T>(
  path: string,
  run: () => Promise<T>,
  options: BuildLockOptions = {},
): Promise<T> {
  const own: Holder = { id: randomUUID(), host: hostname(), pid: process.pid };
  await acquire(path, own, options);
  const beat = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, options.heartbeat ?? 2_000);
  try {
    return await run();
  } finally {
    clearInterval(beat);
    if ((await holderOf(path))?.id === own.id) await unlink(path).catch(() => undefined);
  }
}

async function acquire(path: string, own: Holder, options: BuildLockOptions): Promise<void> {
  const { signal, onWait, patience = 30_000 } = options;
  let seen = { touched: -1, at: 0 };
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(path, own)) return;
    const touched = await stat(path).then(
      (info) => info.mtimeMs,
      () => undefined,
    );
    if (touched === undefined) continue;
    if (touched !== seen.touched) seen = { touched, at: performance.now() };
    const holder = await holderOf(path);
    if (isDead(holder) || performance.now() - seen.at > patience) {
      await unlink(path).catch(() => undefined);
      continue;
    }
    if (!told) onWait?.();
    told = true;
    await wait(POLL);
  }
}

async function create(path: string, own: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(own), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Who holds the lock; `undefined` if nobody does, or if the holder has not written its name yet. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isDead(holder: Holder | undefined): boolean {
  if (holder === undefined || holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
