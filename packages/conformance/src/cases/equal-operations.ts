// Two equal operations at once, of which one is aborted.

import type { OperationOptions } from "@remote-log/core";
import { fail, outcomeOf, show } from "../assert.ts";
import { checkReason, reason, turn } from "./under-fault.ts";

/** After how many turns of the event loop the one is aborted; 0 is at once. */
const TURNS = [0, 1, 3];

/**
 * Starts an operation twice at once, and aborts one of the two: the first, then the second. Fails unless the other one
 * ends well, and the aborted one ends too, with its result or with the reason of its signal.
 *
 * @param check - looks at what the operation gave that was not aborted
 */
export async function besideAborted<T>(
  what: string,
  operate: (options?: OperationOptions) => Promise<T>,
  check: (value: T) => Promise<void>,
): Promise<void> {
  for (const abortsFirst of [true, false]) {
    for (const turns of TURNS) {
      const controller = new AbortController();
      const { signal } = controller;
      const [first, second] = [
        outcomeOf(operate(abortsFirst ? { signal } : {})),
        outcomeOf(operate(abortsFirst ? {} : { signal })),
      ];
      for (let i = 0; i < turns; i++) await turn();
      controller.abort(reason);
      const aborted = await (abortsFirst ? first : second);
      const other = await (abortsFirst ? second : first);
      if (aborted.status === "rejected") checkReason(aborted.reason, `the ${what} that was aborted`);
      if (other.status === "fulfilled") await check(other.value);
      else {
        const which = abortsFirst ? "second" : "first";
        fail(
          `the ${which} ${what}, which has no signal, was rejected with ${show(other.reason)} when an equal one was aborted`,
          other.reason,
        );
      }
    }
  }
}
