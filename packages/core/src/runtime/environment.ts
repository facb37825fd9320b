// Where time, timers and chance come from: the runtime, or whoever takes its place, such as a simulation. The entry
// `@remote-log/core/environment`.

/** The part of the Web Cryptography API that signs and verifies. */
export type SigningApi = Pick<SubtleCrypto, "importKey" | "exportKey" | "sign" | "verify">;

/** Everything outside the program that would make two runs of it differ, besides the storages and databases that it is given. */
export interface Environment {
  /** The time of day, in milliseconds since 1970. It may be set, back as well. */
  now(): number;
  /** Milliseconds since some moment. It never goes back. */
  monotonicNow(): number;
  /**
   * Runs something once, later.
   *
   * @param run - never throws
   * @param milliseconds - how long to wait, up to 2³¹ − 1
   * @param mayEnd - whether the process may end before that, if nothing else keeps it running
   * @returns what cancels it; without effect after it has run
   */
  schedule(run: () => void, milliseconds: number, mayEnd: boolean): () => void;
  /** A number from 0 to below 1. Nothing secret comes of it: lengths of waits, and which samples are read. */
  random(): number;
  /** Bytes that nobody can guess. Keys come of them. */
  randomBytes(length: number): Uint8Array;
  /** What signs and verifies; undefined if there is nothing but JavaScript. Its promises are waited for. */
  readonly signing: SigningApi | undefined;
}

/** The runtime's own. Each is looked up when it is used, since a polyfill or a test may replace it meanwhile. */
const system: Environment = {
  now: () => Date.now(),
  monotonicNow: () => (globalThis.performance ?? Date).now(),
  schedule(run, milliseconds, mayEnd) {
    const timer = setTimeout(run, milliseconds);
    if (mayEnd) (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  randomBytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)),
  get signing() {
    return globalThis.crypto?.subtle;
  },
};

let current = system;

/** What is in use now. */
export function environment(): Environment {
  return current;
}

/**
 * Takes time, timers and chance from somewhere else, for everything in this process that uses the core. It is meant for
 * simulations and tests: whoever foretells `randomBytes` knows every key that is made meanwhile.
 *
 * What has begun continues with what it began with: a timer that runs is not moved. So call it before anything is opened.
 *
 * @param parts - what is replaced; the rest stays as it is
 * @returns what puts the former ones back
 *
 * @example
 * ```ts
 * import { useEnvironment } from "@remote-log/core/environment";
 *
 * // A device whose clock is an hour slow.
 * const giveBack = useEnvironment({ now: () => Date.now() - 3_600_000 });
 * giveBack();
 * ```
 */
export function useEnvironment(parts: Partial<Environment>): () => void {
  const former = current;
  const owner = <Name extends keyof Environment>(name: Name): Pick<Environment, Name> =>
    name in parts ? (parts as Pick<Environment, Name>) : former;
  current = {
    now: () => owner("now").now(),
    monotonicNow: () => owner("monotonicNow").monotonicNow(),
    schedule: (...timer) => owner("schedule").schedule(...timer),
    random: () => owner("random").random(),
    randomBytes: (length) => owner("randomBytes").randomBytes(length),
    get signing() {
      return owner("signing").signing;
    },
  };
  return () => {
    current = former;
  };
}
