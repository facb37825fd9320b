import { runConformance } from "@remote-log/conformance/vitest";
import { saveReport } from "../../../tools/save-report.ts";
import { memoryFixture } from "./fixture.ts";

runConformance(memoryFixture(), { onReport: saveReport("memory") });
