// Which small changes of a source text are tried: each is a mistake that a test should notice.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { root } from "../test-sets/sets.mjs";
import { changesOf } from "./changes.mjs";
import { plantedIn } from "./planted.mjs";

/**
 * One change of a source text.
 *
 * @typedef {object} Mutant
 * @property {string} file - from the root of the repository, with `/`
 * @property {number} start - where the expression or statement begins that is replaced
 * @property {number} end
 * @property {"expression" | "statement"} kind
 * @property {string} becomes - what stands there instead; nothing for a statement, which is left out
 * @property {number} at - the number of the line, from 1
 * @property {string} line - the text of that line, trimmed
 * @property {string} was - what stood there, in one line
 * @property {string} [test] - of a planted bug: the test file that has to fail
 */

/**
 * The mutants of a source file, and the bugs that are planted in it, in the order in which all parts of the tool count them.
 *
 * @param {string} path - from the root of the repository
 * @returns {Mutant[]}
 */
export function readMutants(path) {
  return allMutantsOf(path, readFileSync(join(root, path), "utf8"));
}

/**
 * The same, of a text.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Mutant[]}
 */
export function allMutantsOf(file, text) {
  return [...mutantsOf(file, text), ...place(file, text, plantedIn(file, text))];
}

/**
 * The mutants of a TypeScript text, in the order of the text.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Mutant[]}
 */
export function mutantsOf(file, text) {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} can't be parsed: ${errors[0].message}`);
  const found = [];
  visit(program, [], (node, ancestors) => found.push(...changesOf(node, ancestors, text)));
  return place(file, text, found).sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Adds what a person reads. */
function place(file, text, changes) {
  const starts = lineStarts(text);
  return changes.map((change) => {
    const at = starts.findLastIndex((offset) => offset <= change.start) + 1;
    const line = text.slice(starts[at - 1], starts[at] ?? text.length).trim();
    return { ...change, file, at, line, was: inOneLine(text.slice(change.start, change.end)) };
  });
}

/**
 * What a person reads of a mutant, and by what the list of equivalent mutants names it: neither changes when lines
 * are added above it.
 *
 * @param {Mutant} mutant
 */
export function describe({ was, becomes, kind }) {
  return kind === "statement" ? `${was} → nothing` : `${was} → ${inOneLine(becomes)}`;
}

/**
 * The same text with all mutants in it: `$mutant(n)` says at run time whether mutant n is the one that is tried.
 * The numbers are those of the places in `mutants`, from `first` on. No line is added, so that stack traces fit.
 *
 * @param {string} text
 * @param {readonly Mutant[]} mutants - of this text
 * @param {number} first
 */
export function withMutants(text, mutants, first) {
  const places = new Map();
  mutants.forEach((mutant, index) => {
    const key = `${mutant.start}-${mutant.end}`;
    const place = places.get(key) ?? { ...mutant, choices: [] };
    place.choices.push({ number: first + index, becomes: mutant.becomes });
    places.set(key, place);
  });
  const sorted = [...places.values()].sort((a, b) => a.start - b.start || b.end - a.end);
  let next = 0;
  const render = (start, end) => {
    let written = "";
    let at = start;
    while (next < sorted.length && sorted[next].start < end) {
      const place = sorted[next++];
      written += text.slice(at, place.start) + wrap(place, render(place.start, place.end));
      at = place.end;
    }
    return written + text.slice(at, end);
  };
  const body = render(0, text.length);
  return `const $mutant = globalThis.$mutation.isActive; ${body}`;
}

function wrap({ kind, choices }, original) {
  if (kind === "statement") return `{ if (!$mutant(${choices[0].number})) ${original} }`;
  const alternatives = choices.map(({ number, becomes }) => `$mutant(${number}) ? (${becomes}) : `);
  return `(${alternatives.join("")}(${original}))`;
}

function visit(node, ancestors, each) {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, ancestors, each);
    return;
  }
  if (node === null || typeof node !== "object") return;
  const isNode = typeof node.type === "string";
  if (isNode && isLeftOut(node)) return;
  if (isNode) each(node, ancestors);
  const inside = isNode ? [...ancestors, node] : ancestors;
  for (const child of Object.values(node)) {
    if (child !== null && typeof child === "object") visit(child, inside, each);
  }
}

/** Types, which are gone at run time, and the names of modules. */
function isLeftOut({ type, source, exportKind }) {
  if (/^TS(?!AsExpression|NonNullExpression|SatisfiesExpression|ParameterProperty)/.test(type)) return true;
  if (type === "ImportDeclaration" || type === "ExportAllDeclaration") return true;
  return type === "ExportNamedDeclaration" && (exportKind === "type" || (source ?? null) !== null);
}

function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function inOneLine(text) {
  return text.replaceAll(/\s+/g, " ").trim();
}
