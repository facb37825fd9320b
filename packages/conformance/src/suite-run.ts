// One run of the suite: which cases, in which order, when it ends early, and the report at its end.

import { check } from "./assert.ts";
import type { ConformanceCase } from "./case.ts";
import { conformanceCases } from "./cases/index.ts";
import { checkFixture } from "./check-fixture.ts";
import { limitsOf } from "./context.ts";
import { type Declared, declaredBy } from "./declared.ts";
import { EarlyStop, type EarlyStopOptions, type Stopped } from "./early-stop.ts";
import type { ConformanceFixture, FilledLimits } from "./fixture.ts";
import type { ConformanceReport, ReportedAdapter } from "./report.ts";
import { type CaseResult, checkKnown, runCase } from "./run.ts";
import { currentRuntime } from "./runtime.ts";
import { randomSeed } from "./seed.ts";
import { breaksRun } from "./verdict.ts";
import { suiteVersion } from "./version.ts";

/** What runs, when a run ends early, and who is told. */
export interface SuiteOptions extends EarlyStopOptions {
  /** Ids of the cases to run, or what they begin with: `["CAS-PUT", "NS-UPDATE-07"]`. Default: all of them. */
  readonly only?: readonly string[] | undefined;
  /** How long one case may take, in milliseconds. Default: `limits.timeoutMs` of the fixture, or else 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Called with every result as it comes, also with those of cases that did not run. */
  readonly onResult?: ((result: CaseResult) => void) | undefined;
}

/** Options of {@link checkConformance}. */
export interface CheckOptions extends SuiteOptions {
  /** Ends the run: it rejects with the reason of the signal, unchanged. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks that each of the chosen ids begins that of a case.
 *
 * @throws ConformanceFailure for one that begins none, or if nothing is chosen
 */
export function checkOnly(only: readonly string[]): void {
  check(only.length > 0, "No cases are chosen: only is empty.");
  for (const start of only) {
    const found = start !== "" && conformanceCases.some(({ id }) => id.startsWith(start));
    check(found, `There is no case whose id begins with ${JSON.stringify(start)}.`);
  }
}

/** The longest time that a timer of the runtimes can wait, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Checks the time of a case.
 *
 * @param what - what it came from, for the message
 * @throws ConformanceFailure if it is no number of milliseconds that a timer can wait
 */
export function checkTimeout(timeoutMs: number, what: string): void {
  const fits = timeoutMs > 0 && timeoutMs <= LONGEST_MS;
  check(fits, `${what} is ${timeoutMs}, not a number of milliseconds above 0, up to ${LONGEST_MS}.`);
}

/** One run of the suite, whatever starts its cases. */
export class SuiteRun {
  /** The cases to run, in the order of the suite. */
  readonly cases: readonly ConformanceCase[];
  readonly #fixture: ConformanceFixture;
  readonly #seed: number;
  readonly #timeoutMs: number | undefined;
  readonly #onResult: SuiteOptions["onResult"];
  readonly #started = new Date();
  readonly #results = new Map<string, CaseResult>();
  readonly #earlyStop: EarlyStop;
  #declared: Declared = {};

  /**
   * @param seed - the one to draw with; default: that of the fixture, or else a new one
   * @throws ConformanceFailure if an option is none, or if `only` or a known failure of the fixture names no case
   */
  constructor(fixture: ConformanceFixture, options: SuiteOptions, seed?: number) {
    const { only, onResult, timeoutMs } = options;
    checkFixture(fixture, "The fixture");
    checkKnown(fixture);
    if (only !== undefined) checkOnly(only);
    if (timeoutMs !== undefined) checkTimeout(timeoutMs, "timeoutMs");
    this.#earlyStop = new EarlyStop(options);
    this.#fixture = fixture;
    this.#onResult = onResult;
    this.#timeoutMs = timeoutMs;
    this.#seed = seed ?? fixture.seed ?? randomSeed();
    this.cases = conformanceCases.filter(
      ({ id }) => only === undefined || only.some((start) => id.startsWith(start)),
    );
  }

  /** The limits of the run: those of the fixture, with their defaults. */
  get limits(): FilledLimits {
    return limitsOf(this.#fixture, this.#timeoutMs);
  }

  /** Runs one case, unless the run has ended. Rejects only if the signal is aborted. */
  async run(one: ConformanceCase, signal?: AbortSignal): Promise<CaseResult> {
    const { stopped } = this.#earlyStop;
    const result = stopped === undefined ? await this.#runCase(one, signal) : notRun(one, stopped);
    this.#results.set(one.id, result);
    this.#earlyStop.take(result);
    this.#onResult?.(result);
    return result;
  }

  async #runCase(one: ConformanceCase, signal: AbortSignal | undefined): Promise<CaseResult> {
    return runCase(this.#fixture, one, {
      seed: this.#seed,
      timeoutMs: this.limits.timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      onOpened: (opened) => {
        this.#declared = { ...declaredBy(opened), ...this.#declared };
      },
    });
  }

  /** Ends the run: hands over the report, and then disposes of the fixture, which may stop a server of its own. */
  async end(onReport?: (report: ConformanceReport) => void | Promise<void>): Promise<void> {
    try {
      await onReport?.(this.report());
    } finally {
      await this.#fixture[Symbol.asyncDispose]?.();
    }
  }

  /** What the cases gave that have run so far. */
  report(): ConformanceReport {
    const { name, version, service } = this.#fixture;
    const adapter: ReportedAdapter = {
      name,
      ...(version === undefined ? {} : { version }),
      ...(service === undefined ? {} : { service }),
    };
    const results = this.cases.flatMap(({ id }) => this.#results.get(id) ?? []);
    const ran = results.filter(({ status }) => status !== "not-run");
    const { stopped } = this.#earlyStop;
    return {
      suite: suiteVersion,
      adapter,
      declared: this.#declared,
      runtime: currentRuntime(),
      seed: this.#seed,
      started: this.#started.toISOString(),
      limits: this.limits,
      complete: ran.length === conformanceCases.length,
      ...(stopped === undefined ? {} : { stopped }),
      conformant: !results.some((one) => breaksRun(one) || (one.level === "MUST" && one.status === "known")),
      expected: !results.some(breaksRun),
      results,
    };
  }
}

/** The result of a case that comes after the end of its run. */
function notRun({ id, level, title }: ConformanceCase, { after }: Stopped): CaseResult {
  const reason = `the run ended after ${after}`;
  return { id, level, title, status: "not-run", reason, durationMs: 0, openMs: 0, closeMs: 0 };
}

/**
 * Runs the whole suite, or a part of it, one case after the other. It needs no test runner, and runs in browsers and
 * workers too. The fixture is not disposed of: that is left to the caller.
 *
 * @throws ConformanceFailure if an option is none, or if `only` or a known failure of the fixture names no case;
 * whatever an adapter does wrong is a result and no exception
 *
 * @example
 * ```ts
 * import { checkConformance, formatReport } from "@remote-log/conformance";
 * import { memoryNames, memoryStorage } from "@remote-log/memory";
 *
 * const create = async () => ({ storage: memoryStorage(), names: memoryNames() });
 * const report = await checkConformance({ name: "memory", create }, { bail: true, timeoutMs: 30_000 });
 * console.log(formatReport(report));
 * if (!report.expected) throw new Error("The adapter has failures that are not known.");
 * ```
 */
export async function checkConformance(
  fixture: ConformanceFixture,
  { signal, ...options }: CheckOptions = {},
): Promise<ConformanceReport> {
  const run = new SuiteRun(fixture, options);
  for (const one of run.cases) await run.run(one, signal);
  return run.report();
}
