import { runConformance } from "@remote-log/conformance/vitest";
import { limit } from "@remote-log/layers";
import { asPlanned } from "../../../../tools/save-report.ts";
import { layeredMemory } from "./layered-memory.ts";

const { only } = asPlanned("layers-limit");
runConformance(
  layeredMemory("memory in limit", () =>
    limit({ concurrency: 16, callsPerSecond: 1_000_000, bytesPerSecond: 2 ** 40, milliseconds: 600_000 }),
  ),
  { ...(only && { only }) },
);
