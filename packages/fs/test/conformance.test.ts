import { runConformance } from "@remote-log/conformance/vitest";
import { asPlanned } from "../../../tools/save-report.ts";
import { fsFixture } from "./fixture.ts";

runConformance(await fsFixture(), asPlanned("fs"));
