import { expect, test } from "vitest";
import { defaultSettings, type GenesisSettings } from "../../src/log/genesis.ts";
import { largestContentIn, storedBytes } from "../../src/log/sealed-size.ts";

const kinds: readonly (readonly [string, GenesisSettings, number])[] = [
  ["public", { ...defaultSettings, visibility: "public" }, 0],
  ["private", { ...defaultSettings, padding: undefined }, 48],
  ["private, not padded", { ...defaultSettings, padding: "none" }, 16],
];

test.each(kinds)(
  "%s: the largest content is the one of which the next would not fit",
  (_, settings, least) => {
    expect(storedBytes(0, settings)).toBe(least);
    expect(largestContentIn(least - 1, settings)).toBe(-1);
    for (let stored = least; stored < 400; stored++) {
      const largest = largestContentIn(stored, settings);
      expect(storedBytes(largest, settings)).toBeLessThanOrEqual(stored);
      expect(storedBytes(largest + 1, settings)).toBeGreaterThan(stored);
    }
  },
);

test("a public content is stored as it is, a private one with 16 bytes more, and padded to 32 at least", () => {
  const [open, sealed, bare] = kinds.map(([, settings]) => settings);
  expect([0, 1, 500].map((content) => storedBytes(content, open!))).toEqual([0, 1, 500]);
  expect([0, 31, 32, 500].map((content) => storedBytes(content, sealed!))).toEqual([48, 48, 52, 528]);
  expect([0, 1, 500].map((content) => storedBytes(content, bare!))).toEqual([16, 17, 516]);
});
