// Texts of services, made fit for a message: on one line, short, and without secrets.

/** Longest text that is passed on, in characters. */
const LONGEST_TEXT = 300;

/** Longer than any word, name or number: session tokens, signatures. */
const TOKEN = /[\w+/=%-]{75,}/g;

/** User and password in a URL. */
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@"'<>]+@/gi;

/** A credential as an HTTP header has it. */
const SCHEME = /\b(bearer|basic|digest|aws4-hmac-sha256)(\s+)[^\s"',;)]+/gi;

/** A value under a name that says what it is: `secretAccessKey=…`, `"token": "…"`, `x-api-key: …`. */
const NAMED =
  /((?:signature|credential|token|secret|authorization|passw(?:or)?d|passphrase|api[-_ ]?key|access[-_ ]?key)[\w-]{0,40}["']?\s{0,3}[=:]\s{0,3}["']?)(?!(?:bearer|basic|digest|aws4-hmac-sha256)\s)[^\s"',;&)]+/gi;

/**
 * A text that came from a service, for a message: on one line, of at most 300 characters, without control characters for a
 * terminal, and without what may be a key, a token or a signature by its name, its form or its length. A secret that looks
 * like any other word stays: so give no text to this that may quote one.
 */
export function cleanText(text: string): string {
  const clean = text
    .replaceAll(/\p{C}+/gu, " ")
    .replaceAll(URL_CREDENTIALS, "$1…@")
    .replaceAll(SCHEME, "$1$2…")
    .replaceAll(NAMED, "$1…")
    .replaceAll(TOKEN, "…");
  // Not between the halves of a character that has two.
  return clean.length <= LONGEST_TEXT
    ? clean
    : `${clean.slice(0, LONGEST_TEXT - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
