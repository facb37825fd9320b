import { runConformance } from "@remote-log/conformance/vitest";
import { cache, memoryCache } from "@remote-log/layers";
import { asPlanned } from "../../../../tools/save-report.ts";
import { layeredMemory } from "./layered-memory.ts";

const { only } = asPlanned("layers-cache");
const layered = layeredMemory("memory in cache", () => cache({ store: memoryCache(), offline: true }));
runConformance(layered, { ...(only && { only }) });
