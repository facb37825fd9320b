import type { NameResolver, StorageBackend } from "@remote-log/core";
import type { Fault, FaultControl, Opened } from "./fixture.ts";

const STORAGE_METHODS = ["put", "get", "has", "delete", "list", "close"] as const;
const NAME_METHODS = ["update", "resolve", "watch", "close"] as const;

type Callable = (...values: unknown[]) => unknown;

/** Notes what a case asks of an adapter, so that a case that hangs can say what it waits for. */
export class Activity {
  readonly #waiting = new Map<string, number>();
  #last: string | undefined;
  #fault: Fault | undefined;
  #requests: (() => number) | undefined;

  /** Gives what a fixture opened as a case is to see it: the same, with every call noted. */
  watched(opened: Opened): Opened {
    const { storage, names, faults, secrets } = opened;
    const requests = opened.requests && ((): number => opened.requests!());
    this.#requests ??= requests;
    return {
      ...(storage && { storage: this.#noting(storage, "storage", STORAGE_METHODS) as StorageBackend }),
      ...(names && { names: this.#noting(names, "names", NAME_METHODS) as NameResolver }),
      ...(requests && { requests }),
      ...(faults && { faults: this.#notingFaults(faults) }),
      ...(secrets && { secrets }),
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

  #sent(): number | undefined {
    try {
      return this.#requests?.();
    } catch {
      // A count that fails must not hide what it was asked for.
      return undefined;
    }
  }

  /**
   * An object with the properties of another, whose methods note that they were called. It is no `Proxy`: methods and
   * getters see the adapter itself as `this`, and one that is frozen or has private fields works as before.
   */
  #noting(part: object, side: string, methods: readonly string[]): object {
    const adapter = part as Record<string, unknown>;
    const noting: Record<string, unknown> = {};
    for (const property of ["name", "capabilities"]) {
      Object.defineProperty(noting, property, { enumerable: true, get: () => adapter[property] });
    }
    for (const method of methods) {
      if (typeof adapter[method] !== "function") {
        if (adapter[method] !== undefined) noting[method] = adapter[method];
        continue;
      }
      noting[method] = (...values: unknown[]) =>
        this.#noted(`${side}.${method}`, () => (adapter[method] as Callable)(...values));
    }
    return noting;
  }

  /** Makes a call, and notes it until its promise is settled, or as often as its iterator is asked for more. */
  #noted(call: string, make: () => unknown): unknown {
    this.#last = call;
    const made = make();
    if (made instanceof Promise) this.#waitFor(call, made);
    const iterable = made as Partial<AsyncIterable<unknown>> | undefined;
    if (typeof iterable?.[Symbol.asyncIterator] !== "function") return made;
    return { [Symbol.asyncIterator]: () => this.#iterating(call, iterable as AsyncIterable<unknown>) };
  }

  #iterating(call: string, iterable: AsyncIterable<unknown>): AsyncIterableIterator<unknown> {
    const iterator = iterable[Symbol.asyncIterator]();
    const noting: AsyncIterableIterator<unknown> = {
      next: (...values) =>
        this.#noted(call, () => iterator.next(...values)) as ReturnType<typeof iterator.next>,
      [Symbol.asyncIterator]: () => noting,
    };
    if (iterator.return !== undefined) noting.return = (value) => iterator.return!(value);
    if (iterator.throw !== undefined) noting.throw = (error) => iterator.throw!(error);
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
      begin: (fault) => {
        this.#fault = fault;
        return faults.begin(fault);
      },
      end: async () => {
        await faults.end();
        this.#fault = undefined;
      },
    };
  }
}
