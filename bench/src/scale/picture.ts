import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { ScaleReport, ScaleRow } from "./report.ts";

/** A line of a panel. */
interface Line {
  readonly name: string;
  readonly color: string;
  readonly of: (row: ScaleRow) => number;
}

/** One of the small pictures. */
interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const WRITER = "#b3541e";
const READER = "#1a5f9c";

const PANELS: readonly Panel[] = [
  {
    title: "Processor time, s",
    lines: [
      { name: "writer", color: WRITER, of: ({ written }) => written.cpuSeconds },
      { name: "reader", color: READER, of: ({ read }) => read.cpuSeconds },
    ],
  },
  {
    title: "Bytes, MB",
    lines: [
      { name: "uploaded", color: WRITER, of: ({ written }) => written.bytes / 1e6 },
      { name: "read", color: READER, of: ({ read }) => read.bytes / 1e6 },
    ],
  },
  {
    title: "Objects",
    lines: [
      { name: "stored", color: WRITER, of: ({ written }) => written.objects },
      { name: "read", color: READER, of: ({ read }) => read.requests },
    ],
  },
  {
    title: "Memory held, MiB",
    lines: [
      { name: "writer", color: WRITER, of: ({ written }) => written.heldMiB },
      { name: "reader", color: READER, of: ({ read }) => read.heldMiB },
    ],
  },
  {
    title: "Memory of the process (RSS), MiB",
    lines: [
      { name: "writer", color: WRITER, of: ({ written }) => written.rssMiB },
      { name: "reader", color: READER, of: ({ read }) => read.rssMiB },
    ],
  },
  {
    title: "A new reader's requests",
    lines: [
      { name: "newest 100", color: WRITER, of: ({ looked }) => looked.newest100.requests },
      { name: "one entry", color: READER, of: ({ looked }) => looked.one.requests },
    ],
  },
];

const WIDTH = 330;
const HEIGHT = 270;
const COLUMNS = 3;
const TOP = 50;

/** A picture with two logarithmic axes: how each figure grows with the log, as SVG. */
export function scalePictureOf({ run, rows }: ScaleReport): string {
  const { document } = parseHTML("<html><body></body></html>");
  const panels = PANELS.map((panel, i) => {
    const plot = panelOf(document, panel, rows);
    const svg = plot.querySelector("svg") ?? plot;
    svg.setAttribute("x", String((i % COLUMNS) * WIDTH));
    svg.setAttribute("y", String(TOP + Math.floor(i / COLUMNS) * HEIGHT));
    return svg.outerHTML;
  });
  const width = COLUMNS * WIDTH;
  const height = TOP + Math.ceil(PANELS.length / COLUMNS) * HEIGHT;
  const places = [...new Set(rows.map(({ on }) => on))];
  const kinds = places
    .map((on) => `${on === "fs" ? "●, solid: in a folder" : "○, dashed: on MinIO"}`)
    .join("; ");
  const title = `How a log's costs grow with its length. ${kinds}. ${run.date}, Node ${run.node}, ${run.cores} cores, shared with other work.`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="system-ui, sans-serif" style="background: white">` +
    `<text x="12" y="28" font-size="13" fill="#333">${title}</text>${panels.join("")}</svg>\n`
  );
}

function panelOf(
  document: ReturnType<typeof parseHTML>["document"],
  { title, lines }: Panel,
  rows: readonly ScaleRow[],
): ReturnType<typeof Plot.plot> {
  const points = lines.flatMap((line) =>
    rows.map((row) => ({ on: row.on, length: row.length, value: line.of(row), ...line })),
  );
  const shown = points.filter(({ value }) => value > 0);
  const values = shown.map(({ value }) => value);
  const marksOf = (on: string): Plot.Markish[] => {
    const here = shown.filter((point) => point.on === on);
    const solid = on === "fs";
    const channels = { x: "length", y: "value", stroke: "color", z: "name" } as const;
    return [
      Plot.line(here, { ...channels, strokeWidth: 1.5, strokeDasharray: solid ? "none" : "4 3" }),
      Plot.dot(here, { ...channels, r: solid ? 3 : 4.5, fill: solid ? "color" : "none" }),
    ];
  };
  const longest = Math.max(...rows.map(({ length }) => length));
  const ends = shown.filter(({ on, length }) => on === rows[0]!.on && length === longest);
  const label = { x: "length", y: "value", text: "name", fill: "color", dx: 8, textAnchor: "start" } as const;
  const low = Math.min(...values);
  const high = Math.max(...values);
  // Memory that stays the same is to look flat, not like a mountain.
  const middle = Math.sqrt(low * high);
  return Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 50,
    marginRight: 72,
    marginTop: 34,
    marginBottom: 40,
    x: {
      type: "log",
      label: "entries",
      labelArrow: "none",
      ticks: [1e3, 1e4, 1e5, 1e6, 1e7].filter((tick) => tick <= longest),
      tickFormat: (tick: number) => `10${"³⁴⁵⁶⁷"[Math.round(Math.log10(tick)) - 3]}`,
    },
    y: {
      type: "log",
      domain: [Math.min(low / 1.5, middle / 10), Math.max(high * 1.5, middle * 10)],
      label: null,
      grid: true,
      ticks: 5,
      tickFormat: (tick: number) => (Number.isInteger(Math.log10(tick)) ? tick.toLocaleString("en-US") : ""),
    },
    color: { type: "identity" },
    marks: [
      ...marksOf("fs"),
      ...marksOf("minio"),
      // The first line of each panel ends above the second, or very near to it.
      Plot.text(ends.slice(0, 1), { ...label, dy: -5 }),
      Plot.text(ends.slice(1), { ...label, dy: 5 }),
      Plot.text([title], {
        frameAnchor: "top-left",
        dy: -26,
        fontSize: 12,
        fontWeight: "bold",
        fill: "#333",
      }),
    ],
  });
}
