// Cleans text that somebody else wrote before it reaches a terminal, or whoever reads what was written.

/**
 * Characters that nobody sees and that deceive: they change the order in which others are shown, have no width, or end a
 * line in some programs only. Variation selectors stay: they belong to many emoji, and to names in Japanese.
 */
const UNSEEN = /(?!\p{Variation_Selector})[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Those, and what commands a terminal. JSON escapes some of the latter by itself. */
const UNSAFE = /(?!\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Replaces the control characters of a text, so that it can't send commands to the terminal, and shows characters that
 * nobody would see by their number: `<U+202E>`. Tabs and line ends stay.
 */
export function terminalText(text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, "\ufffd").replace(UNSEEN, shown);
}

/** A text on one line, cleaned like {@link terminalText}. */
export function printable(text: string): string {
  return terminalText(text.replace(/\s*\n\s*/g, " ").replaceAll("\t", " "));
}

/**
 * A value as JSON on one line. The same value for every program that parses it, and nothing in it commands a terminal or is
 * invisible: such characters are escaped, `\u202e`.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, escaped);
}

function shown(character: string): string {
  return `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`;
}

// A character beyond the first plane is a pair in JSON, too.
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
