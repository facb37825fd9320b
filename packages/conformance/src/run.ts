import { ConformanceFailure, check, outcomeOf, show } from "./assert.ts";
import type { ConformanceCase, Level } from "./case.ts";
import { conformanceCases } from "./cases/index.ts";
import { CaseRun, limitsOf, SkipCase } from "./context.ts";
import type { ConformanceFixture } from "./fixture.ts";

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

/** Runs one case on new instances of an adapter. Never rejects. */
export async function runCase(fixture: ConformanceFixture, one: ConformanceCase): Promise<CaseResult> {
  const start = performance.now();
  const error = await attempt(fixture, one);
  const { id, level, title } = one;
  const result = { id, level, title, durationMs: performance.now() - start };
  const known = fixture.known?.find((entry) => entry.id === id);
  if (error instanceof SkipCase) return { ...result, status: "skipped", reason: error.message };
  if (error === undefined) {
    if (known === undefined) return { ...result, status: "passed", reason: "" };
    const reason = "It is listed among the known failures, and it passes: remove it from the list.";
    return { ...result, status: "failed", reason, error: new ConformanceFailure(reason) };
  }
  if (known !== undefined) return { ...result, status: "known", reason: known.reason, error };
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
async function attempt(fixture: ConformanceFixture, one: ConformanceCase): Promise<unknown> {
  const { timeoutMs } = limitsOf(fixture);
  const over = new AbortController();
  let run: CaseRun | undefined;
  const work = async (): Promise<void> => {
    run = await CaseRun.open(fixture, one.id, over.signal);
    const missing = run.missing(one.requires);
    if (missing !== undefined) run.skip(`needs ${missing}, which is not there or not declared`);
    await one.run(run);
  };
  const worked = await outcomeOf(within(timeoutMs, work()));
  const closed = await outcomeOf(within(timeoutMs, run?.close() ?? Promise.resolve()));
  over.abort();
  if (worked.status === "rejected") return worked.reason;
  return closed.status === "rejected" ? closed.reason : undefined;
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new ConformanceFailure(`It was not over after ${timeoutMs} ms.`));
    }, timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
