// The page of the docs: its tables and charts are those of a run.

import type { Section } from "../experiments/run.ts";
import { textTable } from "./tables.ts";

/**
 * The page with the tables of the sections in place of those that it has, each between two marks: `<!-- table: coin -->` and
 * `<!-- end -->`.
 *
 * @throws Error if the page has no place for a section
 */
export function withTables(page: string, sections: readonly Section[]): string {
  let result = page;
  for (const { id, tables } of sections) {
    const begin = `<!-- table: ${id} -->`;
    const from = result.indexOf(begin);
    const to = result.indexOf("<!-- end -->", from);
    if (from < 0 || to < 0) throw new Error(`The page has no place for the table of ${id}.`);
    result = `${result.slice(0, from + begin.length)}\n\n${tables.map(textTable).join("\n\n")}\n\n${result.slice(to)}`;
  }
  return result;
}
