// Runs the suite under vitest.

import { afterAll, describe, test } from "vitest";
import type { ConformanceFixture } from "../fixture.ts";
import type { ReaderStoreFixture } from "../reader-store/fixture.ts";
import { TIMEOUT_MS } from "../reader-store/fixture.ts";
import { chosenStoreCases, type ReaderStoreRunOptions, runReaderStoreCase } from "../reader-store/run.ts";
import { breaksRun } from "../verdict.ts";
import { BoundRun } from "./bound-run.ts";
import type { BindingOptions } from "./options.ts";

/** How long the end of a run may take: the report, the end of the fixture, and what was left open. In milliseconds. */
const ENDING_MS = 180_000;

/**
 * Declares the whole suite as tests of vitest, one a case. Cases that do not apply, that are known to fail, or that
 * come after the end of a run that ended early are shown as skipped, with the reason. `CONFORMANCE_SEED` sets the seed.
 * After the last case `onReport` is called, and then `[Symbol.asyncDispose]` of the fixture. Something that was left
 * open makes the run fail.
 *
 * @throws ConformanceFailure if the fixture is none, or if known failures or `only` name a case that does not exist
 *
 * @example
 * ```ts
 * import { runConformance } from "@remote-log/conformance/vitest";
 * import { memoryNames, memoryStorage } from "@remote-log/memory";
 *
 * const create = async () => ({ storage: memoryStorage(), names: memoryNames() });
 * runConformance({ name: "memory", create }, { bail: true });
 * ```
 */
export function runConformance(fixture: ConformanceFixture, options: BindingOptions = {}): void {
  const run = new BoundRun(fixture, options);
  const timeout = 3 * run.limits.timeoutMs;
  describe(`conformance of ${fixture.name}`, () => {
    for (const one of run.cases) {
      // oxlint-disable-next-line vitest/expect-expect -- the case holds the assertions
      test(`${one.id} ${one.level}: ${one.title}`, { timeout }, async (context) => {
        const result = await run.run(one);
        if (breaksRun(result)) throw result.error;
        // The case does not apply, or is known to fail. The runner shows the reason.
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
    afterAll(() => run.end(), ENDING_MS);
  });
}

/**
 * Declares the suite for a reader's store as tests of vitest, one a case. Cases that do not apply or that are known to fail are
 * shown as skipped, with the reason. After the last case `[Symbol.asyncDispose]` of the fixture is called.
 *
 * @throws ConformanceFailure if the fixture is none, or if known failures or `only` name a case that does not exist
 *
 * @example
 * ```ts
 * import { runReaderStoreConformance } from "@remote-log/conformance/vitest";
 * import { memoryReaderStore } from "@remote-log/core";
 *
 * runReaderStoreConformance({ name: "memory", create: async () => ({ store: memoryReaderStore() }) });
 * ```
 */
export function runReaderStoreConformance(
  fixture: ReaderStoreFixture,
  options: ReaderStoreRunOptions = {},
): void {
  const cases = chosenStoreCases(fixture, options);
  const timeout = 3 * (fixture.timeoutMs ?? TIMEOUT_MS);
  describe(`conformance of ${fixture.name}`, () => {
    for (const one of cases) {
      // oxlint-disable-next-line vitest/expect-expect -- the case holds the assertions
      test(`${one.id} ${one.level}: ${one.title}`, { timeout }, async (context) => {
        const result = await runReaderStoreCase(fixture, one);
        if (breaksRun(result)) throw result.error;
        // The case does not apply, or is known to fail. The runner shows the reason.
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
    afterAll(async () => fixture[Symbol.asyncDispose]?.(), ENDING_MS);
  });
}
