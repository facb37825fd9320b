import { expect, test } from "vitest";
import { ByteCollector } from "../../src/adapter/byte-collector.ts";

const LARGE = 16 * 1024;

function collected(pieces: readonly Uint8Array[], expected?: number): Uint8Array {
  const collector = new ByteCollector(expected);
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
  // However many were expected: as many, fewer, more, none, and more than is made room for.
  for (const expected of [undefined, all.length, 1, all.length * 2, 0, 2 ** 40]) {
    expect(Buffer.compare(collected(pieces, expected), all), `${expected} expected`).toBe(0);
  }
});

test("if as many bytes come as were expected, they are put where they stay; what comes is copied all the same", () => {
  const pieces = [3000, 1000, 96].map((size, at) => new Uint8Array(size).fill(at + 1));
  const collector = new ByteCollector(4096);
  for (const piece of pieces) collector.add(piece);
  const expected = Buffer.concat(pieces);
  for (const piece of pieces) piece.fill(9);
  const content = collector.bytes();
  expect([Buffer.compare(content, expected), content.buffer.byteLength]).toEqual([0, 4096]);
  // Put there at once, and not copied into it in the end.
  const one = new ByteCollector(4096);
  one.add(new Uint8Array(4096));
  expect(one.bytes().buffer).toBe(one.bytes().buffer);
});

test("what is returned has the memory of its bytes, whether as many were expected or not", () => {
  for (const expected of [undefined, 1, 10, 11, 5000]) {
    const content = collected([new Uint8Array(10)], expected);
    expect([content.length, content.buffer.byteLength], `${expected} expected`).toEqual([10, 10]);
  }
  expect(collected([], 100)).toEqual(new Uint8Array(0));
});

test("a large piece is not copied, unless it holds a buffer more than twice as large", () => {
  expect(isKept(new Uint8Array(LARGE))).toBe(true);
  expect(isKept(new Uint8Array(2 * LARGE).subarray(LARGE))).toBe(true);
  expect(isKept(new Uint8Array(2 * LARGE + 1).subarray(0, LARGE))).toBe(false);
  expect(isKept(new Uint8Array(LARGE - 1))).toBe(false);
});
