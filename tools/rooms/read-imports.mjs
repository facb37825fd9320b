// What a TypeScript file imports, types included: dependency-cruiser and the like ask the compiler's classic API for
// that, which TypeScript 7 has no more (docs/decisions/0013-rooms.md).

import { readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";

/** The kinds of node that name a module, and the field that names it. */
const NAMES_MODULE = {
  ImportDeclaration: (node) => node.source,
  ExportNamedDeclaration: (node) => node.source,
  ExportAllDeclaration: (node) => node.source,
  ImportExpression: (node) => node.source,
  TSImportType: (node) => node.source ?? node.argument?.literal ?? node.argument,
  TSExternalModuleReference: (node) => node.expression,
};

/**
 * The modules that a file names in `import`, `export … from`, `import()` and `import("…").Type`, in the order of the text.
 *
 * @param {string} path
 * @returns {string[]} the specifiers as written; a specifier that is computed is left out
 */
export function readImports(path) {
  return importsOf(path, readFileSync(path, "utf8"));
}

/**
 * The same, of a text.
 *
 * @param {string} path - tells the language, by its ending
 * @param {string} text
 * @returns {string[]}
 */
export function importsOf(path, text) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} can't be parsed: ${errors[0].message}`);
  const found = new Set();
  visit(program, (node) => {
    const name = NAMES_MODULE[node.type]?.(node);
    if (typeof name?.value === "string") found.add(name.value);
  });
  return [...found];
}

function visit(node, each) {
  if (Array.isArray(node)) {
    for (const child of node) visit(child, each);
  } else if (node !== null && typeof node === "object") {
    if (typeof node.type === "string") each(node);
    for (const child of Object.values(node))
      if (child !== null && typeof child === "object") visit(child, each);
  }
}
