// Which text can be signed: C2SP signed-note.

import { decodeUtf8, encodeUtf8 } from "../utf8.ts";

/** The most bytes that a signed note may have: 64 KiB. */
export const LARGEST_NOTE = 65_536;

/**
 * Reads text that was signed, or says why it can't be that: more than `largest` bytes, not UTF-8, or with a
 * control character other than newline.
 *
 * @param source - the bytes, or the text that they were read as
 * @returns the text, or the reason as the rest of a sentence
 */
export function readText(
  source: string | Uint8Array,
  largest: number,
): { readonly text: string } | { readonly fault: string } {
  if (source.length > largest) return { fault: `has more than ${largest} bytes` };
  let text: string;
  if (typeof source === "string") {
    if (/[\ud800-\udfff]/u.test(source)) return { fault: "has half of a surrogate pair" };
    if (encodeUtf8(source).length > largest) return { fault: `has more than ${largest} bytes` };
    text = source;
  } else {
    const decoded = decodeUtf8(source);
    if (decoded === undefined) return { fault: "is not UTF-8" };
    text = decoded;
  }
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return { fault: "has a control character" };
  }
  return { text };
}

/**
 * Whether a text can be the name of a key: not empty, with no white space, plus sign or control character.
 */
export function isKeyName(name: string): boolean {
  return (
    name !== "" &&
    !/[\p{White_Space}\ud800-\udfff+]/u.test(name) &&
    !("fault" in readText(name, LARGEST_NOTE))
  );
}

/** Reads decimal digits without leading zeroes; `undefined` for anything else, and for numbers over 2^53 − 1. */
export function readDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}
