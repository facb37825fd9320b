#!/usr/bin/env node
// `pnpm simulate`: runs the experiments, prints their tables and writes the report.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXPERIMENTS, runExperiments } from "./experiments/all.ts";
import type { Run, Section } from "./experiments/run.ts";
import { drawChart } from "./report/charts.ts";
import { withTables } from "./report/docs-page.ts";
import { reportPage } from "./report/page.ts";
import { textTable } from "./report/tables.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: EXPERIMENTS.join(",") },
    out: { type: "string", default: "simulation" },
    page: { type: "string" },
    drawn: { type: "string" },
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
const sections =
  values.drawn === undefined
    ? await runExperiments(size, values.only.split(","))
    : await readReports(values.drawn.split(","));
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
if (values.page !== undefined)
  await writeFile(values.page, withTables(await readFile(values.page, "utf8"), sections));
process.stderr.write(
  `${(virtual / 1000 / 86_400).toFixed(0)} days passed in ${seconds.toFixed(0)} s: ${Math.round(virtual / 1000 / seconds)} times as fast. See ${join(values.out, "report.html")}\n`,
);

/** The sections that earlier runs have written. */
async function readReports(paths: readonly string[]): Promise<Section[]> {
  const reports = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return reports.flatMap((report) => JSON.parse(report) as Section[]);
}
