// Texts of an adapter, made harmless for a terminal and a report.

/** The longest text of an adapter that is kept, in characters. */
const LONGEST = 2_000;

/** A text that somebody else wrote, for a terminal: control characters, by which it could give commands, are replaced. */
export function terminalText(text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, "\ufffd");
}

/**
 * Makes a text that an adapter or its service wrote fit for a report that others read: without what a message may have
 * picked up of credentials, of folders of this machine, and of control characters, and not without end. It finds
 * secrets by their usual forms; keeping them out of errors is the duty of the adapter.
 */
export function cleanText(text: string): string {
  const clean = terminalText(text)
    // Credentials in a URL, and what follows its question mark: signatures and tokens travel there.
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]+@/gi, "$1…@")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?"'<>]*\?)[^\s"'<>)]+/gi, "$1…")
    .replace(/\b(bearer|basic|aws4-hmac-sha256)\s+[^\s"']{8,}[^\n"']*/gi, "$1 …")
    .replace(
      /\b((?:secret|password|token|api[-_ ]?key|signature)\w*["']?\s*[:=]\s*["']?)[^\s"',;)]+/gi,
      "$1…",
    )
    // Of an absolute path the last part says which file it is.
    .replace(/(^|[\s"'`(=:])(?:file:\/\/)?(?:\/[^\s"'`()/:;,]+)+\/([^\s"'`()/:;,]+)/g, "$1…/$2")
    .replace(/(^|[\s"'`(=])(?:[A-Z]:\\|\\\\)(?:[^\s"'`()\\]+\\)+([^\s"'`()\\]+)/g, "$1…\\$2");
  return clean.length <= LONGEST ? clean : `${clean.slice(0, LONGEST)}…`;
}
