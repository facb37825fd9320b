// The layer that repeats what failed in a way that may pass.

import { checkOptionTypes, checkWhole, optionKinds, type Retry, RetryBudget } from "@remote-log/core/adapter";
import { type Around, aroundNames, aroundStorage, type LayerCall } from "./around.ts";
import { type Layer, layerOf } from "./layer.ts";
import { Waits } from "./waits.ts";

/** Options of {@link retry}. */
export interface RetryOptions {
  /** How often one call is made in all, a whole number from 1. Default 5. A failure that its client has repeated already counts as 3. */
  readonly tries?: number | undefined;
  /**
   * How many retries the calls of one storage, or of one name system, have together, a whole number from 1; four successes give one
   * back, and a timeout costs eight. So single failures are repeated for ever, and an outage ends soon. Default 32.
   */
  readonly budget?: number | undefined;
  /** Called before each wait. It must not throw. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

const { callback, number } = optionKinds;
const opening = { name: "retry", operation: "layers.open" };

/**
 * A layer that repeats calls that failed in a way that may pass: those whose error has the verdict `"safe"` or `"exhausted"`. Between the
 * tries it waits: a random time of up to 100 ms, then up to twice as long each time, and never less than the service asked for
 * (`Retry-After`, up to a minute). All calls respect such a pause.
 *
 * What is repeated does no harm: contents are found by their hash. **An update of a name is never repeated.** Of one that failed so the outcome is
 * unknown, and sent again it would conflict with itself: whoever sent it has to read the name first, as a writer does. `list` is repeated until
 * its first address has come, and `watch` is passed on.
 *
 * Readers and writers repeat what they need by themselves. This layer is for whoever uses a storage directly, and for adapters in front of
 * something that often fails.
 *
 * @example
 * ```ts
 * import { retry } from "@remote-log/layers";
 * import { memoryStorage } from "@remote-log/memory";
 *
 * const storage = retry({ onRetry: ({ error, milliseconds }) => console.log(error.code, milliseconds) })(memoryStorage());
 * ```
 */
export function retry(options: RetryOptions = {}): Layer {
  checkOptionTypes(options, { tries: number, budget: number, onRetry: callback }, opening);
  const { tries = 5, budget = 32, onRetry } = options;
  checkWhole({ tries, budget }, { operation: opening.operation, largest: 1_000_000 });
  const around = (): Around =>
    retrying(new RetryBudget({ failsAsOne: false, retries: budget, onRetry }), tries);
  return layerOf({
    storage: (inner, label) => aroundStorage(inner, label, around()),
    names: (inner, label) => aroundNames(inner, label, around()),
  });
}

function retrying(budget: RetryBudget, tries: number): Around {
  const waits = new Waits();
  const repeat = <T>(call: LayerCall, work: () => Promise<T>): Promise<T> =>
    waits.run(call, (signal) => budget.run(work, { most: tries, signal }));
  return {
    defers: true,
    run: (call, work) =>
      call.operation === "names.update" ? work(call.signal) : repeat(call, () => work(call.signal)),
    iterate: (call, open) =>
      call.operation === "names.watch"
        ? open(call.signal)
        : listed(
            () => open(call.signal),
            (work) => repeat(call, work),
          ),
    close: () => waits.end(),
  };
}

// What has begun to come is not begun anew: the caller has some of it already.
async function* listed<T>(
  open: () => AsyncIterable<T>,
  repeat: <R>(work: () => Promise<R>) => Promise<R>,
): AsyncGenerator<T, void, undefined> {
  const { iterator, first } = await repeat(async () => {
    const iterator = open()[Symbol.asyncIterator]();
    return { iterator, first: await iterator.next() };
  });
  let step = first;
  try {
    for (; step.done !== true; step = await iterator.next()) yield step.value;
  } finally {
    if (step.done !== true) await iterator.return?.();
  }
}
