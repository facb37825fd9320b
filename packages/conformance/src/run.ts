import { ConformanceFailure, check, outcomeOf, show } from "./assert.ts";
import type { ConformanceCase, Level } from "./case.ts";
import { conformanceCases } from "./cases/index.ts";
import { CaseRun, limitsOf, SkipCase } from "./context.ts";
import type { ConformanceFixture, Opened } from "./fixture.ts";
import { randomSeed } from "./seed.ts";

/** How long the faults of a case that was not over in time may take to end, in milliseconds. */
const ENDING_MS = 1_000;

/**
 * How a case ended.
 *
 * - `"passed"`: the promise was kept
 * - `"failed"`: it was not, or it is listed among the known failures and was kept
 * - `"known"`: it was not, as the fixture says
 * - `"skipped"`: it does not apply; the reason tells why
 */
export type CaseStatus = "passed" | "failed" | "known" | "skipped";

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
  /** Why it was skipped, failed, or is known to fail. Empty where it passed. */
  readonly reason: string;
  /** What the case threw, where it failed. */
  readonly error?: unknown;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** Options of {@link runCase}. */
export interface RunCaseOptions {
  /** Seed of what the case draws by chance. Default: that of the fixture, or else a new one. */
  readonly seed?: number;
  /** Ends the case: its instances are closed, and then it rejects with the reason of the signal, unchanged. */
  readonly signal?: AbortSignal;
  /** Called with what the fixture opened, before the case looks at it. */
  readonly onOpened?: (opened: Opened) => void;
}

/** Runs one case on new instances of an adapter. Rejects on an abort alone. */
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
  const error = await attempt(fixture, one, { ...options, onOpened });
  options.signal?.throwIfAborted();
  const { id, level, title } = one;
  const result = { id, level, title, durationMs: performance.now() - start };
  const known = fixture.known?.find((entry) => entry.id === id);
  if (error instanceof SkipCase) return { ...result, status: "skipped", reason: error.message };
  if (error === undefined) {
    if (known === undefined) return { ...result, status: "passed", reason: "" };
    const reason = "It is listed among the known failures, and it passes: remove it from the list.";
    return { ...result, status: "failed", reason, error: new ConformanceFailure(reason) };
  }
  // A fixture that opens nothing shows nothing, not even a failure that is known.
  if (known !== undefined && opens) return { ...result, status: "known", reason: known.reason, error };
  return {
    ...result,
    status: "failed",
    reason: error instanceof Error ? error.message : show(error),
    error,
  };
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

/** What the case threw, or nothing where it passed. */
async function attempt(
  fixture: ConformanceFixture,
  one: ConformanceCase,
  { seed = fixture.seed ?? randomSeed(), signal, onOpened }: RunCaseOptions,
): Promise<unknown> {
  const { timeoutMs } = limitsOf(fixture);
  const over = new AbortController();
  let run: CaseRun | undefined;
  const work = async (): Promise<void> => {
    run = await CaseRun.open(fixture, one.id, over.signal, seed);
    onOpened?.(run.opened);
    const missing = run.missing(one.requires);
    if (missing !== undefined) run.skip(`needs ${missing}, which is not there or not declared`);
    await one.run(run);
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
        return new ConformanceFailure(`The fixture's create was not over after ${timeoutMs} ms.`);
      }
      return new ConformanceFailure(`It was not over after ${timeoutMs} ms: ${run.waitingFor()}.`);
    }),
  );
  if (!ended) {
    // What hangs may be an adapter that asks again and again: nothing of the fixture is kept up for it.
    await outcomeOf(
      within(ENDING_MS, run?.endFaults() ?? Promise.resolve(), undefined, () => new Error("late")),
    );
    over.abort();
  }
  const closed = await outcomeOf(
    within(
      timeoutMs,
      run?.close() ?? Promise.resolve(),
      undefined,
      () => new ConformanceFailure(`Closing the instances was not over after ${timeoutMs} ms.`),
    ),
  );
  over.abort();
  const failed = [worked, closed].find(({ status }) => status === "rejected") as
    | PromiseRejectedResult
    | undefined;
  if (failed === undefined) return undefined;
  // Who rejects with nothing has failed all the same.
  return (failed.reason as unknown) ?? new ConformanceFailure(`The adapter rejected with ${failed.reason}.`);
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
