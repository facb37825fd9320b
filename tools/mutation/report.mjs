// What a run prints.

import { describe } from "./mutations.mjs";

/**
 * What is known of a room.
 *
 * @typedef {object} Row
 * @property {import("./rooms.mjs").Room} room
 * @property {import("./mutations.mjs").Mutant[]} mutants
 * @property {Map<number, import("./sessions.mjs").Verdict>} verdicts
 * @property {import("./equivalents.mjs").Equivalents} equivalents
 */

/** The mutants of a room that no test noticed and that are not listed as equivalent. */
export function printSurvivors({ mutants, verdicts, equivalents }) {
  let last = "";
  for (const [number, { verdict }] of [...verdicts].sort(([a], [b]) => a - b)) {
    const mutant = mutants[number];
    if (verdict !== "survived" || equivalents.reasonOf(mutant) !== undefined) continue;
    const place = `${mutant.file}:${mutant.at}  ${mutant.line}`;
    if (place !== last) process.stdout.write(`${place}\n`);
    process.stdout.write(`    ${describe(mutant)}\n`);
    last = place;
  }
}

/**
 * Prints the table of the rooms.
 *
 * @param {Row[]} rows
 * @returns {boolean} whether every room holds its bar
 */
export function printReport(rows) {
  let held = true;
  const line = (...cells) =>
    process.stdout.write(
      `${cells.map((cell, at) => (at === 0 ? cell.padEnd(16) : String(cell).padStart(11))).join("")}\n`,
    );
  line("room", "mutants", "tried", "killed", "survived", "equivalent", "rate", "bar");
  for (const { room, mutants, verdicts, equivalents } of rows) {
    const count = { killed: 0, survived: 0, equivalent: 0 };
    for (const [number, { verdict }] of verdicts) {
      const listed = verdict === "survived" && equivalents.reasonOf(mutants[number]) !== undefined;
      count[listed ? "equivalent" : verdict]++;
    }
    const judged = count.killed + count.survived;
    const rate = judged === 0 ? 1 : count.killed / judged;
    if (rate < room.bar) held = false;
    const percent = (share) => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
    line(
      room.name,
      mutants.length,
      verdicts.size,
      count.killed,
      count.survived,
      count.equivalent,
      percent(rate),
      percent(room.bar),
    );
  }
  return held;
}
