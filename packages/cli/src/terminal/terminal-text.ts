// Cleans text that somebody else wrote before it reaches a terminal.

/**
 * Replaces the control characters of a text, so that it can't send commands to the terminal. Tabs and line ends stay.
 */
export function terminalText(text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, "\ufffd");
}

/** A text on one line, cleaned like {@link terminalText}. */
export function printable(text: string): string {
  return terminalText(text.replace(/\s*\n\s*/g, " ").replaceAll("\t", " "));
}
