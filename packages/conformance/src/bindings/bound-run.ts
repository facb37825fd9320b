// What the bindings to test runners share: a run whose cases are tests of the runner, and which fails at its end if
// something was left open.

import { ConformanceFailure, outcomeOf } from "../assert.ts";
import type { ConformanceCase } from "../case.ts";
import type { ConformanceFixture, FilledLimits } from "../fixture.ts";
import { formatLeftOpen } from "../left-open.ts";
import { OpenHandles } from "../open-handles.ts";
import type { CaseResult } from "../run.ts";
import { seedFromEnvironment } from "../seed.ts";
import { SuiteRun } from "../suite-run.ts";
import type { BindingOptions } from "./options.ts";

/** A run of the suite under a test runner. */
export class BoundRun {
  readonly #run: SuiteRun;
  readonly #options: BindingOptions;
  #handles: OpenHandles | undefined;

  /** @throws ConformanceFailure if the fixture is none, or if known failures or `only` name a case that does not exist */
  constructor(fixture: ConformanceFixture, options: BindingOptions) {
    this.#run = new SuiteRun(fixture, options, seedFromEnvironment());
    this.#options = options;
  }

  /** The cases to run, in the order of the suite. */
  get cases(): readonly ConformanceCase[] {
    return this.#run.cases;
  }

  /** The limits of the run. */
  get limits(): FilledLimits {
    return this.#run.limits;
  }

  /** Runs one case. */
  async run(one: ConformanceCase): Promise<CaseResult> {
    if (this.#options.leftOpen !== "ignore") this.#handles ??= OpenHandles.start();
    const run = (): Promise<CaseResult> => this.#run.run(one);
    return this.#handles === undefined ? run() : this.#handles.during(one.id, run);
  }

  /**
   * Hands over the report, disposes of the fixture, and looks at what is left.
   *
   * @throws ConformanceFailure if something was left open
   */
  async end(): Promise<void> {
    const ended = await outcomeOf(this.#run.end(this.#options.onReport));
    const left = (await this.#handles?.end()) ?? [];
    if (ended.status === "rejected") throw ended.reason;
    if (left.length > 0) throw new ConformanceFailure(formatLeftOpen(left));
  }
}
