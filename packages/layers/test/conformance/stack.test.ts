import { runConformance } from "@remote-log/conformance/vitest";
import { cache, limit, memoryCache, retry, stack, trace } from "@remote-log/layers";
import { asPlanned } from "../../../../tools/save-report.ts";
import { layeredMemory } from "./layered-memory.ts";

const { only } = asPlanned("layers-stack");
const inAll = layeredMemory("memory in the recommended stack", () =>
  stack(
    trace(() => undefined),
    cache({ store: memoryCache() }),
    retry(),
    limit({ concurrency: 16, milliseconds: 600_000 }),
  ),
);
runConformance(inAll, { ...(only && { only }) });
