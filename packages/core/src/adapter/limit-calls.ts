// Limits on the calls of a storage: how many run at once, and how long each may take.

import { withDeadline } from "../async/deadline.ts";
import { Semaphore } from "../async/semaphore.ts";
import type { Call } from "./call.ts";

/** How many calls of a storage may run at once, and how long each may take. */
export interface StorageLimits {
  /** The most calls of `put`, `putMany`, `delete` and `release` at once. Default: any number. */
  readonly writesAtOnce?: number | undefined;
  /** The most calls of `get` and `has` at once. Default: any number. */
  readonly readsAtOnce?: number | undefined;
  /** How long a call may take once it runs, in milliseconds, by method. Default: no limit but the caller's own. */
  readonly milliseconds?:
    | { readonly [K in "put" | "putMany" | "get" | "has" | "delete" | "release"]?: number | undefined }
    | undefined;
}

/** A method that counts against limits. */
export interface LimitedMethod {
  /** The operation, for errors: `"storage.release"`. */
  readonly operation: string;
  /** Which of the limits it counts against: `writesAtOnce` or `readsAtOnce`. */
  readonly access: "write" | "read";
  /** How long it may take once it runs, in milliseconds. Default: as the limits have it. */
  readonly milliseconds?: number | undefined;
}

/** Runs calls within limits. Made by {@link limitCalls}. */
export type CallLimits = <T>(
  method: LimitedMethod,
  call: Call,
  work: (call: Call) => Promise<T>,
) => Promise<T>;

/**
 * Makes the limits of a storage, for `limits` of its driver. A storage without limits does not carry the code that keeps
 * them.
 *
 * @example
 * ```ts
 * import { limitCalls } from "@remote-log/core/adapter";
 *
 * const limits = limitCalls({ writesAtOnce: 4, milliseconds: { get: 60_000 } });
 * ```
 */
export function limitCalls({ writesAtOnce, readsAtOnce, milliseconds = {} }: StorageLimits = {}): CallLimits {
  const writes = writesAtOnce === undefined ? undefined : new Semaphore(writesAtOnce);
  const reads = readsAtOnce === undefined ? undefined : new Semaphore(readsAtOnce);
  const times: Readonly<Record<string, number | undefined>> = milliseconds;
  return (method, call, work) => {
    const gate = method.access === "write" ? writes : reads;
    const time = method.milliseconds ?? times[method.operation.replace("storage.", "")];
    const timed = () => (time === undefined ? work(call) : inTime(time, call, work));
    return gate === undefined ? timed() : gate.run(call.signal, timed);
  };
}

function inTime<T>(
  milliseconds: number,
  { signal, context }: Call,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const backend = `While ${context.action}: it`;
  const deadline = { milliseconds, operation: context.operation, backend, signal };
  return withDeadline(deadline, (inner) => work({ signal: inner, context }));
}
