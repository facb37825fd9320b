import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeRun } from "./describe-run.ts";
import { type Figure, runRounds, withFloors } from "./speed/task.ts";
import { tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    folder: { type: "string", default: tmpdir() },
    only: { type: "string", default: "" },
    javascript: { type: "boolean", default: false },
  },
});

// The core looks for the runtime's own cryptography when it is loaded. Browsers have none that answers at once.
if (values.javascript) Object.defineProperty(process, "getBuiltinModule", { value: undefined });
const { appendTasks, openTasks } = await import("./speed/append-tasks.ts");
const { readTasks } = await import("./speed/read-tasks.ts");

const run = describeRun();
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(values.folder, "remote-log-speed-"));
try {
  const tasks = [...appendTasks(folder), ...(await readTasks(folder)), ...openTasks(folder)];
  const figures = await runRounds(withFloors(tasks, values.only), rounds);
  process.stdout.write(
    values.json ? `${JSON.stringify({ run, rounds, figures }, undefined, 2)}\n` : text(figures),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

function text(figures: readonly Figure[]): string {
  const number = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toPrecision(3));
  const rows = figures.map(({ name, unit, median, min, max, ratioToFloor, goal, met }) => [
    name,
    `${number(median)} ${unit}`,
    `${number(min)} to ${number(max)}`,
    ratioToFloor === undefined ? "" : ratioToFloor.toFixed(2),
    goal ?? "",
    met === undefined ? "" : met ? "yes" : "NO",
  ]);
  const heading = ["what", "median", "range", "ratio to floor", "goal", "met"];
  return (
    `Median of ${rounds} rounds; ${run.date}, Node ${run.node}, ${run.cores} cores, load before ${run.loadBefore.toFixed(2)}\n\n` +
    `${tableOf(heading, rows)}\n`
  );
}
