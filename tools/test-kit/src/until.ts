// Waits that a busy machine cannot fail: they end by what happens, and give up only when nothing happens any more.

import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";

/** Options of {@link until}. */
export interface UntilOptions {
  /** What is waited for, for the message: `"the second request"`. Default: `"the condition"`. */
  readonly what?: string;
  /** A number, or any other value, that changes as long as work goes forward. Default: nothing changes. */
  readonly progress?: () => unknown;
  /** How long the wait continues without any change, in milliseconds. Default: 60,000. */
  readonly stallMilliseconds?: number;
}

/** Time between two looks, in milliseconds. */
const INTERVAL = 5;

/**
 * Waits until a condition holds. While `progress` changes, it waits however long that takes.
 *
 * @example
 * ```ts
 * await until(() => server.requests.length === 2, { what: "the second request" });
 * ```
 *
 * @throws Error if nothing changes for `stallMilliseconds`
 * @throws whatever `condition` or `progress` throws
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { what = "the condition", progress = () => undefined, stallMilliseconds = 60_000 }: UntilOptions = {},
): Promise<void> {
  let last = progress();
  let changed = performance.now();
  for (;;) {
    if (await condition()) return;
    const now = progress();
    if (!Object.is(now, last)) {
      last = now;
      changed = performance.now();
    } else if (performance.now() - changed > stallMilliseconds) {
      throw new Error(`Waited for ${what}, and nothing changed for ${stallMilliseconds} ms.`);
    }
    await wait(INTERVAL);
  }
}
