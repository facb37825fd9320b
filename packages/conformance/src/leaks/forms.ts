// What texts may hold of bytes, decoded: hexadecimal digits, base64, base32, base36, base58, lists of numbers, percent-escapes.

import { WINDOW_BYTES } from "./windows.ts";

/** How a secret was written where it was found. */
export type LeakForm =
  | "bytes"
  | "hexadecimal"
  | "base64"
  | "base32"
  | "base36"
  | "base58"
  | "numbers"
  | "percent-escapes";

/** A part of a trace that may be bytes in another form. */
export interface Decoded {
  readonly form: LeakForm;
  /** Where its text begins in the trace, in bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A form in which each character stands for some bits, so that a piece can be decoded without its beginning. */
interface BitForm {
  readonly form: LeakForm;
  readonly runs: RegExp;
  readonly bits: number;
  /** The value of a character, by its code. */
  readonly values: Uint8Array;
}

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const lower = upper.toLowerCase();
const digits = "0123456789";

// Runs are as short as 8 bytes can be in them.
const bitForms: readonly BitForm[] = [
  bitForm("hexadecimal", /[0-9a-fA-F]{16,}/g, 4, [`${digits}abcdef`, `${digits}ABCDEF`]),
  bitForm("base64", /[0-9a-zA-Z+/_-]{11,}/g, 6, [
    `${upper}${lower}${digits}+/`,
    `${upper}${lower}${digits}-_`,
  ]),
  bitForm("base32", /[a-zA-Z2-7]{13,}/g, 5, [`${upper}234567`, `${lower}234567`]),
];

/** Forms in which a whole text is one number, as in addresses and names of IPFS. Longer texts are none of them. */
const numberForms = [
  { form: "base36", alphabet: `${digits}${lower}` },
  { form: "base58", alphabet: "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz" },
] as const;
const words = /[0-9a-zA-Z]{11,}/g;
const LONGEST_NUMBER = 128;

const lists = /\d{1,3}(?:\s*,\s*\d{1,3}){7,}/g;
const escaped = /%[0-9a-fA-F]{2}/;

/** Everything in a trace that may be bytes in another form. */
export function* decodedParts(trace: Uint8Array): Generator<Decoded> {
  const text = latin(trace);
  yield* partsOf(text);
  if (!escaped.test(text)) return;
  // What is behind percent-escapes may be in one of the forms again: base64 with %2B for its plus, say.
  const unescaped = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  yield { form: "percent-escapes", offset: 0, bytes: bytesOf(unescaped) };
  for (const { bytes } of partsOf(unescaped)) yield { form: "percent-escapes", offset: 0, bytes };
}

function* partsOf(text: string): Generator<Decoded> {
  for (const { form, runs, bits, values } of bitForms) {
    for (const { 0: run, index } of text.matchAll(runs)) {
      // Which character begins a byte is not known of a run, as letters of the text around it may be part of it.
      for (let phase = 0; phase < 8 / divisor(bits); phase++) {
        yield { form, offset: index + phase, bytes: fromBits(run, phase, bits, values) };
      }
    }
  }
  for (const { 0: word, index } of text.matchAll(words)) {
    if (word.length > LONGEST_NUMBER) continue;
    for (const { form, alphabet } of numberForms) {
      // With and without a letter before it that names the form, as multibase has it.
      for (const start of [0, 1]) {
        const bytes = fromNumber(word.slice(start), alphabet);
        if (bytes !== undefined) yield { form, offset: index + start, bytes };
      }
    }
  }
  for (const { 0: list, index } of text.matchAll(lists)) {
    yield { form: "numbers", offset: index, bytes: Uint8Array.from(list.split(","), Number) };
  }
}

/** How many characters after each other begin a byte at the same bit. */
function divisor(bits: number): number {
  return bits === 5 ? 1 : bits === 6 ? 2 : 4;
}

function bitForm(form: LeakForm, runs: RegExp, bits: number, alphabets: readonly string[]): BitForm {
  const values = new Uint8Array(256);
  for (const alphabet of alphabets) {
    for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;
  }
  return { form, runs, bits, values };
}

function fromBits(run: string, start: number, bits: number, values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.floor(((run.length - start) * bits) / 8));
  let held = 0;
  let count = 0;
  let length = 0;
  for (let at = start; at < run.length; at++) {
    held = ((held << bits) | values[run.charCodeAt(at)]!) & 0xffff;
    count += bits;
    if (count < 8) continue;
    count -= 8;
    bytes[length++] = held >>> count;
  }
  return bytes;
}

/** The bytes of a number, without leading zeros; `undefined` if a character is not of its alphabet, or it is too small. */
function fromNumber(word: string, alphabet: string): Uint8Array | undefined {
  const base = BigInt(alphabet.length);
  let number = 0n;
  for (const letter of word) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return undefined;
    number = number * base + BigInt(value);
  }
  const hex = number.toString(16);
  if (hex.length <= 2 * (WINDOW_BYTES - 1)) return undefined;
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Each byte as the character of its number. */
function latin(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return pieces.join("");
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
