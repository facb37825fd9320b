import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seedFromWords, seedToWords } from "../../src/words/index.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const refusal = (part: string): unknown =>
  expect.objectContaining({
    code: "ERR_INVALID_INPUT",
    reason: "words",
    message: expect.stringContaining(part),
  });

// The vectors of BIP-39 for 256 bits of entropy.
test.each([
  ["00".repeat(32), `${"abandon ".repeat(23)}art`],
  [
    "7f".repeat(32),
    `${"legal winner thank year wave sausage worth useful ".repeat(2)}legal winner thank year wave sausage worth title`,
  ],
  ["ff".repeat(32), `${"zoo ".repeat(23)}vote`],
  [
    "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
    "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
  ],
])("the seed %s has the words of the standard, and comes back from them", (seed, words) => {
  expect(seedToWords(hex(seed))).toBe(words);
  expect(seedFromWords(words)).toEqual(hex(seed));
});

test("every seed comes back, whatever stands between the words, in upper case too", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      const words = seedToWords(seed);
      expect(seedFromWords(words)).toEqual(seed);
      expect(seedFromWords(`\n ${words.toUpperCase().replaceAll(" ", " \t\n")} `)).toEqual(seed);
    }),
    { numRuns: runs(30, 500) },
  );
});

test("what stands for no seed is refused, and says why without a word of it", () => {
  const words = seedToWords(hex("12".repeat(32))).split(" ");
  expect(() => seedFromWords(words.slice(1).join(" "))).toThrow(
    refusal("there are 23 of them, and a seed has 24"),
  );
  expect(() => seedFromWords("")).toThrow(refusal("there are 0 of them"));
  expect(() => seedFromWords(words.with(6, "remotelog").join(" "))).toThrow(
    refusal("word 7 is not in the English list"),
  );
  const twice = words.with(6, "remotelog").with(23, "x").join(" ");
  expect(() => seedFromWords(twice)).toThrow(refusal("words 7, 24 are not in the English list"));
  const exchanged = [words[1], words[0], ...words.slice(2)].join(" ");
  const checks = [twice, exchanged];
  expect(() => seedFromWords(exchanged)).toThrow(refusal("they do not belong together"));
  for (const text of checks) {
    let said = "";
    try {
      seedFromWords(text);
    } catch (error) {
      said = String(error) + String((error as Error).cause);
    }
    for (const word of new Set(words.filter((one) => one.length > 4))) expect(said).not.toContain(word);
  }
  expect(() => seedFromWords(5 as never)).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
  expect(() => seedToWords(new Uint8Array(16))).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_INPUT", operation: "seed.to-words" }),
  );
});
