// What docs/simulation.md shows is what the simulator has written.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Section } from "../../packages/simulator/src/experiments/run.ts";
import { drawChart } from "../../packages/simulator/src/report/charts.ts";
import { withTables } from "../../packages/simulator/src/report/docs-page.ts";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const page = read("simulation.md");
const sections = JSON.parse(read("simulation/report.json")) as Section[];
const charts = sections.flatMap((section) => section.charts);

test("its tables are those of the report", () => {
  expect(withTables(page, sections)).toBe(page);
  const [first] = sections;
  const changed = { ...first!, tables: [{ head: ["x"], rows: [] }] };
  expect(withTables(page, [changed])).not.toBe(page);
  expect(() => withTables(page, [{ ...first!, id: "unheard-of" }])).toThrow("no place");
});

test("its pictures are those of the report, and each is shown", () => {
  for (const chart of charts) {
    expect(read(`simulation/${chart.id}.svg`), chart.id).toBe(drawChart(chart));
    expect(page).toContain(`](simulation/${chart.id}.svg)`);
  }
  const pictures = readdirSync(new URL("../simulation", import.meta.url)).filter((name) =>
    name.endsWith(".svg"),
  );
  expect(pictures.sort()).toEqual(charts.map(({ id }) => `${id}.svg`).sort());
});
