import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { SoakReport } from "./report.ts";

const COLORS: Readonly<Record<string, string>> = {
  killed: "#c0392b",
  frozen: "#2c6fbb",
  full: "#b8860b",
  lying: "#7d3c98",
  emptied: "#444444",
  "set back": "#117a65",
};

/** How far each remote lags behind the writer over time, and what befell it: as SVG. */
export function soakPictureOf({ run, rate, seconds, samples, windows, labels, readers }: SoakReport): string {
  const { document } = parseHTML("<html><body></body></html>");
  const [width, height, top] = [920, 170, 56];
  const lines = [...labels, ...readers.map(({ name }) => name)];
  const most = Math.max(1, ...samples.map(({ lag }) => lag));
  const panels = lines.map((label, i) => {
    const here = windows.filter((window) => window.label === label);
    const plot = Plot.plot({
      document,
      width,
      height,
      marginLeft: 70,
      marginTop: 30,
      marginBottom: i === lines.length - 1 ? 34 : 18,
      x: {
        domain: [0, Math.max(seconds, ...samples.map(({ at }) => at))],
        label: i === lines.length - 1 ? "seconds" : null,
        labelArrow: "none",
      },
      y: {
        type: "symlog",
        domain: [0, most],
        label: null,
        ticks: [0, 10, 100, 1000, 10000].filter((tick) => tick <= most),
        grid: true,
      },
      color: { type: "identity" },
      marks: [
        Plot.rect(here, {
          x1: "from",
          x2: "to",
          y1: 0,
          y2: most,
          fill: ({ trouble }) => COLORS[trouble],
          fillOpacity: 0.18,
        }),
        Plot.text(here, {
          x: "from",
          y: most,
          text: "trouble",
          fill: ({ trouble }) => COLORS[trouble],
          textAnchor: "start",
          dx: 3,
          dy: 8,
          fontSize: 10,
        }),
        Plot.line(
          samples.filter((sample) => sample.label === label),
          { x: "at", y: "lag", stroke: "#1a5f9c", strokeWidth: 1.4 },
        ),
        Plot.text([`${label}: entries that it lacks`], {
          frameAnchor: "top-left",
          dy: -20,
          fontSize: 12,
          fontWeight: "bold",
          fill: "#333",
        }),
      ],
    });
    const svg = plot.querySelector("svg") ?? plot;
    svg.setAttribute("x", "0");
    svg.setAttribute("y", String(top + i * height));
    return svg.outerHTML;
  });
  const title = `One log on four places at ${rate} appends/s, two copies wanted; each place in trouble in turn. ${run.date}, Node ${run.node}, ${run.cores} cores.`;
  const all = top + lines.length * height;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${all}" viewBox="0 0 ${width} ${all}" ` +
    `font-family="system-ui, sans-serif" style="background: white">` +
    `<text x="12" y="28" font-size="13" fill="#333">${title}</text>${panels.join("")}</svg>\n`
  );
}
