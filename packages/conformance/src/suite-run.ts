import { check } from "./assert.ts";
import type { ConformanceCase } from "./case.ts";
import { conformanceCases } from "./cases/index.ts";
import { checkFixture } from "./check-fixture.ts";
import { limitsOf } from "./context.ts";
import { type Declared, declaredBy } from "./declared.ts";
import type { ConformanceFixture } from "./fixture.ts";
import { breaksRun, type ConformanceReport, type ReportedAdapter } from "./report.ts";
import { type CaseResult, checkKnown, runCase } from "./run.ts";
import { currentRuntime } from "./runtime.ts";
import { randomSeed } from "./seed.ts";
import { suiteVersion } from "./version.ts";

/** What is run, and who hears of it. */
export interface SuiteOptions {
  /** Ids of the cases to run, or what they begin with: `["CAS-PUT", "NS-UPDATE-07"]`. Default: all of them. */
  readonly only?: readonly string[];
  /** Called with every result as it comes. */
  readonly onResult?: (result: CaseResult) => void;
}

/** Options of {@link checkConformance}. */
export interface CheckOptions extends SuiteOptions {
  /** Ends the run: it rejects with the reason of the signal, unchanged. */
  readonly signal?: AbortSignal;
}

/**
 * Checks that each of the chosen ids begins that of a case.
 *
 * @throws ConformanceFailure for one that begins none, or where nothing is chosen
 */
export function checkOnly(only: readonly string[]): void {
  check(only.length > 0, "No cases are chosen: only is empty.");
  for (const start of only) {
    const found = start !== "" && conformanceCases.some(({ id }) => id.startsWith(start));
    check(found, `There is no case whose id begins with ${JSON.stringify(start)}.`);
  }
}

/** One run of the suite, whatever starts its cases. */
export class SuiteRun {
  /** The cases to run, in the order of the suite. */
  readonly cases: readonly ConformanceCase[];
  readonly #fixture: ConformanceFixture;
  readonly #seed: number;
  readonly #onResult: SuiteOptions["onResult"];
  readonly #started = new Date();
  readonly #results = new Map<string, CaseResult>();
  #declared: Declared = {};

  /**
   * @param seed - the one to draw with; default: that of the fixture, or else a new one
   * @throws ConformanceFailure where `only`, or a known failure of the fixture, names no case
   */
  constructor(fixture: ConformanceFixture, { only, onResult }: SuiteOptions, seed?: number) {
    checkFixture(fixture, "The fixture");
    checkKnown(fixture);
    if (only !== undefined) checkOnly(only);
    this.#fixture = fixture;
    this.#onResult = onResult;
    this.#seed = seed ?? fixture.seed ?? randomSeed();
    this.cases = conformanceCases.filter(
      ({ id }) => only === undefined || only.some((start) => id.startsWith(start)),
    );
  }

  /** Runs one case. Rejects on an abort alone. */
  async run(one: ConformanceCase, signal?: AbortSignal): Promise<CaseResult> {
    const result = await runCase(this.#fixture, one, {
      seed: this.#seed,
      ...(signal === undefined ? {} : { signal }),
      onOpened: (opened) => {
        this.#declared = { ...declaredBy(opened), ...this.#declared };
      },
    });
    this.#results.set(one.id, result);
    this.#onResult?.(result);
    return result;
  }

  /** Ends the run: hands over the report, and disposes of the fixture, where it can be, so that it stops a server. */
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
    return {
      suite: suiteVersion,
      adapter,
      declared: this.#declared,
      runtime: currentRuntime(),
      seed: this.#seed,
      started: this.#started.toISOString(),
      limits: limitsOf(this.#fixture),
      complete: results.length === conformanceCases.length,
      conformant: !results.some(({ level, status }) => level === "MUST" && /failed|known/.test(status)),
      expected: !results.some(breaksRun),
      results,
    };
  }
}

/**
 * Runs the whole suite, or a part of it, without any test runner, one case after the other.
 *
 * @throws ConformanceFailure where `only`, or a known failure of the fixture, names no case; whatever an adapter does
 * wrong is a result and no exception
 */
export async function checkConformance(
  fixture: ConformanceFixture,
  { signal, ...options }: CheckOptions = {},
): Promise<ConformanceReport> {
  const run = new SuiteRun(fixture, options);
  for (const one of run.cases) await run.run(one, signal);
  return run.report();
}
