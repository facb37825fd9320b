import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConformanceReport, reportJson } from "@remote-log/conformance";

/**
 * Makes what saves the report of a test run in the folder that `CONFORMANCE_REPORTS` names, for
 * `node tools/matrix.mjs --check --fresh <folder>`. Without that variable, and for a run of single cases, it does
 * nothing.
 *
 * @param name - of the adapter, and of the server where there are several: `"s3-minio"`
 */
export function saveReport(name: string): (report: ConformanceReport) => Promise<void> {
  return async (report) => {
    const folder = process.env["CONFORMANCE_REPORTS"];
    if (folder === undefined || folder === "" || !report.complete) return;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.json`), `${JSON.stringify(reportJson(report), null, 2)}\n`);
  };
}
