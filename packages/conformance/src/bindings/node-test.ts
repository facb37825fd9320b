/// <reference types="node" />
// Runs the suite under the test runner of Node.js.

import { after, describe, test } from "node:test";
import type { ConformanceFixture } from "../fixture.ts";
import type { ReaderStoreFixture } from "../reader-store/fixture.ts";
import { chosenStoreCases, type ReaderStoreRunOptions, runReaderStoreCase } from "../reader-store/run.ts";
import { breaksRun } from "../verdict.ts";
import { BoundRun } from "./bound-run.ts";
import type { BindingOptions } from "./options.ts";

/**
 * Declares the whole suite as tests of Node's own runner, one a case. Cases that do not apply, that are known to fail, or that
 * come after the end of a run that ended early are shown as skipped, with the reason. `CONFORMANCE_SEED` sets the seed.
 * After the last case `onReport` is called, and then `[Symbol.asyncDispose]` of the fixture. Something that was left
 * open makes the run fail.
 *
 * @throws ConformanceFailure if the fixture is none, or if known failures or `only` name a case that does not exist
 *
 * @example
 * ```ts
 * import { runConformance } from "@remote-log/conformance/node-test";
 * import { memoryNames, memoryStorage } from "@remote-log/memory";
 *
 * const create = async () => ({ storage: memoryStorage(), names: memoryNames() });
 * runConformance({ name: "memory", create }, { bail: true });
 * ```
 */
export function runConformance(fixture: ConformanceFixture, options: BindingOptions = {}): void {
  const run = new BoundRun(fixture, options);
  void describe(`conformance of ${fixture.name}`, () => {
    for (const one of run.cases) {
      void test(`${one.id} ${one.level}: ${one.title}`, async (context) => {
        const result = await run.run(one);
        if (breaksRun(result)) throw result.error;
        // The case does not apply, or is known to fail. The runner shows the reason.
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
    after(() => run.end());
  });
}

/**
 * Declares the suite for a reader's store as tests of Node's own runner, one a case. Cases that do not apply or that are known
 * to fail are shown as skipped, with the reason. After the last case `[Symbol.asyncDispose]` of the fixture is called.
 *
 * @throws ConformanceFailure if the fixture is none, or if known failures or `only` name a case that does not exist
 *
 * @example
 * ```ts
 * import { runReaderStoreConformance } from "@remote-log/conformance/node-test";
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
  void describe(`conformance of ${fixture.name}`, () => {
    for (const one of cases) {
      void test(`${one.id} ${one.level}: ${one.title}`, async (context) => {
        const result = await runReaderStoreCase(fixture, one);
        if (breaksRun(result)) throw result.error;
        // The case does not apply, or is known to fail. The runner shows the reason.
        if (result.status !== "passed") context.skip(`${result.status}: ${result.reason}`);
      });
    }
    after(async () => fixture[Symbol.asyncDispose]?.());
  });
}
