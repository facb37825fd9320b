// Every source file begins by saying what it is.

/** What may stand before it: the line of a program, and what TypeScript is told. */
const BEFORE = /^(?:#!.*\n|\/\/\/.*\n|\s*\n)*/;

/**
 * Says what is wrong with the beginning of a source file.
 *
 * @param {string} path
 * @param {string} text
 * @returns {string[]} a sentence, or nothing
 */
export function checkHeader(path, text) {
  const begin = text.replace(BEFORE, "");
  if (/^\/\/ \S.*(?:\n\/\/.*)*\n\n/.test(begin)) return [];
  return [`${path} does not say what it is. Begin it with a comment of a line, \`// …\`, and an empty line.`];
}
