// Aborts one operation after another, each at a later point of its work.

import type { OperationOptions } from "@remote-log/core";
import { outcomeOf } from "../assert.ts";
import type { CaseContext } from "../case.ts";
import { checkReason, promptly, reason, turn } from "./under-fault.ts";

/** After how many microtasks, turns of the event loop, and requests an operation is aborted. */
const POINTS = {
  microtasks: [0, 1, 2, 3, 4, 5, 6, 8, 11, 15, 21, 30, 40],
  turns: [1, 2, 3, 4, 6, 9, 14, 22, 40, 80],
  requests: [1, 2, 3, 4, 5, 6],
} as const;

/** An operation that is to be aborted, on data of its own, and what has to hold afterwards. */
export interface AbortTrial<T> {
  readonly operate: (options: OperationOptions) => Promise<T>;
  /** Checks the state. It is given what the operation gave, if it was not aborted. */
  readonly after: (outcome: PromiseSettledResult<T>) => Promise<void>;
}

/**
 * Aborts an operation at one point after the other: after ever more microtasks, turns of the event loop and requests,
 * until the abort comes after its end. Fails unless it settles each time, with its result or the reason of the
 * signal, and in a state that `after` accepts. A rejection that nobody handles is for the runtime to report.
 *
 * @param prepare - makes a new trial for each point
 */
export async function abortEverywhere<T>(
  context: CaseContext,
  what: string,
  prepare: () => Promise<AbortTrial<T>>,
): Promise<void> {
  const { requests } = context.opened;
  const attempt = async (unit: keyof typeof POINTS, count: number): Promise<boolean> => {
    const { operate, after } = await prepare();
    const controller = new AbortController();
    const sentBefore = requests?.() ?? 0;
    const reached = (steps: number): boolean =>
      (unit === "requests" ? (requests?.() ?? 0) - sentBefore : steps) >= count;
    let over = false;
    const ending = outcomeOf(operate({ signal: controller.signal }));
    void ending.then(() => {
      over = true;
    });
    for (let steps = 0; !over && !reached(steps); steps++) await (unit === "microtasks" ? undefined : turn());
    const tooLate = over;
    controller.abort(reason);
    const when = `${what}, aborted after ${count} ${unit}`;
    const outcome = await promptly(ending, when);
    if (outcome.status === "rejected") checkReason(outcome.reason, when);
    await after(outcome);
    return tooLate;
  };

  for (const unit of ["microtasks", "turns", "requests"] as const) {
    if (unit === "requests" && requests === undefined) continue;
    for (const count of POINTS[unit]) if (await attempt(unit, count)) break;
  }
}
