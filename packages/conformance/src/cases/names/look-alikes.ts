// Names that adapters fold into one when they make a key, a path or a URL of them. One table per kind of folding: the
// names of a table have to stay as many names as there are, or be refused.

import type { ConformanceCase } from "../../case.ts";
import { distinct } from "./hostile-names.ts";

/** Every printable ASCII character that is neither a letter nor a digit. */
const PUNCTUATION = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".split("");

/** How keys and paths write a character that they can't hold, with the character to fill in and its code as hex. */
const ESCAPES: readonly ((hex: string) => string)[] = [
  (hex) => `%${hex.toUpperCase()}`,
  (hex) => `%${hex.toLowerCase()}`,
  (hex) => `%25${hex.toUpperCase()}`,
  (hex) => `_${hex.toLowerCase()}`,
  (hex) => `_${hex.toUpperCase()}`,
  (hex) => `_${hex.toUpperCase()}_`,
  (hex) => `-${hex.toLowerCase()}`,
  (hex) => `=${hex.toUpperCase()}`,
  (hex) => `~${hex.toLowerCase()}`,
  (hex) => `\\x${hex.toLowerCase()}`,
  (hex) => `\\u00${hex.toLowerCase()}`,
  (hex) => `&#x${hex.toLowerCase()};`,
];

/** Characters that adapters escape most often: separators, and what escapes are written with. */
const ESCAPED = ["/", ":", "%", "_"];

const HEX = "0123456789abcdef".repeat(4);
/** The SHA-256 of the text "look-alike" as hex: the key of an adapter that hashes some of its names. */
const HASH_OF_LOOK_ALIKE = "1d95e4e5fab39149447f54dfe084891b2081c3f7d5900f0c23df284c7b6519dd";

/** Names that are easily taken for one another. */
export const lookAlikeNameCases: readonly ConformanceCase[] = [
  distinct("NS-NAME-11", "that differ in one punctuation mark", [
    ...PUNCTUATION.map((character) => `a${character}b`),
    "ab",
    "a__b",
    "a--b",
    "a..b",
  ]),
  distinct("NS-NAME-12", "with a character and with its escape", [
    // Each once: "%25" is the escape of "%" in two ways.
    ...new Set(
      ESCAPED.flatMap((character) => {
        const hex = character.charCodeAt(0).toString(16);
        return [`a${character}b`, ...ESCAPES.map((escaped) => `a${escaped(hex)}b`)];
      }),
    ),
    // The escapes of JSON Pointer, and doubling.
    "a~0b",
    "a~1b",
    "a//b",
    "a%%b",
    "a__b",
  ]),
  distinct("NS-NAME-13", "of 4,096 to 70,000 characters that differ only at one end", [
    ...[4096, 4097, 5000, 8193, 65_537, 70_000].flatMap((length) => {
      const same = "n".repeat(length - 1);
      return [`${same}a`, `${same}b`, `a${same}`];
    }),
  ]),
  distinct("NS-NAME-14", "of hexadecimal digits that differ in case or in length", [
    HEX,
    HEX.toUpperCase(),
    `${HEX.slice(0, 63)}F`,
    `A${HEX.slice(1)}`,
    HEX.slice(0, 63),
    HEX.slice(1),
    `${HEX}0`,
    `0${HEX}`,
    `0x${HEX}`,
    "0".repeat(63),
    "0".repeat(64),
    "0".repeat(65),
    "look-alike",
    HASH_OF_LOOK_ALIKE,
    HASH_OF_LOOK_ALIKE.toUpperCase(),
  ]),
  distinct("NS-NAME-15", "whose characters look alike", [
    ...["a/b", "a\uff0fb", "a\u2044b", "a:b", "a\uff1ab", "a\ua789b"],
    ...["a b", "a\u00a0b", "a\u3000b", "a\u2003b", "ab", "a\u200bb", "a\u00adb", "a\u2060b"],
    ...["a-b", "a\u2010b", "a\u2013b", "a\u2212b", "a'b", "a\u2019b", "a\u2032b", "a.b", "a\u2024b"],
    ...["2", "\u00b2", "\u2461", "\uff12", "\u0662", "e", "\u00e9", "\u0435", "o", "\u00f8", "\uff4f"],
  ]),
];
