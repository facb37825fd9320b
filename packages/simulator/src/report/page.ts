// The report as a page of HTML that needs nothing else.

import type { Section } from "../experiments/run.ts";
import { drawChart } from "./charts.ts";
import { STYLE } from "./palette.ts";
import { escapeHtml, htmlTable } from "./tables.ts";

const PAGE_STYLE = `
:root { color-scheme: light dark }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink) }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid color-mix(in srgb, var(--faint) 40%, transparent); white-space: nowrap }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left }
figure { margin: 1.5rem 0 }
nav a { margin-right: 1.2rem }`;

/** The page. */
export function reportPage(sections: readonly Section[], of: string): string {
  const parts = sections.map(
    ({ id, title, what, tables, charts }) =>
      `<section id="${id}"><h2>${escapeHtml(title)}</h2><p>${escapeHtml(what)}</p>${tables.map(htmlTable).join("")}` +
      `${charts.map((chart) => `<figure>${drawChart(chart)}</figure>`).join("")}</section>`,
  );
  const links = sections.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`).join("");
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>What a remote log saves</title><style>${STYLE}${PAGE_STYLE}</style></head><body>` +
    `<h1>What a remote log saves</h1><p>${escapeHtml(of)}</p><nav>${links}</nav>${parts.join("")}</body></html>\n`
  );
}
