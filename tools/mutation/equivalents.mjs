// Mutants that change nothing which anybody could notice. `equivalent/*.json` lists them, each with the reason; a mutant
// is named by its texts, so that an entry keeps its meaning when lines move.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../test-sets/sets.mjs";
import { describe } from "./mutations.mjs";

/**
 * @typedef {object} Equivalent
 * @property {string} file - the source, from the root of the repository
 * @property {string} line - the text of the line in which the mutant begins, trimmed
 * @property {string[]} mutants - what they are, as the tool prints it: `a < b → a <= b`
 * @property {string} because - why nobody can notice
 */

/** @returns {Equivalent[]} */
export function readEquivalents(folder = join(root, "tools/mutation/equivalent")) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}

/** The list, ready to be asked. */
export class Equivalents {
  /** @type {Map<string, { entry: Equivalent, mutant: string, used: boolean }>} */
  #byKey = new Map();

  /** @param {readonly Equivalent[]} entries */
  constructor(entries) {
    for (const entry of entries) {
      for (const mutant of entry.mutants) {
        const key = keyOf(entry.file, entry.line, mutant);
        if (this.#byKey.has(key))
          throw new Error(`${entry.file}: ${mutant} is listed twice for ${entry.line}`);
        this.#byKey.set(key, { entry, mutant, used: false });
      }
    }
  }

  /** @param {import("./mutations.mjs").Mutant} mutant */
  reasonOf(mutant) {
    return this.#byKey.get(keyOf(mutant.file, mutant.line, describe(mutant)))?.entry.because;
  }

  /**
   * What is wrong with the list, as far as these mutants tell: entries that no mutant has, and entries of which every
   * mutant is killed.
   *
   * @param {readonly import("./mutations.mjs").Mutant[]} mutants - all of some files
   * @param {(mutant: import("./mutations.mjs").Mutant) => "killed" | "survived" | undefined} verdictOf - undefined: not tried
   * @returns {string[]}
   */
  faults(mutants, verdictOf) {
    const files = new Set(mutants.map(({ file }) => file));
    const byKey = new Map();
    for (const mutant of mutants) {
      const key = keyOf(mutant.file, mutant.line, describe(mutant));
      byKey.set(key, [...(byKey.get(key) ?? []), mutant]);
    }
    const faults = [];
    for (const [key, { entry, mutant }] of this.#byKey) {
      if (!files.has(entry.file)) continue;
      const found = byKey.get(key) ?? [];
      const name = `${entry.file}, ${entry.line}: ${mutant}`;
      if (found.length === 0) faults.push(`Listed as equivalent, but there is no such mutant: ${name}`);
      else if (found.every((one) => verdictOf(one) === "killed"))
        faults.push(`Listed as equivalent, but a test notices it: ${name}`);
    }
    return faults;
  }
}

function keyOf(file, line, mutant) {
  return `${file}\n${line}\n${mutant}`;
}
