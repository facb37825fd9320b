// Mutations of text: they know lines, words, digits, base64 and percent-encoding.

import type { Random } from "../random.ts";
import type { Mutator } from "./bytes.ts";

const PIECES = [
  "\n",
  "\n\n",
  "\r\n",
  "\r",
  "\t",
  " ",
  "  ",
  "\u00a0",
  "\u2028",
  "\u0000",
  "\u0085",
  "\u001b[2J",
  "\ufeff",
  "\u200b",
  "\u202e",
  "\u2014",
  "\u2014 ",
  "-",
  "+",
  "=",
  "==",
  "/",
  "//",
  "\\",
  "?",
  "#",
  "&",
  ":",
  "@",
  "user:pass@",
  "%",
  "%2",
  "%2F",
  "%00",
  "%c3%28",
  "%ff",
  "%f0%9f%98%80",
  "\u{1f600}",
  "\uf8ff",
  "\u00e9",
  "e\u0301",
  "0",
  "00",
  "-1",
  "+1",
  "1e3",
  "0x10",
  "1.0",
  "9007199254740991",
  "9007199254740992",
  "18446744073709551615",
  "18446744073709551616",
  "NaN",
  "Infinity",
  "null",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../",
  "..%2f",
  "CON",
  "localhost",
  "127.0.0.1",
  "[::1]",
  "http://",
  "https://",
  "file:///",
  "rlog:",
  "s3://",
  "swarm://",
  "ipns://",
  "ipfs://",
  "bee+http://",
  "remote=",
  "floor=",
  "endpoint=",
  "gateway=",
  "<",
  ">",
  "<Key>",
  "</Key>",
  "&amp;",
  "&#0;",
  "&#x110000;",
  "&#99999999999;",
  "<![CDATA[",
  '"',
  "'",
  "{}",
  "[]",
  "{",
  "}",
  ",",
  "extra ",
  "index ",
  "c2sp.org/tlog-proof@v1",
  "remote-log/consistency@v1",
  "remote-log/v1/",
] as const;

type Way = (text: string, other: string, random: Random) => string;

function cut(text: string, random: Random): [string, string] {
  const at = random.below(text.length + 1);
  return [text.slice(0, at), text.slice(at)];
}

/** Changes one of the pieces between separators; `undefined` removes it. */
function eachPiece(
  separator: RegExp,
  change: (pieces: string[], at: number, random: Random, other: string[]) => void,
): Way {
  return (text, other, random) => {
    const pieces = text.split(separator);
    change(pieces, random.below(pieces.length), random, other.split(separator));
    return pieces.join("");
  };
}

/** Separators are kept: every second piece is one. */
const LINES = /(\n)/;
const WORDS = /([ \n:/?&=%#,"<>]+)/;

const ways: readonly Way[] = [
  // Inserts a piece that matters, or writes it over what is there.
  (text, _other, random) => {
    const [before, after] = cut(text, random);
    const piece = random.pick(PIECES);
    return before + piece + after.slice(random.oneIn(2) ? piece.length : 0);
  },
  // At the beginning or at the end, where trimming would hide it.
  (text, _other, random) => (random.oneIn(2) ? random.pick(PIECES) + text : text + random.pick(PIECES)),
  // Drops, repeats or replaces a line or a word.
  ...[LINES, WORDS].flatMap((separator) => [
    eachPiece(separator, (pieces, at) => pieces.splice(at, 1)),
    eachPiece(separator, (pieces, at) => pieces.splice(at, 2)),
    eachPiece(separator, (pieces, at, random) => {
      const times = random.oneIn(300) ? random.length(300) : 1;
      const copies = Array.from({ length: times }, () => pieces.slice(at, at + 2)).flat();
      pieces.splice(at, 0, ...copies);
    }),
    eachPiece(separator, (pieces, at, random) => {
      const to = random.below(pieces.length);
      [pieces[at], pieces[to]] = [pieces[to]!, pieces[at]!];
    }),
    eachPiece(separator, (pieces, at, random, other) => {
      pieces[at] = random.pick(other);
    }),
    eachPiece(separator, (pieces, at, random) => {
      pieces[at] = random.pick(PIECES);
    }),
  ]),
  // Changes a digit or a letter.
  (text, _other, random) => {
    const [before, after] = cut(text, random);
    return before + String.fromCharCode(33 + random.below(94)) + after.slice(1);
  },
  // Changes the case of a part, or of all.
  (text, _other, random) => {
    const [before, after] = random.oneIn(4) ? ["", text] : cut(text, random);
    return before + (random.oneIn(2) ? after.toUpperCase() : after.toLowerCase());
  },
  // Encodes a character as a URI would.
  (text, _other, random) => {
    const [before, after] = cut(text, random);
    const code = after.charCodeAt(0) & 0x7f;
    return `${before}%${code.toString(16).padStart(2, "0")}${after.slice(1)}`;
  },
  // The same bytes in another base64: other letters, no padding, bits that mean nothing.
  (text, _other, random) =>
    random.pick([
      text.replaceAll("+", "-").replaceAll("/", "_"),
      text.replaceAll("=", ""),
      text.replace(
        /(.)(=+)/,
        (_, letter: string, padding: string) => String.fromCharCode(letter.charCodeAt(0) + 1) + padding,
      ),
    ]),
  // A number in another form.
  (text, _other, random) => {
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return text;
    const { 0: digits, index } = random.pick(numbers);
    const other = random.pick([
      `0${digits}`,
      `${digits}0`,
      `-${digits}`,
      `${digits}.0`,
      `${BigInt(digits.slice(0, 30)) + 1n}`,
      `${BigInt(digits.slice(0, 30)) - 1n}`,
      "9007199254740992",
      "\u0661",
    ]);
    return text.slice(0, index) + other + text.slice(index + digits.length);
  },
  // Begins as one and continues as another.
  (text, other, random) => cut(text, random)[0] + cut(other, random)[1],
  (text, _other, random) => cut(text, random)[0],
];

/** One to three mutations of text in UTF-8. */
export const mutateText: Mutator = (seed, other, random) => {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = decoder.decode(seed);
  const rest = decoder.decode(other);
  for (let left = 1 + random.length(2); left > 0; left--) text = random.pick(ways)(text, rest, random);
  return new TextEncoder().encode(text);
};

/** The text in bytes. U+F8FF stands for half of a surrogate pair, which UTF-8 can't hold. */
export function textIn(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return text.replaceAll("\uf8ff", "\ud83d");
}
