import { runConformance } from "@remote-log/conformance/vitest";
import { retry } from "@remote-log/layers";
import { asPlanned } from "../../../../tools/save-report.ts";
import { layeredMemory } from "./layered-memory.ts";

const { only } = asPlanned("layers-retry");
runConformance(
  layeredMemory("memory in retry", () => retry()),
  { ...(only && { only }) },
);
