import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { goalText, type Report } from "./report.ts";

/** A figure that has a goal. */
interface Row {
  readonly name: string;
  /** How the ratio stands to its goal: 1 reaches it, and more is better. */
  readonly reached: number;
  readonly met: boolean;
  readonly text: string;
}

/** What the benchmarks are called in the picture. */
const NAMES: Readonly<Record<string, string>> = {
  speed: "",
  "speed-no-native": "JavaScript alone: ",
  ipfs: "Kubo: ",
  s3: "S3: ",
  swarm: "Swarm: ",
};

/** A picture of how all ratios stand to their goals, as SVG. */
export function pictureOf(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ bench, figures }) =>
    figures.flatMap(({ name, ratioToFloor, goal, met }): Row[] => {
      if (ratioToFloor === undefined || goal === undefined || met === undefined) return [];
      const reached = "least" in goal ? ratioToFloor / goal.least : goal.most / ratioToFloor;
      const text = `${ratioToFloor.toFixed(2)} (${goalText(goal)})`;
      return [{ name: `${NAMES[bench] ?? ""}${name}`, reached, met, text }];
    }),
  );
  const { document } = parseHTML("<html><body></body></html>");
  const { date, node, cores, loadBefore } = reports[0]!.run;
  const color = ({ met }: Row): string => (met ? "#1a7f5a" : "#b3541e");
  const reached = rows.map((row) => row.reached);
  const domain = [Math.min(0.25, ...reached) / 2, 2 * Math.max(2, ...reached)] as const;
  const label = {
    x: "reached",
    y: "name",
    text: "text",
    fill: "#333",
  } as const;
  const plot = Plot.plot({
    document,
    width: 1000,
    height: 70 + 22 * rows.length,
    marginLeft: 380,
    marginBottom: 45,
    x: {
      type: "log",
      domain,
      label: `Ratio beside its goal: 1 reaches it, more is better. ${date}, Node ${node}, ${cores} cores, load ${loadBefore.toFixed(1)}`,
      labelAnchor: "center",
      labelArrow: "none",
      grid: true,
      ticks: [0.1, 0.2, 0.5, 1, 2, 5, 10].filter((tick) => domain[0] < tick && tick < domain[1]),
      tickFormat: (tick: number) => `${tick}`,
    },
    y: { domain: rows.map(({ name }) => name), label: null },
    marks: [
      Plot.ruleX([1], { stroke: "#333", strokeWidth: 1.5 }),
      Plot.ruleY(rows, { x1: 1, x2: "reached", y: "name", stroke: color, strokeWidth: 3 }),
      Plot.dot(rows, { x: "reached", y: "name", fill: color, r: 5 }),
      Plot.text(rows, { ...label, filter: ({ met }: Row) => met, dx: 10, textAnchor: "start" }),
      Plot.text(rows, { ...label, filter: ({ met }: Row) => !met, dx: -10, textAnchor: "end" }),
    ],
  });
  const svg = plot.querySelector("svg") ?? plot;
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("style", "background: white");
  return `${svg.outerHTML}\n`;
}
