import { expect, test } from "vitest";
import { ByteCollector } from "../../src/adapter/byte-collector.ts";

const LARGE = 16 * 1024;

function collected(pieces: readonly Uint8Array[]): Uint8Array {
  const collector = new ByteCollector();
  for (const piece of pieces) collector.add(piece);
  return collector.bytes();
}

/** Whether a piece is kept as it is: then a later change of it is seen. */
function isKept(piece: Uint8Array): boolean {
  const collector = new ByteCollector();
  collector.add(piece);
  piece[0] = 7;
  return collector.bytes()[0] === 7;
}

test("pieces of all sizes come out in their order", () => {
  const sizes = [1, 1023, 1, LARGE, 3, 2 * LARGE, 100_000, 5];
  const all = Uint8Array.from({ length: sizes.reduce((sum, size) => sum + size) }, (_, at) => at % 251);
  let at = 0;
  const pieces = sizes.map((size) => {
    at += size;
    return all.slice(at - size, at);
  });
  // One is a small view of a large buffer.
  pieces[3] = all.subarray(1025, 1025 + LARGE);
  expect(Buffer.compare(collected(pieces), all)).toBe(0);
});

test("a large piece is not copied, unless it holds a buffer more than twice as large", () => {
  expect(isKept(new Uint8Array(LARGE))).toBe(true);
  expect(isKept(new Uint8Array(2 * LARGE).subarray(LARGE))).toBe(true);
  expect(isKept(new Uint8Array(2 * LARGE + 1).subarray(0, LARGE))).toBe(false);
  expect(isKept(new Uint8Array(LARGE - 1))).toBe(false);
});
