// The entry `@remote-log/core/words`: a seed as 24 words, to write down and to come back from (BIP-39).

import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { copySeed } from "../crypto/signing-key.ts";
import { InvalidInputError } from "../errors/index.ts";
import { checkArgument } from "../options/check-option-types.ts";
import { text as aText } from "../options/option-kinds.ts";

/** How many words stand for a seed. */
const WORDS = 24;

const known: ReadonlySet<string> = new Set(wordlist);

/**
 * The 24 English words that stand for a seed, with single spaces between them. Whoever has them can write the log, as with the
 * seed itself. The last word is in part a checksum of the others.
 *
 * @param seed - 32 bytes
 * @throws InvalidInputError `ERR_INVALID_INPUT` if the seed does not have 32 bytes
 *
 * @example
 * ```ts
 * import { generateSeed } from "@remote-log/core";
 * import { seedFromWords, seedToWords } from "@remote-log/core/words";
 *
 * const seed = generateSeed();
 * const words = seedToWords(seed); // on paper, in a safe place
 * console.log(words.split(" ").length, seedFromWords(words).length); // 24 32
 * ```
 */
export function seedToWords(seed: Uint8Array): string {
  return entropyToMnemonic(copySeed(seed, "seed.to-words"), wordlist);
}

/**
 * The seed for which 24 words stand. Upper case, and white space between and around the words, do not matter. Errors repeat no word
 * that is in the list.
 *
 * @throws InvalidInputError `ERR_INVALID_INPUT` with the reason `"words"` if they are not 24, if one is not in the list (the
 * message says which, by its place), or if they do not belong together
 */
export function seedFromWords(text: string): Uint8Array {
  checkArgument(text, aText, { name: "The words", operation: "seed.from-words" });
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length !== WORDS) throw refused(`there are ${words.length} of them, and a seed has ${WORDS}`);
  const wrong = words.flatMap((word, i) => (known.has(word) ? [] : [i + 1]));
  if (wrong.length > 0) throw refused(`${named(wrong)} not in the English list of BIP-39`);
  try {
    return mnemonicToEntropy(words.join(" "), wordlist);
  } catch {
    // Every word is in the list: what is left is the checksum. The cause could repeat them.
    throw refused(
      "they do not belong together: one of them is another word of the list, or two are exchanged",
    );
  }
}

function named(places: readonly number[]): string {
  return places.length === 1 ? `word ${places[0]} is` : `words ${places.join(", ")} are`;
}

function refused(why: string): InvalidInputError {
  return new InvalidInputError(
    `These words stand for no seed: ${why}. Compare them with what was written down.`,
    {
      operation: "seed.from-words",
      reason: "words",
    },
  );
}
