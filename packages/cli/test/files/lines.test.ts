import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines, readWhole } from "../../src/files/lines.ts";

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut > bytes.length || cut < start) continue;
    yield bytes.slice(start, cut);
    start = cut;
  }
  yield bytes.slice(start);
}

async function linesOf(bytes: Uint8Array, cuts: readonly number[], longest = 1000): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of readLines(inPieces(bytes, cuts), longest)) {
    for (const line of batch) lines.push(Buffer.from(line).toString("latin1"));
  }
  return lines;
}

test("lines are the same wherever the input is cut", async () => {
  const character = fc.constantFrom(0x0a, 0x0d, 0x61, 0x00, 0xff);
  await fc.assert(
    fc.asyncProperty(
      fc.array(character, { maxLength: 40 }),
      fc.array(fc.nat(40), { maxLength: 10 }),
      async (values, cuts) => {
        const text = Buffer.from(values).toString("latin1");
        const expected = text
          .split("\n")
          .map((line, i, all) => (i < all.length - 1 ? line.replace(/\r$/, "") : line));
        if (expected.at(-1) === "") expected.pop();
        expect(await linesOf(Uint8Array.from(values), cuts)).toEqual(expected);
      },
    ),
  );
});

test("a line of the greatest length passes with either ending, and one byte more is refused", async () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const text of ["abcd", "abcd\n", "abcd\r\n"])
    expect(await linesOf(bytes(text), [2], 4)).toEqual(["abcd"]);
  for (const text of ["abcde", "abcde\n", "abcde\r\n", "abcd\r"]) {
    await expect(linesOf(bytes(text), [2], 4)).rejects.toThrow("at most 4 bytes");
  }
});

test("an input that is one entry keeps its line endings, and is refused once it is too long", async () => {
  const input = Uint8Array.of(0x0a, 0x0d, 0x0a, 0x61);
  expect(await readWhole(inPieces(input, [1, 2]), 4)).toEqual(Buffer.from(input));
  await expect(readWhole(inPieces(input, [1, 2]), 3)).rejects.toThrow("at most 3 bytes");
});
