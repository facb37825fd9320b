// All cases about whole logs (LOG).

import type { ConformanceCase } from "../../case.ts";
import { catchUpCases } from "./catch-up.ts";
import { copyCases } from "./copy.ts";
import { crashCases } from "./crash.ts";
import { liarContentCases } from "./liar-contents.ts";
import { liarForkCases } from "./liar-forks.ts";
import { liarNameCases } from "./liar-names.ts";
import { liarWriterCases } from "./liar-writer.ts";
import { casesWith } from "./log-case.ts";
import { type LogCore, realCore } from "./log-core.ts";
import { publishCases } from "./publish.ts";
import { remotesCases } from "./remotes.ts";
import { resumeCases } from "./resume.ts";
import { secondDeviceCases } from "./second-device.ts";

/** The cases about whole logs, tried with a core. */
export function logCasesWith(core: LogCore): ConformanceCase[] {
  return casesWith(core, [
    ...publishCases,
    ...resumeCases,
    ...catchUpCases,
    ...remotesCases,
    ...copyCases,
    ...crashCases,
    ...secondDeviceCases,
    ...liarContentCases,
    ...liarNameCases,
    ...liarForkCases,
    ...liarWriterCases,
  ]);
}

/** The cases about whole logs. */
export const logCases: readonly ConformanceCase[] = logCasesWith(realCore);
