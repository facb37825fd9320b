// Bugs that every test once missed. Each was planted by hand, is planted again in every sample, and a test has to notice.

import { parseSync } from "oxc-parser";

/**
 * @typedef {object} Planted
 * @property {string} file - the source, from the root of the repository
 * @property {string} was - an expression of it, as it is written there, white space aside; it is there once
 * @property {string} becomes - the bug
 * @property {string} test - the test file that has to fail
 * @property {string} because - what the bug would let happen
 */

/** @type {Planted[]} */
export const planted = [
  {
    file: "packages/core/src/tree/tree-view.ts",
    was: "!addressHoldsContentHash(address)",
    becomes: "addressHoldsContentHash(address)",
    test: "packages/core/test/tree/tree-view.test.ts",
    because: "A storage whose addresses are no SHA-256 could deliver any content.",
  },
  {
    file: "packages/core/src/writer/remote-tree.ts",
    was: "bytesEqual(rootOf(stored.levels, shape, stored.pairs.map(pairLeafHash)), root)",
    becomes: "rootOf(stored.levels, shape, stored.pairs.map(pairLeafHash)).length === root.length",
    test: "packages/core/test/writer/remote-tree.test.ts",
    because: "A writer would sign entries that it never appended.",
  },
  {
    file: "packages/core/src/tree/compare-heads.ts",
    was: '{ kind: "unverified", cause }',
    becomes: '{ kind: "older" }',
    test: "packages/core/test/tree/unreadable-states.test.ts",
    because: "A state that nobody can check would count as an older one.",
  },
  {
    file: "packages/s3/src/service/requests.ts",
    was: "next === undefined || next === from",
    becomes: "next === from",
    test: "packages/s3/test/not-s3.test.ts",
    because: "A list that ends before its end would be taken for a whole one.",
  },
];

/**
 * The planted bugs of a source, as mutants.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ start: number, end: number, kind: "expression", becomes: string, test: string }[]}
 * @throws Error if an expression is not there, or is there more than once
 */
export function plantedIn(file, text, bugs = planted) {
  const ofFile = bugs.filter((bug) => bug.file === file);
  if (ofFile.length === 0) return [];
  const { program } = parseSync(file, text);
  const nodes = [];
  collect(program, nodes);
  return ofFile.map(({ was, becomes, test }) => {
    const places = new Map(
      nodes
        .filter(({ start, end }) => compact(text.slice(start, end)) === compact(was))
        .map(({ start, end }) => [`${start}-${end}`, { start, end }]),
    );
    if (places.size !== 1) {
      throw new Error(
        `${file} holds ${places.size} times what a planted bug changes: ${was}. Change tools/mutation/planted.mjs with the source.`,
      );
    }
    return {
      ...[...places.values()][0],
      kind: "expression",
      becomes,
      test,
    };
  });
}

function collect(node, nodes) {
  if (Array.isArray(node)) {
    for (const child of node) collect(child, nodes);
  } else if (node !== null && typeof node === "object") {
    if (/(Expression|Identifier|Literal)$/.test(node.type ?? "")) nodes.push(node);
    for (const child of Object.values(node)) collect(child, nodes);
  }
}

function compact(text) {
  return text.replaceAll(/\s+/g, "");
}
