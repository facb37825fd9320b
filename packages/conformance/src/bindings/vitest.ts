import { afterAll, describe, test } from "vitest";
import { limitsOf } from "../context.ts";
import type { ConformanceFixture } from "../fixture.ts";
import { breaksRun } from "../report.ts";
import { seedFromEnvironment } from "../seed.ts";
import { SuiteRun } from "../suite-run.ts";
import type { BindingOptions } from "./options.ts";

/**
 * Declares the whole suite as vitest tests, one a case. Cases that do not apply, and known failures, are shown as
 * skipped, with the reason. `CONFORMANCE_SEED` sets the seed. In the end `[Symbol.asyncDispose]` of the fixture is called.
 *
 * @throws ConformanceFailure where the fixture is none, or known failures or `only` name a case that does not exist
 */
export function runConformance(fixture: ConformanceFixture, options: BindingOptions = {}): void {
  const run = new SuiteRun(fixture, options, seedFromEnvironment());
  const timeout = 3 * limitsOf(fixture).timeoutMs;
  describe(`conformance of ${fixture.name}`, () => {
    for (const one of run.cases) {
      // oxlint-disable-next-line vitest/expect-expect -- the case holds the assertions
      test(`${one.id} ${one.level}: ${one.title}`, { timeout }, async (context) => {
        const result = await run.run(one);
        if (breaksRun(result)) throw result.error;
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
    afterAll(() => run.end(options.onReport));
  });
}
