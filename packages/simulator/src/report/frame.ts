// What stands around a plot: title, conclusion, legend.

import { STYLE } from "./palette.ts";
import { escapeHtml } from "./tables.ts";

/** An entry of a legend. */
interface Legend {
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean;
}

/** A chart without its frame. */
export interface Inner {
  /** An `svg` element. */
  readonly svg: string;
  readonly height: number;
  readonly legend: readonly Legend[];
}

/** The width of every chart. */
export const WIDTH = 860;

const LEFT = 16;
const CHARACTER = 6.6;
const LEGEND_GAP = 44;

/** A whole chart, as SVG that stands by itself. */
export function framed(title: string, conclusion: string, { svg, height, legend }: Inner): string {
  const parts: string[] = [
    `<text x="${LEFT}" y="26" font-size="15" font-weight="600" fill="var(--ink)">${escapeHtml(title)}</text>`,
  ];
  let y = 26;
  for (const line of linesOf(conclusion, Math.floor((WIDTH - 2 * LEFT) / CHARACTER))) {
    y += 19;
    parts.push(`<text x="${LEFT}" y="${y}" font-size="13" fill="var(--faint)">${escapeHtml(line)}</text>`);
  }
  y += 24;
  let x = LEFT;
  for (const { name, color, dashed } of legend) {
    const width = LEGEND_GAP + name.length * CHARACTER;
    if (x + width > WIDTH - LEFT && x > LEFT) {
      x = LEFT;
      y += 19;
    }
    const dash = dashed === true ? ' stroke-dasharray="5 3"' : "";
    parts.push(
      `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" stroke="${color}" stroke-width="${dashed === true ? 2 : 6}"${dash}/>` +
        `<text x="${x + 24}" y="${y}" font-size="12" fill="var(--ink)">${escapeHtml(name)}</text>`,
    );
    x += width;
  }
  const top = y + 10;
  const total = top + height + 8;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" role="img" ` +
    `aria-label="${escapeHtml(`${title}. ${conclusion}`).replaceAll('"', "&quot;")}"><style>${STYLE}</style>` +
    `<rect width="${WIDTH}" height="${total}" fill="var(--paper)"/>${parts.join("")}` +
    `${svg.replace("<svg ", `<svg y="${top}" `)}</svg>\n`
  );
}

function linesOf(text: string, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > most && line !== "") {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
