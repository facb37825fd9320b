// Colours of charts, for light and dark.

/** Colours of series, in their order. */
const LIGHT = [
  "#1a5f9c",
  "#b3541e",
  "#1a7f5a",
  "#7a4fa3",
  "#b02a4c",
  "#7a7000",
  "#0b7c8c",
  "#8a6d5b",
  "#777777",
];
const DARK = [
  "#6fb1f0",
  "#f09a5f",
  "#55c99a",
  "#b99ce6",
  "#f0829c",
  "#cfc64a",
  "#4fc3d3",
  "#c9a994",
  "#a8a8a8",
];

/** The colour of a series. */
export function colorOf(index: number): string {
  return `var(--series-${index % LIGHT.length})`;
}

/** The style of charts and pages. */
export const STYLE: string =
  `svg.chart, body { ${variables(LIGHT, { ink: "#222222", paper: "#ffffff", faint: "#6a6a6a" })} }\n` +
  `@media (prefers-color-scheme: dark) { svg.chart, body { ${variables(DARK, { ink: "#e6e6e6", paper: "#161618", faint: "#a0a0a0" })} } }\n` +
  "svg.chart { color: var(--ink); font-family: system-ui, sans-serif; max-width: 100%; height: auto }";

function variables(series: readonly string[], others: Readonly<Record<string, string>>): string {
  const all = [...series.map((color, i) => [`series-${i}`, color]), ...Object.entries(others)];
  return all.map(([name, value]) => `--${name}: ${value}`).join("; ");
}
