// The layer that limits how many calls run, how often, with how many bytes, and for how long.

import { InvalidInputError } from "@remote-log/core";
import {
  anySignal,
  checkOptionTypes,
  checkWhole,
  optionKinds,
  Semaphore,
  withDeadline,
} from "@remote-log/core/adapter";
import { type Around, aroundNames, aroundStorage, bytesIn, type LayerCall } from "./around.ts";
import { type Layer, layerOf } from "./layer.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Waits } from "./waits.ts";

/** Options of {@link limit}. */
export interface LimitOptions {
  /** The most calls at once, a whole number from 1. Default: any number. */
  readonly concurrency?: number | undefined;
  /** The most calls a second on average, more than 0. Default: any number. */
  readonly callsPerSecond?: number | undefined;
  /** The most calls that may begin together after a pause, a whole number from 1. Default: as many as one second has, at least 1. */
  readonly burst?: number | undefined;
  /**
   * The most bytes of contents a second on average, those that are sent and those that come, a whole number from 1. A call is never cut: one of
   * more bytes delays those after it. Default: any number.
   */
  readonly bytesPerSecond?: number | undefined;
  /**
   * How long a call may take once it runs, in milliseconds, from 1; one that sends contents gets a millisecond more for each 32 bytes. Of a `list`, each
   * step may take so long. Default: as long as it takes.
   */
  readonly milliseconds?: number | undefined;
}

/** The longest deadline, in milliseconds: timers do not wait for more. */
const LONGEST = 2 ** 31 - 1;

/** The slowest upload that is waited for. */
const UPLOAD_BYTES_PER_MILLISECOND = 32;

const { number } = optionKinds;
const kinds = {
  concurrency: number,
  callsPerSecond: number,
  burst: number,
  bytesPerSecond: number,
  milliseconds: number,
};
const operation = "layers.open";

/**
 * A layer that limits what reaches a service. What is over a limit waits, in the order in which it was called; a signal, or closing, ends the wait.
 *
 * One layer is one limit: if it goes around several storages and name systems, such as both halves of a remote, they share it. A `watch`
 * is not limited, for it waits most of the time.
 *
 * @example
 * ```ts
 * import { limit } from "@remote-log/layers";
 * import { memoryRemote } from "@remote-log/memory";
 *
 * const remote = limit({ concurrency: 4, callsPerSecond: 10, milliseconds: 30_000 })(memoryRemote());
 * ```
 */
export function limit(options: LimitOptions): Layer {
  checkOptionTypes(options, kinds, { name: "limit", operation });
  const { concurrency, callsPerSecond, burst, bytesPerSecond, milliseconds } = options;
  const whole = { concurrency, burst, bytesPerSecond };
  for (const [name, value] of Object.entries(whole))
    if (value !== undefined) checkWhole({ [name]: value }, { operation, largest: Number.MAX_SAFE_INTEGER });
  checkPositive({ callsPerSecond, milliseconds });
  const limits: Limits = {
    permits: concurrency === undefined ? undefined : new Semaphore(concurrency),
    calls:
      callsPerSecond === undefined
        ? undefined
        : new TokenBucket(callsPerSecond, burst ?? Math.max(1, Math.floor(callsPerSecond))),
    bytes: bytesPerSecond === undefined ? undefined : new TokenBucket(bytesPerSecond, bytesPerSecond),
    milliseconds,
  };
  return layerOf({
    storage: (inner, label) => aroundStorage(inner, label, limiting(limits)),
    names: (inner, label) => aroundNames(inner, label, limiting(limits)),
  });
}

interface Limits {
  readonly permits: Semaphore | undefined;
  readonly calls: TokenBucket | undefined;
  readonly bytes: TokenBucket | undefined;
  readonly milliseconds: number | undefined;
}

type Work<T> = (signal: AbortSignal | undefined) => Promise<T>;

function limiting(limits: Limits): Around {
  const waits = new Waits();
  const { permits, calls, bytes } = limits;
  const within = <T>(call: LayerCall, isCall: boolean, work: Work<T>): Promise<T> =>
    waits.run(call, (waiting) => {
      const begin = async (): Promise<T> => {
        if (isCall) await calls?.take(1, waiting);
        await bytes?.take(call.bytesSent, waiting);
        const answer = await inTime(limits, call, work);
        bytes?.charge(bytesIn(answer));
        return answer;
      };
      return permits === undefined ? begin() : permits.run(waiting, begin);
    });
  return {
    defers: true,
    run: (call, work) => within(call, true, work),
    iterate: (call, open) =>
      call.operation === "names.watch"
        ? open(call.signal)
        : limitedSteps(call, open, (isFirst, step) => within(call, isFirst, step)),
    close: () => waits.end(),
  };
}

function inTime<T>({ milliseconds }: Limits, call: LayerCall, work: Work<T>): Promise<T> {
  const { operation, label, signal, bytesSent } = call;
  if (milliseconds === undefined) return work(signal);
  const time = Math.min(LONGEST, milliseconds + Math.ceil(bytesSent / UPLOAD_BYTES_PER_MILLISECOND));
  return withDeadline({ milliseconds: time, operation, backend: label, signal }, work);
}

// Each step has a turn and a deadline of its own: whoever takes them may pause between two of them.
async function* limitedSteps<T>(
  { signal }: LayerCall,
  open: (signal: AbortSignal | undefined) => AsyncIterable<T>,
  run: <R>(isFirst: boolean, step: () => Promise<R>) => Promise<R>,
): AsyncGenerator<T, void, undefined> {
  const linked = anySignal(signal);
  let source: AsyncIterator<T> | undefined;
  let isOver = false;
  try {
    for (let isFirst = true; ; isFirst = false) {
      const step = await run(isFirst, () => {
        source ??= open(linked.signal)[Symbol.asyncIterator]();
        return source.next();
      });
      isOver = step.done === true;
      if (step.done) return;
      yield step.value;
    }
  } finally {
    linked.abort();
    // One that still works on a step ends when it answers: nobody waits for that.
    if (!isOver) source?.return?.().catch(() => undefined);
  }
}

function checkPositive(options: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (value > 0 && value <= LONGEST)) continue;
    throw new InvalidInputError(`${name} must be more than 0 and at most ${LONGEST}, not ${value}.`, {
      operation,
    });
  }
}
