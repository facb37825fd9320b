// When a run ends before its last case: after the first failure, or when cases time out for the same cause again and
// again, as they do when an adapter loses the connections of its pool one by one.

import { check } from "./assert.ts";
import type { CaseResult } from "./run.ts";
import { breaksRun } from "./verdict.ts";

/** How many cases may time out waiting for the same thing before a run ends, unless it is told otherwise. */
const MAX_TIMEOUTS = 3;

/** What ends a run before its last case. */
export interface EarlyStopOptions {
  /** Ends the run after the first failure of a `MUST` or a `SHOULD` that is not a known one. Default: false. */
  readonly bail?: boolean | undefined;
  /**
   * How many cases may time out while they wait for the same thing, such as `storage.get`, before the run ends. What
   * follows would most likely time out as well, each for the whole `timeoutMs`. Default: 3. `Infinity` never ends it.
   */
  readonly maxTimeouts?: number | undefined;
}

/** Why a run ended before its last case. */
export interface Stopped {
  /** The id of the case after which it ended. */
  readonly after: string;
  /** What happened, and what to look at. */
  readonly reason: string;
}

/** Looks at the results of a run as they come, and tells when it has seen enough. */
export class EarlyStop {
  /** Why the run ends. Undefined as long as it continues. */
  stopped: Stopped | undefined;
  readonly #bail: boolean;
  readonly #maxTimeouts: number;
  readonly #timedOut = new Map<string, string[]>();

  /** @throws ConformanceFailure if `maxTimeouts` is no whole number from 1 and not `Infinity` */
  constructor({ bail = false, maxTimeouts = MAX_TIMEOUTS }: EarlyStopOptions) {
    const counts = maxTimeouts === Infinity || (Number.isInteger(maxTimeouts) && maxTimeouts > 0);
    check(counts, `maxTimeouts is ${maxTimeouts}, not a whole number from 1 or Infinity.`);
    this.#bail = bail;
    this.#maxTimeouts = maxTimeouts;
  }

  /** Takes the next result. */
  take(result: CaseResult): void {
    if (this.stopped !== undefined) return;
    if (this.#bail && breaksRun(result)) {
      const reason = `The run ended after its first failure, ${result.id}, as bail asks for.`;
      this.stopped = { after: result.id, reason };
      return;
    }
    // A known failure was expected to cost this time.
    if (result.status !== "failed") return;
    for (const cause of result.timedOut ?? []) {
      const ids = this.#timedOut.get(cause) ?? [];
      this.#timedOut.set(cause, [...ids, result.id]);
      if (ids.length + 1 >= this.#maxTimeouts) {
        this.stopped ??= { after: result.id, reason: timedOut(cause, [...ids, result.id]) };
      }
    }
  }
}

function timedOut(cause: string, ids: readonly string[]): string {
  const cases = ids.length === 1 ? "1 case" : `${ids.length} cases`;
  return (
    `The run ended, since ${cases} timed out waiting for ${cause}: ${ids.join(", ")}. Look for something that is taken ` +
    "and not always given back: a connection of a pool, a lock, a slot in a queue. Look at aborts and errors first. " +
    `Run one of them alone (only: ${ids[0]}); maxTimeouts lets a run continue.`
  );
}
