import { runConformance } from "@remote-log/conformance/vitest";
import { saveReport } from "../../../tools/save-report.ts";
import { templateFixture } from "./fixture.ts";

runConformance(templateFixture(), { onReport: saveReport("template") });
