import type { ConformanceReport } from "../report.ts";
import type { SuiteOptions } from "../suite-run.ts";

/** Options of `runConformance` under every test runner. */
export interface BindingOptions extends SuiteOptions {
  /** Called with the report once the last case is over; the run waits for it. */
  readonly onReport?: (report: ConformanceReport) => void | Promise<void>;
}
