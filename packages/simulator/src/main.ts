#!/usr/bin/env node
// `pnpm simulate`: runs the experiments, prints their tables and writes the report.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXPERIMENTS, runExperiments } from "./experiments/all.ts";
import type { Run } from "./experiments/run.ts";
import { drawChart } from "./report/charts.ts";
import { reportPage } from "./report/page.ts";
import { textTable } from "./report/tables.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: EXPERIMENTS.join(",") },
    out: { type: "string", default: "simulation" },
  },
});

const began = performance.now();
let virtual = 0;
const ran = (name: string, { elapsed, trace }: Run): void => {
  virtual += elapsed;
  process.stderr.write(
    `${((performance.now() - began) / 1000).toFixed(1)} s: ${name}, ${trace.slice(0, 8)}\n`,
  );
};
const size = { quick: values.quick, seed: Number(values.seed), ran };
const sections = await runExperiments(size, values.only.split(","));
const seconds = (performance.now() - began) / 1000;
for (const { title, what, tables, charts } of sections) {
  process.stdout.write(`\n## ${title}\n\n${what}\n\n${tables.map(textTable).join("\n\n")}\n`);
  for (const chart of charts) process.stdout.write(`\n${chart.title}: ${chart.conclusion}\n`);
}
await mkdir(values.out, { recursive: true });
const of = `${values.quick ? "The quick run" : "The whole run"}, seed ${values.seed}: remote logs and 2/MVDS on a virtual clock. docs/simulation.md says what it means.`;
const files = new Map([
  ["report.json", `${JSON.stringify(sections, undefined, 2)}\n`],
  ["report.html", reportPage(sections, of)],
  ...sections.flatMap(({ charts }) => charts.map((chart) => [`${chart.id}.svg`, drawChart(chart)] as const)),
]);
for (const [name, content] of files) await writeFile(join(values.out, name), content);
process.stderr.write(
  `${(virtual / 1000 / 86_400).toFixed(0)} days passed in ${seconds.toFixed(0)} s: ${Math.round(virtual / 1000 / seconds)} times as fast. See ${join(values.out, "report.html")}\n`,
);
