import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConformanceReport, conformanceCases, reportJson } from "@remote-log/conformance";
import { sample } from "@remote-log/test-kit";
import { plannedCases, plannedIds } from "./conformance-plan.mjs";

const allIds = conformanceCases.map(({ id }) => id);

/** How many cases `pnpm test` runs on each adapter. */
const SAMPLED_CASES = 60;

/** What {@link asPlanned} hands to `runConformance`. */
export interface PlannedRun {
  readonly only?: readonly string[];
  readonly onReport: (report: ConformanceReport) => Promise<void>;
}

/**
 * The options of `runConformance` for an adapter of this repository: the cases that `tools/conformance-plan.mjs` names
 * for it, and its report saved. `pnpm test`, for which people wait, runs all of them on memory, and elsewhere a sample.
 *
 * @param name - of the adapter, and of the server if there are several: `"s3-minio"`
 */
export function asPlanned(name: string): PlannedRun {
  // `pnpm test` sets it; servers that are required mean a run that nobody sits before.
  const waitedFor = process.env["TEST_SERVERS"] === "smoke" && name !== "memory";
  const only = waitedFor
    ? sample(`suite ${name}`, plannedIds(name, allIds), SAMPLED_CASES)
    : plannedCases(name);
  return { ...(only === undefined ? {} : { only }), onReport: saveReport(name) };
}

/**
 * Makes a function that saves the report of a test run in the folder that `CONFORMANCE_REPORTS` names, for
 * `tools/matrix.mjs --check --fresh` and `tools/check-run.mjs`. Without that variable, and for a run of fewer cases than
 * are planned, it does nothing.
 *
 * @param name - of the adapter, and of the server if there are several: `"s3-minio"`
 */
export function saveReport(name: string): (report: ConformanceReport) => Promise<void> {
  return async (report) => {
    const folder = process.env["CONFORMANCE_REPORTS"];
    const asMany = report.results.length === plannedIds(name, allIds).length;
    if (folder === undefined || folder === "" || !(report.complete || asMany)) return;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(reportJson(report), null, 2)}\n`);
  };
}
