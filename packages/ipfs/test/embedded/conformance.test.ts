import { runConformance } from "@remote-log/conformance/vitest";
import { saveReport } from "../../../../tools/save-report.ts";
import { embeddedFixture } from "./fixture.ts";

runConformance(embeddedFixture(), { onReport: saveReport("ipfs-embedded") });
