import { runConformance } from "@remote-log/conformance/vitest";
import { memoryFixture } from "./fixture.ts";

runConformance(memoryFixture());
