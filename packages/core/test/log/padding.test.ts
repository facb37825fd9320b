import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Padding } from "../../src/log/genesis.ts";
import { paddedBytes, paddingOf, unpad } from "../../src/log/padding.ts";

const LARGEST = 16 * 2 ** 20 - 16;

function pad(content: Uint8Array, padding: Padding): Uint8Array {
  return Uint8Array.of(...content, ...paddingOf(paddedBytes(content.length, padding) - content.length));
}

describe("Padmé", () => {
  // Worked out by hand from the paper: E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1, the last E − S bits are zero. L includes the end mark.
  test.each([
    [0, 32],
    [31, 32],
    [32, 36], // L = 33: E = 5, S = 3, steps of 4
    [35, 36],
    [36, 40],
    [99, 104], // L = 100: E = 6, S = 3, steps of 8
    [255, 256],
    [256, 272], // L = 257: E = 8, S = 4, steps of 16
    [999, 1024], // L = 1000: E = 9, S = 4, steps of 32
    [1_000_000, 1_015_808], // L = 1,000,001: E = 19, S = 5, steps of 16,384
    [LARGEST - 1, LARGEST],
    [LARGEST - 100_000, LARGEST],
  ])("pads %i bytes to %i", (content, padded) => {
    expect(paddedBytes(content, "padme")).toBe(padded);
  });

  test("costs at most 12 %, and hides all but a few lengths of an order of magnitude", () => {
    const seen = new Set<number>();
    let most = 0;
    for (let content = 32; content < 2 ** 16; content++) {
      const padded = paddedBytes(content, "padme");
      most = Math.max(most, padded / (content + 1));
      seen.add(padded);
    }
    expect(most).toBeLessThanOrEqual(1.12);
    expect(seen.size).toBeLessThan(160);
  });
});

test("what is padded comes back, and nothing else does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom("padme", "none"), (content, padding) => {
      const padded = pad(content, padding);
      expect(padded.length).toBe(paddedBytes(content.length, padding));
      expect(unpad(padded, padding)).toEqual(content);
    }),
    { numRuns: runs(200, 5000) },
  );
});

test("a content that leaves no room for zeros comes back whole; without padding nothing is added or copied", () => {
  for (const length of [31, 35]) {
    const content = new Uint8Array(length).fill(7);
    expect(unpad(pad(content, "padme"), "padme")).toEqual(content);
    expect(pad(content, "none")).toHaveLength(length);
    expect(unpad(content, "none")).toBe(content);
  }
});

test.each([
  ["nothing", []],
  ["zeros alone", new Array<number>(32).fill(0)],
  ["no end mark", [...new Array<number>(31).fill(0), 1]],
  ["too few zeros", [1, 0x80]],
  ["too many zeros", [1, 0x80, ...new Array<number>(34).fill(0)]],
])("%s is no padded content", (_what, bytes) => {
  expect(unpad(Uint8Array.from(bytes), "padme")).toBeUndefined();
});
