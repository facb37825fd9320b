import type * as promises from "node:fs/promises";

type Files = typeof promises;
type Call = (...values: never[]) => Promise<unknown>;

/** One call that reached the filesystem. */
export interface SystemCall {
  readonly call: string;
  readonly path: string;
}

/** Stands between the package and `node:fs/promises`: notes every call, and makes one of them fail. */
export class SystemCalls {
  /** The calls so far. */
  calls: SystemCall[] = [];
  /** File handles that are open now. */
  open = 0;
  /** Called before each call. */
  before: (() => void) | undefined;
  /** Which call fails (0 is the next one), with which code, and whether it takes effect all the same. */
  fault: { at: number; readonly code: string; readonly applied: boolean } | undefined;
  /** With which code the system says that nothing may be written, if it says so. */
  denied: string | undefined;

  /** Forgets the calls and the fault. */
  reset(): void {
    this.calls = [];
    this.fault = undefined;
    this.denied = undefined;
  }

  /** How often a call was made. */
  count(call: string): number {
    return this.calls.filter((one) => one.call === call).length;
  }

  /** The module to be used in place of the real one. */
  wrap(real: Files): Files {
    const wrapped: Record<string, unknown> = { ...real };
    for (const call of [
      "lstat",
      "stat",
      "realpath",
      "mkdir",
      "readdir",
      "link",
      "rename",
      "unlink",
      "rmdir",
    ] as const) {
      wrapped[call] = (...values: never[]) =>
        this.#step(call, String(values[0]), () => (real[call] as Call)(...values));
    }
    wrapped["access"] = async (...values: Parameters<Files["access"]>) => {
      const { denied: code } = this;
      if (code !== undefined) throw Object.assign(new Error(code), { code, syscall: "access" });
      return real.access(...values);
    };
    wrapped["open"] = async (path: string, ...rest: never[]) => {
      const handle = await this.#step(
        "open",
        path,
        () => real.open(path, ...rest),
        (made) => made.close(),
      );
      this.open++;
      return this.#wrapHandle(handle, path);
    };
    return wrapped as unknown as Files;
  }

  #wrapHandle(handle: promises.FileHandle, path: string): object {
    const through =
      (call: "read" | "write" | "stat") =>
      (...values: never[]) =>
        this.#step(call, path, () => (handle[call] as unknown as Call).apply(handle, values));
    return {
      fd: handle.fd,
      read: through("read"),
      write: through("write"),
      stat: through("stat"),
      utimes: handle.utimes.bind(handle),
      sync: () => this.#step("fsync", path, () => handle.sync()),
      close: () => {
        this.open--;
        return this.#step(
          "close",
          path,
          () => handle.close(),
          undefined,
          () => handle.close(),
        );
      },
    };
  }

  async #step<T>(
    call: string,
    path: string,
    act: () => Promise<T>,
    undo?: (result: T) => Promise<unknown>,
    otherwise?: () => Promise<unknown>,
  ): Promise<T> {
    this.before?.();
    this.calls.push({ call, path });
    const { fault } = this;
    if (fault === undefined || fault.at-- !== 0) return act();
    if (fault.applied) {
      const result = await act();
      await undo?.(result);
    } else {
      await otherwise?.();
    }
    throw Object.assign(new Error(`${fault.code}: ${call} '${path}'`), {
      code: fault.code,
      syscall: call,
      path,
    });
  }
}
