// What both bindings can be told, beside what a run of the suite can be told.

import type { ConformanceReport } from "../report.ts";
import type { SuiteOptions } from "../suite-run.ts";

/** Options of `runConformance` under every test runner. */
export interface BindingOptions extends SuiteOptions {
  /** Called with the report once the last case is over; the run waits for it. */
  readonly onReport?: ((report: ConformanceReport) => void | Promise<void>) | undefined;
  /**
   * What becomes of timers, connections, servers and processes that were opened while the cases ran, and are still
   * there after the fixture was disposed of. `"fail"`, the default, fails the run, with the lines that opened them.
   * `"ignore"` is for a server that `create` starts, and that a hook of the test file ends later. Node.js alone tells
   * what is open: elsewhere nothing is looked at.
   */
  readonly leftOpen?: "fail" | "ignore" | undefined;
}
