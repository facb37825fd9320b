// What a case asks of an adapter: for the message of a case that hangs, and to see what iterators leave behind.

import type { CompareAndSet, NameResolver, StorageBackend } from "@remote-log/core";
import type { ConformanceFailure } from "./assert.ts";
import type { Fault, FaultControl, Opened } from "./fixture.ts";
import { isCounted, WatchedSignal } from "./left-listeners.ts";

const STORAGE_METHODS = ["put", "putMany", "get", "has", "delete", "release", "list", "close"] as const;
const NAME_METHODS = ["update", "resolve", "probeCompareAndSet", "watch", "close"] as const;

type Callable = (...values: unknown[]) => unknown;

/** Notes what a case asks of an adapter, so that a case that hangs can say what it waits for. */
export class Activity {
  readonly #waiting = new Map<string, number>();
  readonly #signals: WatchedSignal[] = [];
  #last: string | undefined;
  #fault: Fault | undefined;
  #requests: (() => number) | undefined;

  /**
   * Gives what a fixture opened as a case is to see it: the same, with every call noted.
   *
   * @param compareAndSet - what the service said, if only it can tell: that is what the cases hold the names to
   */
  watched(opened: Opened, compareAndSet?: CompareAndSet): Opened {
    const { storage, names, faults, secrets, tidyUp } = opened;
    const requests = opened.requests && ((): number => opened.requests!());
    this.#requests ??= requests;
    return {
      ...(storage && { storage: this.#noting(storage, "storage", STORAGE_METHODS) as StorageBackend }),
      ...(names && { names: this.#notingNames(names, compareAndSet) }),
      ...(requests && { requests }),
      ...(faults && { faults: this.#notingFaults(faults) }),
      ...(secrets && { secrets }),
      ...(tidyUp && { tidyUp: () => tidyUp.call(opened) }),
    };
  }

  /** What is waited for, under which fault, and after how many requests, as far as it is known. */
  toString(): string {
    const calls = [...this.#waiting].map(([call, count]) => (count === 1 ? call : `${count} × ${call}`));
    let text = calls.length > 0 ? `waiting for ${calls.join(", ")}` : "waiting for no call of the adapter";
    if (calls.length === 0 && this.#last !== undefined) text += `; the last was ${this.#last}`;
    if (this.#fault !== undefined) text += ` under the fault "${this.#fault}"`;
    const sent = this.#sent();
    return sent === undefined ? text : `${text}, after ${sent.toLocaleString("en-US")} requests`;
  }

  /** The calls that the case waits for; if there are none, the last one that it made. */
  waitedFor(): readonly string[] {
    if (this.#waiting.size > 0) return [...this.#waiting.keys()];
    return [
      this.#last === undefined
        ? "no call of the adapter"
        : `something else than ${this.#last}, the last call`,
    ];
  }

  /** What an iterator that is over has left on its signal, if one has left something. */
  leftListeners(): ConformanceFailure | undefined {
    for (const signal of this.#signals) {
      const left = signal.left();
      if (left !== undefined) return left;
    }
    return undefined;
  }

  #sent(): number | undefined {
    try {
      return this.#requests?.();
    } catch {
      // A count that fails must not hide what it was asked for.
      return undefined;
    }
  }

  #notingNames(names: NameResolver, compareAndSet: CompareAndSet | undefined): NameResolver {
    const noting = this.#noting(names, "names", NAME_METHODS) as NameResolver;
    if (compareAndSet === undefined) return noting;
    const get = () => ({ ...names.capabilities, compareAndSet });
    return Object.defineProperty(noting, "capabilities", { enumerable: true, get });
  }

  /**
   * An object with the properties of another, whose methods note that they were called. It is no `Proxy`: methods and
   * getters see the adapter itself as `this`, and one that is frozen or has private fields works as before.
   */
  #noting(part: object, side: string, methods: readonly string[]): object {
    const adapter = part as Record<string, unknown>;
    const noting: Record<string, unknown> = {};
    for (const property of ["name", "capabilities"]) {
      const get = () => adapter[property];
      Object.defineProperty(noting, property, { enumerable: true, configurable: true, get });
    }
    for (const method of methods) {
      if (typeof adapter[method] !== "function") {
        if (adapter[method] !== undefined) noting[method] = adapter[method];
        continue;
      }
      const call = `${side}.${method}`;
      const make = (...values: unknown[]): unknown => (adapter[method] as Callable)(...values);
      noting[method] = (...values: unknown[]) =>
        method === "list" || method === "watch"
          ? this.#iterated(call, make, values)
          : this.#noted(call, () => make(...values));
    }
    return noting;
  }

  /** Makes a call, and notes it until its promise is settled. */
  #noted(call: string, make: () => unknown): unknown {
    this.#last = call;
    const made = make();
    if (made instanceof Promise) this.#waitFor(call, made);
    return made;
  }

  /** Makes a call that gives an iterable, with a signal of its own, and notes it each time it is asked for more. */
  #iterated(call: string, make: Callable, values: unknown[]): unknown {
    this.#last = call;
    const options: unknown = values.at(-1);
    const signal: unknown = typeof options === "object" && options !== null && Reflect.get(options, "signal");
    let watched: WatchedSignal | undefined;
    if (signal instanceof AbortSignal && !isCounted(signal)) {
      watched = new WatchedSignal(call, signal);
      this.#signals.push(watched);
      values.splice(-1, 1, { ...(options as object), signal: watched.signal });
    }
    const made = make(...values);
    const iterable = made as Partial<AsyncIterable<unknown>> | undefined;
    if (typeof iterable?.[Symbol.asyncIterator] !== "function") return made;
    return {
      [Symbol.asyncIterator]: () => this.#iterating(call, iterable as AsyncIterable<unknown>, watched),
    };
  }

  #iterating(
    call: string,
    iterable: AsyncIterable<unknown>,
    watched: WatchedSignal | undefined,
  ): AsyncIterableIterator<unknown> {
    const iterator = iterable[Symbol.asyncIterator]();
    // An iterator is over once it has said so, has thrown, or was told to return.
    const until = async <T extends IteratorResult<unknown>>(step: Promise<T>, ends = false): Promise<T> => {
      try {
        const result = await step;
        if (ends || result.done === true) watched?.end();
        return result;
      } catch (error) {
        watched?.end();
        throw error;
      }
    };
    const noting: AsyncIterableIterator<unknown> = {
      next: (...given) =>
        until(this.#noted(call, () => iterator.next(...given)) as Promise<IteratorResult<unknown>>),
      [Symbol.asyncIterator]: () => noting,
    };
    if (iterator.return !== undefined) noting.return = (value) => until(iterator.return!(value), true);
    if (iterator.throw !== undefined) noting.throw = (error) => until(iterator.throw!(error), true);
    return noting;
  }

  #waitFor(call: string, promise: Promise<unknown>): void {
    const over = (): void => {
      const left = (this.#waiting.get(call) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(call);
      else this.#waiting.set(call, left);
    };
    this.#waiting.set(call, (this.#waiting.get(call) ?? 0) + 1);
    promise.then(over, over);
  }

  #notingFaults(faults: FaultControl): FaultControl {
    return {
      get kinds() {
        return faults.kinds;
      },
      ...(faults.omitted && { omitted: faults.omitted }),
      begin: (fault) => {
        this.#fault = fault;
        return faults.begin(fault);
      },
      end: async () => {
        await faults.end();
        this.#fault = undefined;
      },
      ...(faults.met && { met: () => faults.met!() }),
      ...(faults.sent && { sent: () => faults.sent!() }),
    };
  }
}
