import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonText, printable, terminalText } from "../../src/terminal/terminal-text.ts";

test("what could command a terminal is replaced, tabs and line ends stay", () => {
  expect(terminalText("a\u001b[2Jb\tc\nd\re\u0000\u007f\u009bf")).toBe(
    "a\ufffd[2Jb\tc\nd\ufffde\ufffd\ufffd\ufffdf",
  );
});

test("an error is one line, whatever text of others is in it", () => {
  expect(printable("first\n  second\tthird\u001b]0;x\u0007")).toBe("first second third\ufffd]0;x\ufffd");
});

/** What no text on a terminal may hold: commands, what changes the order, what nobody sees. Listed here a second time. */
const DECEIVING = [
  ...range(0x00, 0x08),
  ...range(0x0b, 0x1f),
  ...range(0x7f, 0x9f),
  0xad, // soft hyphen
  0x61c, // Arabic letter mark
  0x115f,
  0x180e,
  ...range(0x200b, 0x200f),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x206f),
  0x3164, // Hangul filler
  0xfeff,
  0xffa0,
  ...range(0xfff9, 0xfffb),
  ...range(0xe0000, 0xe007f), // tags
];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

test("none of the characters that deceive is left, in a text or in JSON, which stays the same value", () => {
  for (const point of DECEIVING) {
    const character = String.fromCodePoint(point);
    const text = `a${character}b`;
    const json = jsonText({ text });
    expect(terminalText(text), point.toString(16)).not.toContain(character);
    expect(terminalText(text).length, "it can be seen").toBeGreaterThanOrEqual(text.length);
    expect(json, point.toString(16)).not.toContain(character);
    expect(JSON.parse(json)).toEqual({ text });
  }
});

test("what is left out of a text is told by its number", () => {
  expect(terminalText("abc\u202e\u2066\u200b\u{e0041}")).toBe("abc<U+202E><U+2066><U+200B><U+E0041>");
  expect(jsonText("\u009b\u202e\u{e0041}")).toBe(String.raw`"\u009b\u202e\udb40\udc41"`);
});

test("what people write stays", () => {
  const text = "Grüße, 世界, مرحبا, שלום, 👍🏽, ❤️, 葛\u{e0100}, e\u0301";
  expect(terminalText(text)).toBe(text);
  expect(jsonText(text)).toBe(JSON.stringify(text));
});

test("cleaning twice is cleaning once, and JSON is equal to what went in, whatever that is", () => {
  const unit = fc.oneof(fc.constantFrom(...DECEIVING), fc.nat(0x10ffff));
  fc.assert(
    fc.property(fc.array(unit), (points) => {
      const text = String.fromCodePoint(...points);
      expect(terminalText(terminalText(text))).toBe(terminalText(text));
      expect(JSON.parse(jsonText(text))).toBe(text);
      expect(terminalText(jsonText(text))).toBe(jsonText(text));
    }),
  );
});
