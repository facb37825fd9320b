import { parseArgs } from "node:util";
import { limits } from "./costs/limits.ts";
import { type Costs, measureCosts } from "./costs/measure.ts";
import { describeRun } from "./describe-run.ts";
import { tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    entries: { type: "string", default: "1000000" },
    payload: { type: "string", default: "256" },
    leaf: { type: "string" },
    bundles: { type: "string" },
  },
});

const costs = await measureCosts({
  entries: Number(values.entries),
  payloadBytes: Number(values.payload),
  leafSize: values.leaf === undefined ? undefined : Number(values.leaf),
  bundles: values.bundles as "writer" | "off" | undefined,
  thorough: true,
});
const promises = limits.map(({ what, limit, counted }) => {
  const value = counted(costs);
  return { what, counted: value, limit, met: value <= limit };
});
const run = describeRun();
process.stdout.write(
  values.json ? `${JSON.stringify({ run, ...costs, promises }, undefined, 2)}\n` : text(costs),
);

function text({ entries, payloadBytes, leafSize, catchUp, heapMiB }: Costs): string {
  const reads = catchUp.map(({ last, entry, missed, dependentReads, reads, bytes, bytesPerPayloadByte }) => [
    last !== undefined
      ? `newest ${last}`
      : missed !== undefined
        ? `the ${missed} that it missed`
        : entry !== undefined
          ? `one entry, ${entry}`
          : "all",
    String(dependentReads),
    String(reads),
    String(bytes),
    bytesPerPayloadByte.toFixed(3),
  ]);
  const kept = promises.map(({ what, counted, limit, met }) => [
    what,
    counted.toFixed(3).replace(/\.?0+$/, ""),
    String(limit),
    met ? "yes" : "NO",
  ]);
  return [
    `${entries} entries of ${payloadBytes} bytes, pages of ${leafSize}; ${run.date}, Node ${run.node}`,
    tableOf(
      ["a new reader reads (worst)", "dependent reads", "reads", "bytes", "bytes per payload byte"],
      reads,
    ),
    tableOf(["promise", "counted", "limit", "met"], kept),
    `Memory: ${heapMiB.method}.\n`,
  ].join("\n\n");
}
