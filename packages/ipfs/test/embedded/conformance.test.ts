import { runConformance } from "@remote-log/conformance/vitest";
import { asPlanned } from "../../../../tools/save-report.ts";
import { embeddedFixture } from "./fixture.ts";

runConformance(embeddedFixture(), asPlanned("ipfs-embedded"));
