// Lies about outcomes: nothing kept, done but failed, failed but done.

import { addressOf, type PutOutcome } from "@remote-log/core";
import type { HonestAnswer, LiarCall, Lie } from "../lie.ts";

/** Stands around a call: gives its answer by way of `honest`, or another one, or fails before or after. */
export type Around = <T>(call: LiarCall, honest: () => Promise<T>) => Promise<T>;

/** The same lie about every operation: what all the others below are made of. */
export function everyCall(around: Around): Lie {
  const lie = <T>(call: LiarCall & HonestAnswer<T>): Promise<T> => around(call, call.honest);
  return { put: lie, putMany: lie, get: lie, has: lie, update: lie, resolve: lie };
}

/**
 * Says yes, and keeps nothing.
 *
 * @param what - `"contents"`, `"names"`, or both, the default. An update is answered with the revision that it
 * builds on, or `"1"` for a new name.
 */
export function keptNothing(what: "contents" | "names" | "both" = "both"): Lie {
  return {
    ...(what !== "names" && {
      put: ({ content, remote }) => addressOf(content, remote.storage.capabilities.hashTypes[0]!),
    }),
    ...(what !== "contents" && { update: async ({ options }) => options.expected ?? "1" }),
  };
}

/**
 * Writes are carried out, but reported as failed.
 *
 * @param error - makes what they fail with
 * @param times - how often; the writes after that are answered honestly. Default: always
 */
export function doneButFailed(error: () => unknown, times: number = Number.POSITIVE_INFINITY): Lie {
  let left = times;
  return everyCall(async ({ operation }, honest) => {
    const answer = await honest();
    if (["put", "putMany", "update"].includes(operation) && left-- > 0) throw error();
    return answer;
  });
}

/**
 * What becomes of several contents that are stored at once is told wrong.
 *
 * @param change - makes other outcomes of the true ones; default the addresses in reverse order
 */
export function otherOutcomes(
  change: (outcomes: readonly PutOutcome[]) => readonly PutOutcome[] = (outcomes) => [...outcomes].reverse(),
): Lie {
  return { putMany: async ({ honest }) => change(await honest()) };
}

/**
 * Nothing is carried out, and the calls fail.
 *
 * @param error - makes what they fail with
 * @param operations - the operations that fail; default all
 */
export function failed(error: () => unknown, operations?: readonly LiarCall["operation"][]): Lie {
  return everyCall(async ({ operation }, honest) => {
    if (operations === undefined || operations.includes(operation)) throw error();
    return honest();
  });
}

/**
 * Every answer is late. An abort ends the wait with the signal's reason.
 *
 * @param milliseconds - how late
 */
export function slow(milliseconds: number): Lie {
  return everyCall(async ({ options: { signal } }, honest) => {
    const answer = await honest();
    await late(milliseconds, signal);
    return answer;
  });
}

/** Calls are carried out and never answered, and an abort is ignored. */
export function silent(): Lie {
  return everyCall(async (_call, honest) => {
    await honest();
    return new Promise<never>(() => undefined);
  });
}

function late(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", end, { once: true });
  });
}
