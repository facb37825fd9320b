// Runs one case: opens instances, checks the promise within its time, closes them, and tells how it ended.

import { ConformanceFailure, check, outcomeOf, show } from "./assert.ts";
import type { ConformanceCase, Level } from "./case.ts";
import { conformanceCases } from "./cases/index.ts";
import { CaseRun, limitsOf, SkipCase } from "./context.ts";
import type { ConformanceFixture, Opened } from "./fixture.ts";
import { randomSeed } from "./seed.ts";
import { CaseTimeout } from "./time-out.ts";

/** How long the faults of a case that timed out may take to end, in milliseconds. */
const ENDING_MS = 1_000;

/**
 * How a case ended.
 *
 * - `"passed"`: the promise was kept
 * - `"failed"`: it was not, or it is listed among the known failures and was kept
 * - `"known"`: it was not, as the fixture says
 * - `"skipped"`: it does not apply; the reason tells why
 * - `"not-run"`: the run ended before it
 */
export type CaseStatus = "passed" | "failed" | "known" | "skipped" | "not-run";

/** The result of one case. */
export interface CaseResult {
  /** Id of the case. */
  readonly id: string;
  /** How binding the case is. */
  readonly level: Level;
  /** The promise, as a sentence. */
  readonly title: string;
  /** How it ended. */
  readonly status: CaseStatus;
  /** Why it was skipped, failed, is known to fail, or did not run. Empty if it passed. */
  readonly reason: string;
  /** What the case threw, if it failed. */
  readonly error?: unknown;
  /** What it waited for when its time was over, if it was not over in time: `["storage.get"]`. */
  readonly timedOut?: readonly string[];
  /** How long it took, in milliseconds, with opening and closing. */
  readonly durationMs: number;
  /** How much of that the fixture's `create` took, in milliseconds. */
  readonly openMs: number;
  /** How much of that closing the instances took, in milliseconds. */
  readonly closeMs: number;
}

/** Options of {@link runCase}. */
export interface RunCaseOptions {
  /** Seed of what the case draws by chance. Default: that of the fixture, or else a new one. */
  readonly seed?: number | undefined;
  /** How long the case may take, in milliseconds. Default: `limits.timeoutMs` of the fixture, or else 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the case: its instances are closed, and then it rejects with the reason of the signal, unchanged. */
  readonly signal?: AbortSignal | undefined;
  /** Called with what the fixture opened, before the case looks at it. */
  readonly onOpened?: ((opened: Opened) => void) | undefined;
}

/**
 * Runs one case on new instances of an adapter. Rejects only if its signal is aborted.
 *
 * @example
 * ```ts
 * import { conformanceCases, runCase } from "@remote-log/conformance";
 * import { memoryStorage } from "@remote-log/memory";
 *
 * const fixture = { name: "memory", create: async () => ({ storage: memoryStorage() }) };
 * const one = conformanceCases.find(({ id }) => id === "CAS-PUT-01")!;
 * const { status, reason } = await runCase(fixture, one);
 * console.log(status, reason);
 * ```
 */
export async function runCase(
  fixture: ConformanceFixture,
  one: ConformanceCase,
  options: RunCaseOptions = {},
): Promise<CaseResult> {
  options.signal?.throwIfAborted();
  const start = performance.now();
  let opens = false;
  const onOpened = (opened: Opened): void => {
    opens = true;
    options.onOpened?.(opened);
  };
  const { error, openMs, closeMs } = await attempt(fixture, one, { ...options, onOpened });
  options.signal?.throwIfAborted();
  const { id, level, title } = one;
  const result = { id, level, title, durationMs: performance.now() - start, openMs, closeMs };
  const known = fixture.known?.find((entry) => entry.id === id);
  if (error instanceof SkipCase) return { ...result, status: "skipped", reason: error.message };
  if (error === undefined) {
    if (known === undefined) return { ...result, status: "passed", reason: "" };
    const reason = "It is listed among the known failures, and it passes: remove it from the list.";
    return { ...result, status: "failed", reason, error: new ConformanceFailure(reason) };
  }
  const timedOut = error instanceof CaseTimeout ? { timedOut: error.waitedFor } : {};
  // A fixture that opens nothing shows nothing, not even a failure that is known.
  if (known !== undefined && opens) {
    return { ...result, status: "known", reason: known.reason, error, ...timedOut };
  }
  const reason = error instanceof Error ? error.message : show(error);
  return { ...result, status: "failed", reason, error, ...timedOut };
}

/**
 * Checks that the known failures of a fixture name cases that exist.
 *
 * @throws ConformanceFailure for an id that is none
 */
export function checkKnown(
  fixture: ConformanceFixture,
  cases: readonly ConformanceCase[] = conformanceCases,
): void {
  for (const { id } of fixture.known ?? []) {
    check(
      cases.some((one) => one.id === id),
      `The known failures of ${fixture.name} name ${id}, and there is no such case.`,
    );
  }
}

/** The outcome of a case, and how its time was spent. */
interface Attempt {
  /** What it threw, or undefined if it passed. */
  readonly error: unknown;
  readonly openMs: number;
  readonly closeMs: number;
}

async function attempt(
  fixture: ConformanceFixture,
  one: ConformanceCase,
  { seed = fixture.seed ?? randomSeed(), signal, onOpened, ...options }: RunCaseOptions,
): Promise<Attempt> {
  const limits = limitsOf(fixture, options.timeoutMs);
  const { timeoutMs } = limits;
  const over = new AbortController();
  const started = performance.now();
  let openMs: number | undefined;
  let run: CaseRun | undefined;
  const work = async (): Promise<void> => {
    run = await CaseRun.open(fixture, one.id, { signal: over.signal, seed, limits });
    openMs = performance.now() - started;
    onOpened?.(run.opened);
    const reason = run.whyNot(one.requires);
    if (reason !== undefined) run.skip(reason);
    await one.run(run);
    await run.leavesNoListeners();
  };
  const working = work();
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  working.then(end, end);
  const worked = await outcomeOf(
    within(timeoutMs, working, signal, () => {
      if (run === undefined) {
        return new CaseTimeout(`The fixture's create was not over after ${timeoutMs} ms.`, [
          "the fixture's create",
        ]);
      }
      return new CaseTimeout(
        `It was not over after ${timeoutMs} ms: ${run.activity}.`,
        run.activity.waitedFor(),
      );
    }),
  );
  openMs ??= performance.now() - started;
  if (!ended) {
    // What hangs may be an adapter that asks again and again: nothing of the fixture is kept up for it.
    await outcomeOf(
      within(ENDING_MS, run?.endFaults() ?? Promise.resolve(), undefined, () => new Error("late")),
    );
    over.abort();
  }
  const closing = performance.now();
  const closed = await outcomeOf(
    within(timeoutMs, run?.close() ?? Promise.resolve(), undefined, () => {
      const message = `Closing the instances was not over after ${timeoutMs} ms.`;
      return new CaseTimeout(message, ["close of the instances"]);
    }),
  );
  over.abort();
  const closeMs = performance.now() - closing;
  const failed = [worked, closed].find(({ status }) => status === "rejected") as
    | PromiseRejectedResult
    | undefined;
  if (failed === undefined) return { error: undefined, openMs, closeMs };
  // A rejection without a reason is still a failure.
  const error =
    (failed.reason as unknown) ?? new ConformanceFailure(`The adapter rejected with ${failed.reason}.`);
  return { error, openMs, closeMs };
}

async function within(
  timeoutMs: number,
  work: Promise<void>,
  signal: AbortSignal | undefined,
  late: () => Error,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late());
    }, timeoutMs);
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
  });
  try {
    await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}
