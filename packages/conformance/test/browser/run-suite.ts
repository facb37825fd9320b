import { checkConformance, type ReportJson, reportJson } from "@remote-log/conformance";
import { memoryFixture } from "../../../memory/test/fixture.ts";

/** Runs the suite on the memory adapter, wherever this code is loaded. */
export async function runSuite(seed: number): Promise<ReportJson> {
  return reportJson(await checkConformance({ ...memoryFixture(), seed }));
}
