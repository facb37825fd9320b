import { runConformance } from "@remote-log/conformance/vitest";
import { asPlanned } from "../../../tools/save-report.ts";
import { memoryFixture } from "./fixture.ts";

runConformance(memoryFixture(), asPlanned("memory"));
