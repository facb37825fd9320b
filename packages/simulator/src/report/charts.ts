// Charts as SVG, drawn by Observable Plot in a document of linkedom: no browser is needed.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Axis, Chart } from "../experiments/run.ts";
import { figure } from "../figures/text.ts";
import { framed, type Inner, WIDTH } from "./frame.ts";
import { colorOf } from "./palette.ts";

type Of<K extends Chart["kind"]> = Extract<Chart, { kind: K }>;

/** A chart as SVG that stands by itself, and follows the reader's choice of light or dark. */
export function drawChart(chart: Chart): string {
  return framed(chart.title, chart.conclusion, drawInner(chart));
}

function drawInner(chart: Chart): Inner {
  switch (chart.kind) {
    case "lines":
      return drawLines(chart);
    case "bars":
      return drawBars(chart);
    case "ranges":
      return drawRanges(chart);
  }
}

/**
 * The part of a logarithmic axis that values need, a little wider, with its ticks and their texts. Points lie at their logarithms on a linear
 * scale: on a logarithmic one, D3 leaves out the texts of most ticks.
 */
function scaleOf(axis: Axis, values: readonly number[], wider: number): Plot.ScaleOptions {
  const domain = [Math.min(...values) / wider, Math.max(...values) * wider].map(Math.log10);
  const texts = new Map(
    axis.ticks.map(
      (tick, i) => [Math.log10(tick), axis.tickText?.[i] ?? tick.toLocaleString("en-US")] as const,
    ),
  );
  const ticks = [...texts.keys()].filter((tick) => tick >= domain[0]! && tick <= domain[1]!);
  return {
    domain,
    label: axis.label,
    labelArrow: "none",
    ticks,
    tickFormat: (tick: number) => texts.get(tick),
  };
}

function drawLines({ x, y, series }: Of<"lines">): Inner {
  const height = 380;
  const all = series.flatMap(({ points: some }) => some);
  const points = series.flatMap(({ name, formula, points: some }, i) =>
    some.map(({ x: across, y: up }) => ({
      x: Math.log10(across),
      y: Math.log10(up),
      name,
      formula: formula === true,
      color: colorOf(i),
    })),
  );
  const measured = points.filter(({ formula }) => !formula);
  const channels = { x: "x", y: "y", z: "name", stroke: "color" } as const;
  const svg = plotted({
    width: WIDTH,
    height,
    marginLeft: 64,
    marginRight: 30,
    marginBottom: 44,
    x: {
      ...scaleOf(
        x,
        all.map((point) => point.x),
        1.08,
      ),
      labelAnchor: "center",
    },
    y: {
      ...scaleOf(
        y,
        all.map((point) => point.y),
        1.5,
      ),
      grid: true,
    },
    color: { type: "identity" },
    marks: [
      Plot.line(
        points.filter(({ formula }) => formula),
        { ...channels, strokeWidth: 1.5, strokeDasharray: "5 3" },
      ),
      Plot.line(measured, { ...channels, strokeWidth: 2 }),
      Plot.dot(measured, { ...channels, fill: "color", r: 3.5 }),
    ],
  });
  const legend = series.map(({ name, formula }, i) => ({
    name,
    color: colorOf(i),
    dashed: formula === true,
  }));
  return { svg, height, legend };
}

function drawBars({ x, bars }: Of<"bars">): Inner {
  const height = 64 + 30 * bars.length;
  const kinds = bars[0]!.parts.map(({ of }) => of);
  const shown = kinds.filter((kind) =>
    bars.some(({ parts }) => parts.some(({ of, value }) => of === kind && value > 0)),
  );
  const parts = bars.flatMap(({ name, parts: all }) => {
    let end = 0;
    return all.map(({ of, value }) => {
      const begin = end;
      end += value;
      return { name, begin, end, color: colorOf(kinds.indexOf(of)) };
    });
  });
  const totals = bars.map(({ name, parts: all }) => ({
    name,
    total: all.reduce((sum, { value }) => sum + value, 0),
  }));
  const svg = plotted({
    width: WIDTH,
    height,
    marginLeft: marginFor(bars),
    marginRight: 60,
    marginBottom: 44,
    x: { label: x.label, labelAnchor: "center", labelArrow: "none", grid: true, ticks: 8 },
    y: { domain: bars.map(({ name }) => name), label: null, padding: 0.25 },
    color: { type: "identity" },
    marks: [
      Plot.barX(parts, { x1: "begin", x2: "end", y: "name", fill: "color" }),
      Plot.text(totals, {
        x: "total",
        y: "name",
        text: ({ total }: { total: number }) => `×${figure(total)}`,
        dx: 6,
        textAnchor: "start",
        fill: "var(--ink)",
      }),
      Plot.ruleX([0], { stroke: "var(--faint)" }),
    ],
  });
  return {
    svg,
    height,
    legend: shown.map((kind) => ({ name: nameOf(kind), color: colorOf(kinds.indexOf(kind)) })),
  };
}

function drawRanges({ x, ranges }: Of<"ranges">): Inner {
  const height = 64 + 30 * ranges.length;
  const kinds = ranges[0]!.values.map(({ of }) => of);
  const dots = ranges.flatMap(({ name, values }) =>
    values.map(({ of, value }) => ({ name, value: Math.log10(value), color: colorOf(kinds.indexOf(of)) })),
  );
  const spans = ranges.map(({ name, values }) => ({
    name,
    from: Math.log10(values[0]!.value),
    to: Math.log10(values.at(-1)!.value),
  }));
  const all = ranges.flatMap(({ values }) => values.map(({ value }) => value));
  const svg = plotted({
    width: WIDTH,
    height,
    marginLeft: marginFor(ranges),
    marginRight: 30,
    marginBottom: 44,
    x: { ...scaleOf(x, all, 1.6), labelAnchor: "center", grid: true },
    y: { domain: ranges.map(({ name }) => name), label: null, type: "point" },
    color: { type: "identity" },
    marks: [
      Plot.ruleY(spans, { y: "name", x1: "from", x2: "to", stroke: "var(--faint)", strokeWidth: 2 }),
      Plot.dot(dots, { x: "value", y: "name", fill: "color", r: 5 }),
    ],
  });
  return { svg, height, legend: kinds.map((name, i) => ({ name, color: colorOf(i) })) };
}

function plotted(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const plot = Plot.plot({ ...options, document, style: { background: "none", color: "currentColor" } });
  return (plot.querySelector("svg") ?? plot).outerHTML;
}

function marginFor(rows: readonly { readonly name: string }[]): number {
  return 16 + 6 * Math.max(8, ...rows.map(({ name }) => name.length));
}

/** What the kinds of bytes are called. */
function nameOf(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    offer: "offers",
    request: "requests",
    message: "messages",
    ack: "acknowledgements",
    header: "headers of packets and HTTP",
    page: "pages and bundles",
    head: "heads",
    "read back": "read back by the writer",
    read: "read by others",
  };
  return names[kind] ?? kind;
}
