/**
 * A text that somebody else wrote, for a terminal: control characters, by which it could give commands, are replaced.
 * Tabs and line ends stay.
 */
export function terminalText(text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, "\ufffd");
}
