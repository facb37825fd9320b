// Text as UTF-8 (Unicode §3.9, as the WHATWG Encoding Standard decodes it), by code of our own: on some runtimes the text
// decoder ignores `fatal`, and others have none. A runtime that can't decode must not make a sound head look forged.

/** What stands for bytes that are not UTF-8. */
const REPLACEMENT = 0xfffd;

/**
 * A text as UTF-8.
 *
 * @throws TypeError if it has half of a surrogate pair: UTF-8 can't encode that, and two texts must not become the same bytes
 */
export function encodeUtf8(text: string): Uint8Array {
  // A code unit of UTF-16 needs at most three bytes; a pair of them needs four.
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code >= 0xd800 && code <= 0xdfff) {
      throw new TypeError(`UTF-8 can't encode the text: it has half of a surrogate pair, at ${i}.`);
    }
    if (code > 0xffff) i++;
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes[length++] = more === 0 ? code : ((0xff00 >> (more + 1)) & 0xff) | (code >> (6 * more));
    for (let shift = 6 * (more - 1); shift >= 0; shift -= 6)
      bytes[length++] = 0x80 | ((code >> shift) & 0x3f);
  }
  return bytes.slice(0, length);
}

/**
 * The text that bytes are in UTF-8; `undefined` if they are not UTF-8. A byte order mark is part of the text, so that each
 * text has one encoding.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return decode(bytes, undefined);
}

/**
 * The text that bytes are in UTF-8, for people and for answers of services: what is not UTF-8 becomes U+FFFD, and a byte order
 * mark in front is left out.
 */
export function decodeUtf8Loosely(bytes: Uint8Array): string {
  const text = decode(bytes, REPLACEMENT)!;
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function decode(bytes: Uint8Array, replacement: number | undefined): string | undefined {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i++]!;
    // How many bytes follow; -1 if none begins like this.
    let more = first < 0x80 ? 0 : first < 0xc2 || first > 0xf4 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let code = more > 0 ? first & (0x3f >> more) : first;
    // The second byte has bounds of its own: no code in more bytes than it needs, no surrogate, nothing above U+10FFFF.
    let least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    let most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    for (; more > 0 && bytes[i]! >= least && bytes[i]! <= most; more--) {
      code = (code << 6) | (bytes[i++]! & 0x3f);
      least = 0x80;
      most = 0xbf;
    }
    if (more !== 0) {
      if (replacement === undefined) return undefined;
      code = replacement;
    }
    text += String.fromCodePoint(code);
  }
  return text;
}
