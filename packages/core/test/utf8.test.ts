import { runs } from "@remote-log/test-kit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, decodeUtf8Loosely, encodeUtf8 } from "../src/utf8.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loose = new TextDecoder();

/** What the platform's own decoder says, which is strict as it should be on Node.js. */
function platformSays(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes at which sequences begin, end and go wrong. */
const edges = [
  ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed],
  ...[0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff, 0xbb, 0xfe],
];
const anyBytes = fc.array(fc.oneof(fc.constantFrom(...edges), fc.nat(255)), { maxLength: 24 });

const anyCode = fc
  .oneof(fc.nat(0x10ffff), fc.nat(0x7ff), fc.nat(0x7f))
  .filter((code) => code < 0xd800 || code > 0xdfff);

/** Of some bytes, whether our strict and our loose decoder say what the platform's say. */
function isSame(bytes: Uint8Array): boolean {
  return decodeUtf8(bytes) === platformSays(bytes) && decodeUtf8Loosely(bytes) === loose.decode(bytes);
}

test("whatever the bytes, the verdict and the text are those of the platform's strict and loose decoders", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(isSame(Uint8Array.from(bytes))).toBe(true);
    }),
    { numRuns: runs(3_000, 200_000) },
  );
});

test("so they are for sequences of two bytes, and of three and four, at the edges of what is allowed", () => {
  const others: number[][] = [];
  const compare = (...bytes: number[]): void => {
    if (!isSame(Uint8Array.from(bytes))) others.push(bytes);
  };
  for (let first = 0; first < 256; first++) for (const second of edges) compare(first, second);
  for (const first of edges.filter((byte) => byte >= 0xe0)) {
    for (const second of edges) {
      for (const third of edges) {
        compare(first, second, third);
        compare(first, second, third, 0xbf);
        compare(first, second, third, 0x41);
      }
    }
  }
  expect(others).toEqual([]);
});

test("a text is encoded as the platform does it, and read back as it was", () => {
  fc.assert(
    fc.property(fc.array(anyCode, { maxLength: 20 }), (codes) => {
      const text = String.fromCodePoint(...codes);
      const bytes = encodeUtf8(text);
      expect(bytes).toEqual(new Uint8Array(new TextEncoder().encode(text)));
      expect(decodeUtf8(bytes)).toBe(text);
    }),
    { numRuns: runs(200, 20_000) },
  );
  for (const code of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff]) {
    const text = String.fromCodePoint(code);
    expect(encodeUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
    expect(decodeUtf8(encodeUtf8(text))).toBe(text);
  }
});

test("half of a surrogate pair is encoded by nobody, wherever it is, and decoded from no bytes", () => {
  for (const text of ["\ud800", "a\udc00", "\udc00\ud800", "\ud83d\ud83d\ude00", "\ude00\ud83d"]) {
    expect(() => encodeUtf8(text)).toThrow(TypeError);
  }
  for (let half = 0xd800; half <= 0xdfff; half++) {
    const bytes = Uint8Array.of(0xe0 | (half >> 12), 0x80 | ((half >> 6) & 0x3f), 0x80 | (half & 0x3f));
    expect(decodeUtf8(bytes)).toBeUndefined();
  }
});
