/// <reference types="node" />
import { describe, test } from "node:test";
import { conformanceCases } from "../cases/index.ts";
import type { ConformanceFixture } from "../fixture.ts";
import { breaksRun } from "../report.ts";
import { checkKnown, runCase } from "../run.ts";

/**
 * Declares the whole suite as tests of Node's own runner, one a case. Cases that do not apply, and known failures,
 * are shown as skipped, with the reason.
 *
 * @throws ConformanceFailure where the known failures name a case that does not exist
 */
export function runConformance(fixture: ConformanceFixture): void {
  checkKnown(fixture);
  void describe(`conformance of ${fixture.name}`, () => {
    for (const one of conformanceCases) {
      void test(`${one.id} ${one.level}: ${one.title}`, async (context) => {
        const result = await runCase(fixture, one);
        if (breaksRun(result)) throw result.error;
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
  });
}
