import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeRun } from "./describe-run.ts";
import { printReport } from "./report.ts";
import { runRounds, withFloors } from "./task.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    folder: { type: "string", default: tmpdir() },
    only: { type: "string", default: "" },
    "no-native": { type: "boolean", default: false },
  },
});

// The core looks for the runtime's own cryptography when it is loaded. Browsers and phones have none that answers at once.
const native = !values["no-native"];
if (!native) Object.defineProperty(process, "getBuiltinModule", { value: undefined });
const { appendTasks } = await import("./speed/append-tasks.ts");
const { openTasks } = await import("./speed/open-tasks.ts");
const { readTasks } = await import("./speed/read-tasks.ts");

const run = describeRun();
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(values.folder, "remote-log-speed-"));
try {
  const tasks = [...appendTasks(folder), ...(await readTasks(folder, native)), ...openTasks(folder)];
  const figures = await runRounds(withFloors(tasks, values.only), rounds);
  printReport({ bench: native ? "speed" : "speed-no-native", run, rounds, figures }, values.json);
} finally {
  await rm(folder, { recursive: true, force: true });
}
