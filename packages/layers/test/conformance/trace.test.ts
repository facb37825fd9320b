import { runConformance } from "@remote-log/conformance/vitest";
import { trace } from "@remote-log/layers";
import { asPlanned } from "../../../../tools/save-report.ts";
import { layeredMemory } from "./layered-memory.ts";

const { only } = asPlanned("layers-trace");
runConformance(
  layeredMemory("memory in trace", () => trace(() => undefined)),
  { ...(only && { only }) },
);
