import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startKuboNetwork } from "@remote-log/servers";
import { describeRun } from "./describe-run.ts";
import { logTasks, type RequestCounts } from "./ipfs/log-tasks.ts";
import { nameTasks } from "./ipfs/name-tasks.ts";
import { type Figure, runRounds } from "./speed/task.ts";
import { tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", default: tmpdir() },
  },
});

const run = describeRun();
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(values.folder, "remote-log-ipfs-"));
const network = await startKuboNetwork({ nodes: 3 });
try {
  const requests: RequestCounts = new Map();
  const tasks = [...logTasks(network.nodes, folder, requests), ...(await nameTasks(network.nodes))];
  const figures = await runRounds(tasks, rounds);
  const counts = Object.fromEntries([...requests].filter(([, kinds]) => Object.keys(kinds).length > 0));
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ run, rounds, figures, requests: counts }, undefined, 2)}\n`
      : text(figures, counts),
  );
} finally {
  await network.stop();
  await rm(folder, { recursive: true, force: true });
}

function text(
  figures: readonly Figure[],
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>,
): string {
  const rows = figures.map(({ name, unit, median, min, max, ratioToFloor }) => [
    name,
    `${median.toPrecision(3)} ${unit}`,
    `${min.toPrecision(3)} to ${max.toPrecision(3)}`,
    ratioToFloor === undefined ? "" : ratioToFloor.toFixed(2),
  ]);
  const sums = Object.entries(counts).map(([name, kinds]) => [
    name,
    Object.entries(kinds)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", "),
  ]);
  return (
    `Median of ${rounds} rounds; ${run.date}, Node ${run.node}, ${run.cores} cores, load before ${run.loadBefore.toFixed(2)}\n\n` +
    `${tableOf(["what", "median", "range", "× floor"], rows)}\n\n${tableOf(["what", "requests"], sums)}\n`
  );
}
