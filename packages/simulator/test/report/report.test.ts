import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { whole } from "@remote-log/test-kit";
import { atEnd } from "@remote-log/test-kit/vitest";
import { describe, expect, test } from "vitest";
import type { Chart } from "../../src/experiments/run.ts";
import { duration, factor, figure, percent } from "../../src/figures/text.ts";
import { drawChart } from "../../src/report/charts.ts";
import { htmlTable, textTable } from "../../src/report/tables.ts";

const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** Runs the program of this package, and returns what it wrote. */
async function simulate(): Promise<Map<string, string>> {
  const out = await mkdtemp(join(tmpdir(), "remote-log-simulation-"));
  atEnd(() => rm(out, { recursive: true, force: true }));
  await promisify(execFile)(process.execPath, [program, "--quick", "--out", out]);
  const files = (await readdir(out)).sort();
  return new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(join(out, name), "utf8")] as const)),
  );
}

// All experiments, with the real core: a minute each time.
test.skipIf(!whole)("the same seed gives the same bytes of the report", async () => {
  const once = await simulate();
  const again = await simulate();
  expect([...once.keys()]).toContain("report.html");
  for (const [name, content] of once) expect(again.get(name) === content, name).toBe(true);
});

describe("a chart", () => {
  const common = { id: "x", title: "Title <1>", conclusion: "A conclusion." };
  const charts: Chart[] = [
    {
      ...common,
      kind: "lines",
      x: { label: "offline", ticks: [2, 10], tickText: ["50 %", "90 %"] },
      y: { label: "bytes", ticks: [1, 10, 100] },
      series: [
        {
          name: "measured",
          points: [
            { x: 2, y: 3 },
            { x: 10, y: 60 },
          ],
        },
        {
          name: "formula",
          formula: true,
          points: [
            { x: 2, y: 4 },
            { x: 10, y: 100 },
          ],
        },
      ],
    },
    {
      ...common,
      kind: "bars",
      x: { label: "bytes", ticks: [] },
      bars: [
        {
          name: "direct",
          parts: [
            { of: "message", value: 3 },
            { of: "ack", value: 0 },
          ],
        },
      ],
    },
    {
      ...common,
      kind: "ranges",
      x: { label: "time", ticks: [60, 3600], tickText: ["1 min", "1 h"] },
      ranges: [
        {
          name: "direct",
          values: [
            { of: "p50", value: 50 },
            { of: "p99", value: 5000 },
          ],
        },
      ],
    },
  ];
  const shown: Record<Chart["kind"], readonly string[]> = {
    lines: ["50 %", "90 %", "offline", "bytes", ">10<", "measured", "formula", "stroke-dasharray"],
    bars: ["direct", "bytes", "messages", "×3.00"],
    ranges: ["direct", "1 min", "1 h", "time", "p50", "p99"],
  };

  test.each(charts)("of $kind has axes, units, a legend and a conclusion, for light and dark", (chart) => {
    const svg = drawChart(chart);
    for (const text of [
      ...shown[chart.kind],
      "Title &lt;1&gt;",
      "A conclusion.",
      "prefers-color-scheme: dark",
    ])
      expect(svg).toContain(text);
    // What is nowhere needs no legend.
    expect(svg).not.toContain("acknowledgements");
    expect(svg).not.toMatch(/NaN|undefined|href="http|src=/);
  });
});

test("tables have their columns in line, and nothing that HTML would take for its own", () => {
  const table = { head: ["a", "long"], rows: [["1 < 2", "x"]] };
  expect(textTable(table)).toBe("| a     | long |\n| ----- | ---- |\n| 1 < 2 | x    |");
  expect(htmlTable(table)).toContain("<td>1 &lt; 2</td>");
});

test("figures have three digits, and the unit that people would use", () => {
  expect([0, 0.01234, 1.234, 12.34, 123.4, 12_345, Number.NaN].map(figure)).toEqual([
    "0",
    "0.0123",
    "1.23",
    "12.3",
    "123",
    "12,345",
    "–",
  ]);
  expect([30, 300, 36_000, 400_000, Number.NaN].map(duration)).toEqual([
    "30.0 s",
    "5.00 min",
    "10.0 h",
    "4.63 days",
    "–",
  ]);
  expect([factor(28.14), percent(0.964), percent(1)]).toEqual(["×28.1", "96.4 %", "100 %"]);
});
