// A clock that jumps from one timer to the next, as soon as the process has nothing left to do.

import { setImmediate } from "node:timers/promises";
import type { Environment, SigningApi } from "@remote-log/core/environment";
import { promptSigning } from "./prompt-signing.ts";
import { type Seeded, seeded } from "./seeded.ts";
import { TimerQueue } from "./timer-queue.ts";
import { Trace } from "./trace.ts";

/** When virtual time begins: midnight of a Monday, in milliseconds since 1970. */
const BEGIN = Date.UTC(2026, 0, 5);

/** An {@link Environment} whose time is virtual and whose randomness follows from a seed. */
export class VirtualClock implements Environment {
  /** What happened. */
  readonly trace: Trace = new Trace();
  readonly signing: SigningApi = promptSigning;
  readonly #seed: number;
  readonly #seeded: Seeded;
  readonly #timers = new TimerQueue();
  #elapsed = 0;
  #made = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(seed: number) {
    this.#seed = seed;
    this.#seeded = seeded(seed, "clock");
  }

  /** Milliseconds since the beginning of the run. */
  get elapsed(): number {
    return this.#elapsed;
  }

  now(): number {
    return BEGIN + this.#elapsed;
  }

  monotonicNow(): number {
    return this.#elapsed;
  }

  random(): number {
    return this.#seeded.random();
  }

  randomBytes(length: number): Uint8Array {
    return this.#seeded.bytes(length);
  }

  /** A stream of randomness for a purpose. The same seed and purpose give the same stream. */
  stream(purpose: string): Seeded {
    return seeded(this.#seed, purpose);
  }

  /** Calls `run` after a time. If what it begins fails, the run of the clock fails. */
  schedule(run: () => unknown, milliseconds: number, _mayEnd?: boolean): () => void {
    const timer = {
      at: this.#elapsed + Math.max(0, milliseconds),
      order: this.#made++,
      run,
      cancelled: false,
    };
    this.#timers.add(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** Waits for a time. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.schedule(resolve, milliseconds));
  }

  /**
   * Lets time pass up to a moment, or until `isOver` says so.
   *
   * @param end - milliseconds since the beginning of the run
   */
  async runUntil(end: number, isOver: () => boolean = () => false): Promise<void> {
    await this.#quiet();
    while (!isOver()) {
      const { first } = this.#timers;
      if (first === undefined || first.at > end) break;
      this.#timers.take();
      if (first.cancelled) continue;
      this.#elapsed = first.at;
      this.#begin(first.run);
      await this.#quiet();
    }
    if (!isOver() && Number.isFinite(end)) this.#elapsed = Math.max(this.#elapsed, end);
  }

  /** Lets time pass until a piece of work is done. */
  async runWhile<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    work.then(done, done);
    await this.runUntil(Number.POSITIVE_INFINITY, () => isDone);
    if (!isDone) throw new Error("The work waits for something that no timer brings.");
    return work;
  }

  #begin(run: () => unknown): void {
    const fail = (error: unknown): void => {
      this.#failure ??= { error };
    };
    try {
      const result = run();
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /**
   * Waits until everything that could run has run: what is left waits for a timer. Modules that are imported when they are needed are
   * read from the disk; nothing else is.
   */
  async #quiet(): Promise<void> {
    do await setImmediate();
    while (process.getActiveResourcesInfo().some(isLoading));
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function isLoading(resource: string): boolean {
  return resource.includes("Req");
}
