// Tables as text and as HTML.

import type { Table } from "../experiments/run.ts";

/** A table in Markdown, with its columns in line. */
export function textTable({ head, rows }: Table): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]!.length)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [lineOf(head), lineOf(widths.map((width) => "-".repeat(width))), ...rows.map(lineOf)].join("\n");
}

/** A table in HTML. */
export function htmlTable({ head, rows }: Table): string {
  const rowOf = (cells: readonly string[], tag: "td" | "th"): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return (
    `<div class="wide"><table><thead>${rowOf(head, "th")}</thead>` +
    `<tbody>${rows.map((row) => rowOf(row, "td")).join("")}</tbody></table></div>`
  );
}

/** Text for HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
