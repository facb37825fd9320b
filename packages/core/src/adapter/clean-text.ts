const LONGEST_TEXT = 300;

/** What is longer than any word, name or number: session tokens, signatures. */
const TOKEN = /[\w+/=%-]{75,}/g;

/**
 * A text that came from a service, for a message: of a length that can be read, without control characters for a
 * terminal, and without what may be a key, a token or a signature.
 */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, " ")
    .replaceAll(/(signature|credential|token|secret|authorization|password)(["']?\s*[=:]\s*)\S+/gi, "$1$2…")
    .replaceAll(TOKEN, "…")
    .slice(0, LONGEST_TEXT);
}
