// Requests about a name, and about what it leads to, that got no answer: again, a few times, within a budget.

import { RetryBudget } from "../async/retry.ts";
import { hasCode, isRemoteLogError, UnreachableError } from "../errors/index.ts";
import type { Remote } from "../remote/remote.ts";

/** How often a request is made in all. */
const TRIES = 3;

/** How many retries there is room for: as many updates as are settled, and two more. */
const RETRIES = 7;

/**
 * Repeats requests about the name of one remote. A publish consists of a few of them, and one that is lost on the way must not
 * end it. Only those are repeated that got no usable answer. A service that is silent has held its place for a minute already,
 * and whoever publishes decides whether to wait for another one.
 */
export class NameRetries {
  // What fails says nothing of the others.
  readonly #budget = new RetryBudget({ failsAsOne: false, retries: RETRIES });

  /**
   * Makes a request; again if no answer came.
   *
   * @param failed - how a request failed that was made just now and that this one is to clear up: it is waited after it, for as
   * long as the service asked
   * @throws what the last one failed with
   */
  run<T>(request: () => Promise<T>, signal: AbortSignal, failed?: unknown): Promise<T> {
    const options = { most: TRIES, signal, maySucceed: isUnanswered };
    return this.#budget.run(request, { ...options, ...(isUnanswered(failed) && { failed }) });
  }

  /** The same remote, of which each read of an object is repeated so. */
  reading(remote: Remote, signal: AbortSignal): Remote {
    const { storage } = remote;
    return {
      ...remote,
      storage: {
        name: storage.name,
        capabilities: storage.capabilities,
        put: (content, options) => storage.put(content, options),
        get: (address, options) => this.run(() => storage.get(address, options), signal),
        has: (address, options) => this.run(() => storage.has(address, options), signal),
      },
    };
  }
}

function isUnanswered(error: unknown): boolean {
  return hasCode(error, "ERR_UNREACHABLE");
}

/**
 * The error of an update that was sent again and again, and never answered.
 *
 * @param failure - how it failed the last time: it says what to do, and its reason is the reason
 */
export function gaveUp(label: string, updates: number, failure: unknown): UnreachableError {
  const last = isRemoteLogError(failure) ? failure : undefined;
  const said = last === undefined ? "" : ` The last time: ${last.message}`;
  return new UnreachableError(
    `${label} gave no usable answer to ${updates} updates of the name. The signed head is kept, and sent again, unchanged, at the ` +
      `next publish.${said}`,
    { operation: "writer.publish", retry: "exhausted", reason: last?.reason, cause: failure },
  );
}
