import { runConformance } from "@remote-log/conformance/vitest";
import { saveReport } from "../../../tools/save-report.ts";
import { fsFixture } from "./fixture.ts";

runConformance(await fsFixture(), { onReport: saveReport("fs") });
