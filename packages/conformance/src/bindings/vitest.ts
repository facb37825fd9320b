import { describe, test } from "vitest";
import { conformanceCases } from "../cases/index.ts";
import { limitsOf } from "../context.ts";
import type { ConformanceFixture } from "../fixture.ts";
import { breaksRun } from "../report.ts";
import { checkKnown, runCase } from "../run.ts";

/**
 * Declares the whole suite as vitest tests, one a case. Cases that do not apply, and known failures, are shown as
 * skipped, with the reason.
 *
 * @throws ConformanceFailure where the known failures name a case that does not exist
 */
export function runConformance(fixture: ConformanceFixture): void {
  checkKnown(fixture);
  const timeout = 3 * limitsOf(fixture).timeoutMs;
  describe(`conformance of ${fixture.name}`, () => {
    for (const one of conformanceCases) {
      // oxlint-disable-next-line vitest/expect-expect -- the case holds the assertions
      test(`${one.id} ${one.level}: ${one.title}`, { timeout }, async (context) => {
        const result = await runCase(fixture, one);
        if (breaksRun(result)) throw result.error;
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
  });
}
